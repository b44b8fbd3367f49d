// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/data_packet.h"

#include "tests/check.h"

using Octets = std::vector<std::uint8_t>;

START_TEST(a_piece_looks_as_documented) {
    const auto header =
        gst::encode_header({.first = true, .last = false, .binary = true, .ask = true, .stamp = 0x01020304});
    ck_assert((Octets{header.begin(), header.end()} == Octets{0x0d, 1, 2, 3, 4}));
    const Octets body{0xf2, 1, 2, 3, 4, 9};
    const auto read = gst::decode_data(body);  // the upper bits are of later versions
    ck_assert(read && !read->first && read->last && !read->binary && !read->ask);
    ck_assert_uint_eq(read->stamp, 0x01020304);
    ck_assert(read->piece.size() == 1 && read->piece[0] == 9);
}
END_TEST

START_TEST(a_piece_of_nothing_is_refused) {
    ck_assert(!gst::decode_data({}));
    ck_assert(!gst::decode_data(Octets{1, 0, 0, 0, 0}));
}
END_TEST

START_TEST(an_acknowledgement_looks_as_documented) {
    gst::DataAck ack{.next = 0x0102, .stamp = 0x03040506};
    ck_assert((encode(ack) == Octets{1, 2, 3, 4, 5, 6}));
    ack.kept.set(1);
    ack.kept.set(8);
    ck_assert((encode(ack) == Octets{1, 2, 3, 4, 5, 6, 0x40, 0x80}));
    ack.kept.set(gst::data_window_packets - 1);
    const auto body = encode(ack);
    ck_assert_uint_eq(body.size(), 6 + gst::data_window_packets / 8);
    const auto read = gst::decode_data_ack(body);
    ck_assert(read && read->next == ack.next && read->stamp == ack.stamp && read->kept == ack.kept);
}
END_TEST

START_TEST(hostile_acknowledgements_are_read_or_refused) {
    ck_assert(!gst::decode_data_ack(Octets{1, 2, 3, 4, 5}));
    Octets long_one(1400, 0xff);
    const auto read = gst::decode_data_ack(long_one);
    ck_assert(read && read->kept.all());
}
END_TEST

int main() {
    return run_suite("data packet",
                     {a_piece_looks_as_documented, a_piece_of_nothing_is_refused,
                      an_acknowledgement_looks_as_documented, hostile_acknowledgements_are_read_or_refused});
}
