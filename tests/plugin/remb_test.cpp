// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/remb.h"

#include <vector>

#include "tests/check.h"

using namespace std::chrono_literals;
using Octets = std::vector<std::uint8_t>;
using plugin::read_remb;
using plugin::ReceiverLimit;

namespace {

const dht::Time start{1h};

/// 1 SSRC; exponent and mantissa as they stand on the wire.
Octets remb(std::uint8_t high, std::uint8_t middle, std::uint8_t low) {
    return {0x8f, 206, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, 'R', 'E', 'M', 'B', 1, high, middle, low, 0, 0, 0, 2};
}

const Octets report = {0x80, 201, 0, 1, 0, 0, 0, 1};

Octets operator+(Octets a, const Octets& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

}  // namespace

START_TEST(a_remb_is_read_wherever_it_stands) {
    ck_assert_uint_eq(*read_remb(remb(0, 0, 200)), 200);
    ck_assert_uint_eq(*read_remb(report + remb(3 << 2 | 2, 0, 1)), 0x20001U << 3);
    ck_assert(!read_remb(report));
    ck_assert(!read_remb({}));
}
END_TEST

START_TEST(too_much_is_the_most_that_can_be_said) {
    ck_assert_uint_eq(*read_remb(remb(0xff, 0xff, 0xff)), UINT32_MAX);
    ck_assert_uint_eq(*read_remb(remb(0xfc, 0, 0)), 0);
}
END_TEST

START_TEST(broken_ones_are_none) {
    const Octets whole = remb(0, 0, 9);
    for (std::size_t size = 0; size < whole.size(); ++size)
        ck_assert(!read_remb(std::span{whole}.first(size)));
    Octets other = whole;
    other[12] = 'r';
    ck_assert(!read_remb(other));
    // A packet that says that it is shorter than a REMB.
    Octets shorter = whole;
    shorter[3] = 3;
    ck_assert(!read_remb(std::span{shorter}.first(16)));
}
END_TEST

START_TEST(what_is_written_is_read_as_it_was_or_a_little_less) {
    for (const std::uint32_t bits : {0U, 1U, 200U, 262'143U, 262'144U, 1'000'001U, 4'294'967'295U}) {
        const auto back = *read_remb(plugin::write_remb(bits));
        ck_assert_uint_le(back, bits);
        ck_assert_uint_ge(back, bits - bits / 131'072);
    }
}
END_TEST

START_TEST(a_sender_is_told_of_a_path_that_has_been_full_once) {
    ReceiverLimit limit;
    limit.told(1'000'000, start);
    ck_assert(!limit.ceiling(start));
    limit.told(400'000, start + 1s);
    ck_assert_uint_eq(*limit.ceiling(start + 1s), 400'000);
    limit.told(1'100'000, start + 2s);
    ck_assert(!limit.bits_per_second(start + 2s));
    ck_assert_uint_eq(*limit.ceiling(start + 2s), 1'100'000);
    ck_assert(!limit.ceiling(start + 2s + ReceiverLimit::good_for));
}
END_TEST

START_TEST(a_receiver_that_feels_its_way_is_no_limit) {
    ReceiverLimit limit;
    for (std::uint32_t bits = 300'000; bits < 2'000'000; bits += bits / 12) {
        limit.told(bits, start);
        ck_assert(!limit.bits_per_second(start));
    }
}
END_TEST

START_TEST(a_receiver_that_falls_is_one_until_it_is_back) {
    ReceiverLimit limit;
    limit.told(1'000'000, start);
    limit.told(950'000, start);
    ck_assert(!limit.bits_per_second(start));
    limit.told(600'000, start);
    ck_assert_uint_eq(*limit.bits_per_second(start), 600'000);
    limit.told(800'000, start + 1s);
    ck_assert_uint_eq(*limit.bits_per_second(start + 1s), 800'000);
    limit.told(1'000'000, start + 2s);
    ck_assert(!limit.bits_per_second(start + 2s));
}
END_TEST

START_TEST(what_was_said_long_ago_counts_no_more) {
    ReceiverLimit limit;
    limit.told(1'000'000, start);
    limit.told(100'000, start);
    ck_assert(!limit.bits_per_second(start + ReceiverLimit::good_for));
    limit.told(90'000, start + ReceiverLimit::good_for);
    ck_assert(!limit.bits_per_second(start + ReceiverLimit::good_for));
}
END_TEST

int main() {
    return run_suite(
        "remb",
        {a_remb_is_read_wherever_it_stands, too_much_is_the_most_that_can_be_said, broken_ones_are_none,
         what_is_written_is_read_as_it_was_or_a_little_less,
         a_sender_is_told_of_a_path_that_has_been_full_once, a_receiver_that_feels_its_way_is_no_limit,
         a_receiver_that_falls_is_one_until_it_is_back, what_was_said_long_ago_counts_no_more});
}
