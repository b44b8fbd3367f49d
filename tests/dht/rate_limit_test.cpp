// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/rate_limit.h"

#include "tests/dht/samples.h"

using namespace dht;
using namespace std::chrono_literals;

namespace {

const auto now = samples::now.time;
const Endpoint one = samples::contact(1).endpoint;
const Endpoint two = samples::contact(2).endpoint;

int allowed(RateLimit& limit, const Endpoint& from, Time at, int tries) {
    int out = 0;
    for (int i = 0; i < tries; ++i) out += limit.allows(from, at) ? 1 : 0;
    return out;
}

}  // namespace

START_TEST(two_seconds_worth_may_come_at_once_and_then_the_rate) {
    RateLimit limit{10};
    ck_assert_int_eq(allowed(limit, one, now, 100), 20);
    ck_assert_int_eq(allowed(limit, one, now + 500ms, 100), 5);
    ck_assert_int_eq(allowed(limit, one, now + 1h, 100), 20);
}
END_TEST

START_TEST(an_address_is_limited_whatever_its_port_and_no_other_suffers) {
    RateLimit limit{10};
    auto same = one;
    same.port = 1;
    ck_assert_int_eq(allowed(limit, one, now, 100), 20);
    ck_assert_int_eq(allowed(limit, same, now, 100), 0);
    ck_assert_int_eq(allowed(limit, two, now, 100), 20);
}
END_TEST

START_TEST(zero_is_no_limit) {
    RateLimit limit{0};
    ck_assert_int_eq(allowed(limit, one, now, 10'000), 10'000);
}
END_TEST

START_TEST(while_the_table_is_full_newcomers_share_one_allowance) {
    RateLimit limit{10};
    const auto address = [](std::size_t i) {
        return Endpoint::v4({10, 1, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)}, 1);
    };
    for (std::size_t i = 0; i < 4096; ++i) limit.allows(address(i), now);
    const int first = allowed(limit, address(5000), now, 100);
    ck_assert_int_eq(first, 20);
    ck_assert_int_eq(allowed(limit, address(5001), now, 100), 0);
    ck_assert_int_eq(allowed(limit, address(0), now, 100), 19);          // who was there keeps its own
    ck_assert_int_eq(allowed(limit, address(5002), now + 3s, 100), 20);  // the idle are forgotten
    ck_assert_int_eq(allowed(limit, address(5003), now + 3s, 100), 20);
}
END_TEST

int main() {
    return run_suite("rate_limit", {two_seconds_worth_may_come_at_once_and_then_the_rate,
                                    an_address_is_limited_whatever_its_port_and_no_other_suffers,
                                    zero_is_no_limit, while_the_table_is_full_newcomers_share_one_allowance});
}
