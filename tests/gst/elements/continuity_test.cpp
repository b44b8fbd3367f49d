// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/elements/continuity.h"

#include <gst/gst.h>

#include <vector>

#include "tests/check.h"

using elements::Continuity;
using namespace std::chrono_literals;

namespace {

constexpr dht::Time start{};
constexpr std::uint32_t ours = 0xabcdef01;

std::vector<std::uint8_t> packet(std::uint32_t ssrc, std::uint16_t sequence, std::uint32_t timestamp) {
    std::vector<std::uint8_t> octets(20);
    octets[0] = 0x80;
    octets[1] = 96;
    GST_WRITE_UINT16_BE(&octets[2], sequence);
    GST_WRITE_UINT32_BE(&octets[4], timestamp);
    GST_WRITE_UINT32_BE(&octets[8], ssrc);
    return octets;
}
std::uint16_t sequence_of(const std::vector<std::uint8_t>& octets) {
    return GST_READ_UINT16_BE(&octets[2]);
}
std::uint32_t timestamp_of(const std::vector<std::uint8_t>& octets) {
    return GST_READ_UINT32_BE(&octets[4]);
}

START_TEST(a_first_stream_keeps_its_numbers_but_for_the_ssrc) {
    Continuity continuity{ours, 90000};
    auto octets = packet(1, 100, 5000);
    ck_assert(continuity.rewrite(octets, start));
    ck_assert_uint_eq(sequence_of(octets), 100);
    ck_assert_uint_eq(timestamp_of(octets), 5000);
    ck_assert_uint_eq(GST_READ_UINT32_BE(&octets[8]), ours);
}
END_TEST

START_TEST(a_publisher_that_was_restarted_goes_on_where_it_was) {
    Continuity continuity{ours, 90000};
    auto before = packet(1, 65535, 5000);
    continuity.rewrite(before, start);
    auto after = packet(2, 7, 123456);
    ck_assert(continuity.rewrite(after, start + 2s));
    ck_assert_uint_eq(sequence_of(after), 0);  // the next one
    ck_assert_uint_eq(timestamp_of(after), 5000 + 180000);
    auto next = packet(2, 8, 123456 + 3000);
    continuity.rewrite(next, start + 2033ms);
    ck_assert_uint_eq(sequence_of(next), 1);
    ck_assert_uint_eq(timestamp_of(next), 5000 + 183000);
}
END_TEST

START_TEST(a_late_packet_does_not_move_the_end) {
    Continuity continuity{ours, 90000};
    for (const std::uint16_t sequence : {10, 12, 11}) {
        auto octets = packet(1, sequence, 1000U * sequence);
        continuity.rewrite(octets, start);
    }
    auto after = packet(2, 500, 9);
    continuity.rewrite(after, start);
    ck_assert_uint_eq(sequence_of(after), 13);
}
END_TEST

START_TEST(reports_are_translated_with_the_packets) {
    Continuity continuity{ours, 90000};
    ck_assert(!continuity.translate({1, 2, 3, 4, 5}));
    auto before = packet(1, 1, 1000), after = packet(2, 1, 50000);
    continuity.rewrite(before, start);
    continuity.rewrite(after, start + 1s);
    ck_assert(!continuity.translate({1, 2, 3, 4, 5}));  // of the one that is gone
    const auto report = continuity.translate({2, 77, 50000, 4, 5});
    ck_assert_uint_eq(report->ssrc, ours);
    ck_assert_uint_eq(report->ntp, 77);
    ck_assert_uint_eq(report->timestamp, timestamp_of(after));
}
END_TEST

START_TEST(what_is_no_rtp_packet_is_refused) {
    Continuity continuity{ours, 90000};
    std::vector<std::uint8_t> shorter(11, 0x80), other(20, 0);
    ck_assert(!continuity.rewrite(shorter, start));
    ck_assert(!continuity.rewrite(other, start));
}
END_TEST

}  // namespace

int main() {
    return run_suite(
        "continuity",
        {a_first_stream_keeps_its_numbers_but_for_the_ssrc,
         a_publisher_that_was_restarted_goes_on_where_it_was, a_late_packet_does_not_move_the_end,
         reports_are_translated_with_the_packets, what_is_no_rtp_packet_is_refused});
}
