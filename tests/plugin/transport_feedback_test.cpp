// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/transport_feedback.h"

#include "tests/check.h"
#include "tests/plugin/feedback.h"

using namespace std::chrono_literals;
using plugin::TransportFeedback;
using tests::Octets;

namespace {

/// Numbers 65534 to 5, by hand: a run of three that came at once (reference 2 · 64 ms), one that is lost, two
/// that came 63.75 ms and -0.5 ms after the one before, two lost.
const Octets by_hand = {0x8f, 205,  0,    8,    0,    0,    0, 1, 0, 0, 0, 9,  // header, who, of whom
                        0xff, 0xfe, 0,    8,    0,    0,    2, 7,  // first, count, reference, which
                        0x20, 3,    0xc6, 0,                       // three small; lost, small, large, …
                        0,    0,    0,    0xff, 0xff, 0xfe, 0, 0, 0, 0, 0, 0};

Octets operator+(Octets a, const Octets& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

const Octets report = {0x80, 201, 0, 1, 0, 0, 0, 1};

START_TEST(what_came_and_when_is_read_across_the_turn_of_the_numbers) {
    const auto all = TransportFeedback::read(report + by_hand);
    ck_assert_uint_eq(all.size(), 1);
    const auto& [first, count, arrivals] = all[0];
    ck_assert_uint_eq(first, 65534);
    ck_assert_uint_eq(count, 8);
    ck_assert_uint_eq(arrivals.size(), 5);
    ck_assert_uint_eq(arrivals[2].number, 0);
    ck_assert(arrivals[2].at == 128ms);
    ck_assert_uint_eq(arrivals[3].number, 2);
    ck_assert(arrivals[3].at == 128ms + 63750us);
    ck_assert_uint_eq(arrivals[4].number, 3);
    ck_assert(arrivals[4].at == 128ms + 63250us);
}
END_TEST

START_TEST(what_is_written_is_read_again) {
    std::vector<std::optional<dht::Duration>> came;
    for (int i = 0; i < 100; ++i) came.emplace_back(1h + i * 3ms - (i % 5) * 10ms);
    came[3].reset();
    came[77].reset();
    const auto all = TransportFeedback::read(tests::transport_feedback(900, came));
    ck_assert_uint_eq(all.size(), 1);
    ck_assert_uint_eq(all[0].arrivals.size(), 98);
    for (const auto& [number, at] : all[0].arrivals)
        ck_assert(at == *came[static_cast<std::size_t>(number - 900)]);
}
END_TEST

START_TEST(several_in_one_packet_are_all_read) {
    const auto one = tests::transport_feedback(1, {1s, 2s}), other = tests::transport_feedback(3, {{}, 3s});
    ck_assert_uint_eq(TransportFeedback::read(one + report + other).size(), 2);
}
END_TEST

START_TEST(a_vector_of_single_bits_says_who_came) {
    Octets packet = tests::transport_feedback(1, {1s, {}, 1s});
    packet[20] = 0x80 | 0x20 | 0x08;  // the first and the third of fourteen
    packet[21] = 0;
    const auto all = TransportFeedback::read(packet);
    ck_assert_uint_eq(all[0].arrivals.size(), 2);
    ck_assert_uint_eq(all[0].arrivals[1].number, 3);
}
END_TEST

START_TEST(what_is_cut_off_or_says_nothing_is_none) {
    for (std::size_t size = 0; size < by_hand.size(); ++size) {
        Octets cut(by_hand.begin(), by_hand.begin() + static_cast<std::ptrdiff_t>(size));
        ck_assert(TransportFeedback::read(cut).empty());
        // Though its length be right.
        if (size < 24 || size % 4 != 0) continue;
        cut[3] = static_cast<std::uint8_t>(size / 4 - 1);
        ck_assert(TransportFeedback::read(cut).empty() || size >= 32);
    }
    Octets endless = by_hand;
    endless[20] = endless[21] = 0;  // a run of none
    ck_assert(TransportFeedback::read(endless).empty());
    Octets reserved = by_hand;
    reserved[20] = 0x60;
    ck_assert(TransportFeedback::read(reserved).empty());
    Octets nack = by_hand;
    nack[0] = 0x81;
    ck_assert(TransportFeedback::read(nack).empty());
}
END_TEST

START_TEST(many_that_were_lost_take_no_room) {
    Octets packet = tests::transport_feedback(1, {1s});
    packet[14] = packet[15] = 0xff;  // 65,535 of them: nine runs of lost ones
    packet.resize(20);
    for (int i = 0; i < 9; ++i) {
        packet.push_back(0x1f);
        packet.push_back(0xff);
    }
    packet.resize(40);
    packet[3] = 9;
    const auto all = TransportFeedback::read(packet);
    ck_assert_uint_eq(all.size(), 1);
    ck_assert_uint_eq(all[0].count, 65535);
    ck_assert(all[0].arrivals.empty());
}
END_TEST

}  // namespace

int main() {
    return run_suite(
        "transport_feedback",
        {what_came_and_when_is_read_across_the_turn_of_the_numbers, what_is_written_is_read_again,
         several_in_one_packet_are_all_read, a_vector_of_single_bits_says_who_came,
         what_is_cut_off_or_says_nothing_is_none, many_that_were_lost_take_no_room});
}
