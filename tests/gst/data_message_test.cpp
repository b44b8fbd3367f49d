// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/data_message.h"

#include <string>

#include "tests/check.h"

using gst::DataMessage;
using Octets = std::vector<std::uint8_t>;

START_TEST(a_message_is_read_as_it_was_written) {
    const Octets bytes{0, 1, 255};
    const std::string label(gst::data_label_bytes_max, 'l');
    for (const DataMessage& message :
         {DataMessage{"chat", "json", true, bytes}, DataMessage{"", "", true, {}},
          DataMessage{label, label, true, bytes}}) {
        const auto text = encode(message);
        const auto read = gst::decode_data_message(text, true);
        ck_assert(read.has_value());
        ck_assert(read->label == message.label && read->protocol == message.protocol && read->binary);
        ck_assert((Octets{read->bytes.begin(), read->bytes.end()} ==
                   Octets{message.bytes.begin(), message.bytes.end()}));
    }
}
END_TEST

START_TEST(what_is_cut_short_or_too_long_is_refused) {
    const auto whole = encode(DataMessage{"chat", "json", false, {}});
    for (std::size_t size = 0; size < whole.size(); ++size)
        ck_assert(!gst::decode_data_message(std::span{whole}.first(size), false));
    ck_assert(gst::decode_data_message(whole, false).has_value());

    Octets text{0, 0, 0, 0};
    text.resize(4 + gst::data_message_bytes_max);
    ck_assert(gst::decode_data_message(text, false).has_value());
    text.push_back(0);
    ck_assert(!gst::decode_data_message(text, false));
    Octets label(2 + gst::data_label_bytes_max + 1 + 2);
    label[0] = (gst::data_label_bytes_max + 1) >> 8;
    label[1] = (gst::data_label_bytes_max + 1) & 0xff;
    ck_assert(!gst::decode_data_message(label, false));
}
END_TEST

START_TEST(what_would_be_refused_does_not_fit) {
    const Octets most(gst::data_message_bytes_max), more(gst::data_message_bytes_max + 1);
    const std::string label(gst::data_label_bytes_max + 1, 'l');
    ck_assert(gst::fits({"", "", true, most}));
    ck_assert(!gst::fits({"", "", true, more}));
    ck_assert(!gst::fits({label, "", true, {}}) && !gst::fits({"", label, true, {}}));
}
END_TEST

int main() {
    return run_suite("data message",
                     {a_message_is_read_as_it_was_written, what_is_cut_short_or_too_long_is_refused,
                      what_would_be_refused_does_not_fit});
}
