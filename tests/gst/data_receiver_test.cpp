// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/data_receiver.h"

#include <string>

#include "tests/check.h"

using gst::DataPacket;
using Octets = std::vector<std::uint8_t>;

namespace {

struct Inbox {
    std::shared_ptr<std::atomic<std::size_t>> kept = std::make_shared<std::atomic<std::size_t>>();
    gst::DataReceiver receiver{kept};
    std::vector<std::string> got;
    gst::DataReceiver::Deliver deliver = [this](const gst::DataMessage& message) {
        got.push_back(std::string{message.label} + ":" +
                      std::string{message.bytes.begin(), message.bytes.end()});
    };

    void piece(std::uint16_t number, const std::string& octets, bool first, bool last, bool ask = false) {
        receiver.received(number,
                          {.first = first,
                           .last = last,
                           .ask = ask,
                           .stamp = number,
                           .piece = {reinterpret_cast<const std::uint8_t*>(octets.data()), octets.size()}},
                          deliver);
    }
    void whole(std::uint16_t number, const std::string& body, bool ask = false) {
        piece(number, start() + body, true, true, ask);
    }
    static std::string start() { return {"\0\1l\0\0", 5}; }
};

using Lines = std::vector<std::string>;

}  // namespace

START_TEST(messages_come_in_order_and_once) {
    Inbox inbox;
    inbox.receiver.accept(inbox.deliver);
    for (const std::uint16_t number : {1, 0, 1, 3, 0, 2}) inbox.whole(number, std::to_string(number));
    ck_assert((inbox.got == Lines{"l:0", "l:1", "l:2", "l:3"}));
    ck_assert_uint_eq(*inbox.kept, 0);
}
END_TEST

START_TEST(pieces_are_put_together) {
    Inbox inbox;
    inbox.receiver.accept(inbox.deliver);
    inbox.piece(2, "ef", false, true);
    inbox.piece(0, Inbox::start() + "ab", true, false);
    ck_assert(inbox.got.empty());
    inbox.piece(1, "cd", false, false);
    inbox.whole(3, "x");
    ck_assert((inbox.got == Lines{"l:abcdef", "l:x"}));
}
END_TEST

START_TEST(numbers_wrap) {
    Inbox inbox;
    inbox.receiver.accept(inbox.deliver);
    for (std::uint32_t number = 0; number < 70'000; ++number)
        inbox.whole(static_cast<std::uint16_t>(number), "");
    ck_assert_uint_eq(inbox.got.size(), 70'000);
}
END_TEST

START_TEST(what_is_missing_is_told_at_once) {
    Inbox inbox;
    inbox.receiver.accept(inbox.deliver);
    inbox.whole(0, "a");
    ck_assert(!inbox.receiver.acknowledgement());  // every second packet
    inbox.whole(1, "b");
    auto ack = inbox.receiver.acknowledgement();
    ck_assert(ack && ack->next == 2 && ack->kept.none());
    ck_assert_uint_eq(ack->stamp, 1);
    inbox.whole(4, "c");
    ack = inbox.receiver.acknowledgement();
    ck_assert(ack && ack->next == 2 && ack->kept.count() == 1 && ack->kept[2]);
    inbox.whole(0, "a");  // the peer does not know that it has arrived
    ck_assert(inbox.receiver.acknowledgement().has_value());
    ck_assert(!inbox.receiver.acknowledgement());
    Inbox asked;
    asked.receiver.accept(asked.deliver);
    asked.whole(0, "a", true);
    ck_assert(asked.receiver.acknowledgement().has_value());
}
END_TEST

START_TEST(messages_wait_until_they_are_accepted) {
    Inbox inbox;
    inbox.whole(0, "a");
    inbox.whole(1, "b");
    ck_assert(inbox.got.empty());
    auto ack = inbox.receiver.acknowledgement();
    ck_assert(ack && ack->next == 0 && ack->kept.count() == 2);
    inbox.receiver.accept(inbox.deliver);
    ck_assert((inbox.got == Lines{"l:a", "l:b"}));
    ack = inbox.receiver.acknowledgement();
    ck_assert(ack && ack->next == 2);
}
END_TEST

START_TEST(who_breaks_the_rules_is_heard_no_more) {
    for (int fault = 0; fault < 4; ++fault) {
        Inbox inbox;
        inbox.receiver.accept(inbox.deliver);
        if (fault == 0) inbox.piece(0, "ab", false, true);                                 // no beginning
        if (fault == 1) inbox.piece(0, Inbox::start(), true, false), inbox.whole(1, "a");  // no end
        if (fault == 2) inbox.piece(0, "\xff\xff", true, true);                            // no message
        if (fault == 3)
            for (std::uint16_t i = 0; i < 1000; ++i)
                inbox.piece(i, i == 0 ? Inbox::start() : std::string(1000, 'x'), i == 0, false);
        inbox.whole(fault == 3 ? 1000 : 2, "late");
        inbox.whole(1, "late");
        ck_assert(inbox.got.empty());
        ck_assert(!inbox.receiver.acknowledgement());
    }
}
END_TEST

START_TEST(what_waits_is_bounded) {
    Inbox inbox;
    const std::string big(1000, 'x');
    for (std::uint32_t number = 1; number < 40'000; ++number)
        inbox.whole(static_cast<std::uint16_t>(number), big);
    ck_assert_uint_le(*inbox.kept, gst::data_window_packets * 1200);

    *inbox.kept = gst::data_kept_bytes_max - 10;  // other lanes have taken all
    gst::DataReceiver other{inbox.kept};
    const Octets octets{0, 0, 0, 0};
    other.received(1, {.first = true, .last = true, .piece = octets}, inbox.deliver);
    ck_assert(other.acknowledgement()->kept.none());
}
END_TEST

START_TEST(what_waits_is_given_back) {
    const auto kept = std::make_shared<std::atomic<std::size_t>>();
    {
        gst::DataReceiver receiver{kept};
        const Octets octets{0, 0, 0, 0};
        receiver.received(1, {.first = true, .last = true, .piece = octets}, {});
        ck_assert_uint_gt(*kept, 0);
    }
    ck_assert_uint_eq(*kept, 0);
}
END_TEST

int main() {
    return run_suite("data receiver", {messages_come_in_order_and_once, pieces_are_put_together, numbers_wrap,
                                       what_is_missing_is_told_at_once, messages_wait_until_they_are_accepted,
                                       who_breaks_the_rules_is_heard_no_more, what_waits_is_bounded,
                                       what_waits_is_given_back});
}
