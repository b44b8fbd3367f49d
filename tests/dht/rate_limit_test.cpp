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
    RateLimit limit{{.per_address = 10}};
    ck_assert_int_eq(allowed(limit, one, now, 100), 20);
    ck_assert_int_eq(allowed(limit, one, now + 500ms, 100), 5);
    ck_assert_int_eq(allowed(limit, one, now + 1h, 100), 20);
}
END_TEST

START_TEST(an_address_is_limited_whatever_its_port_and_no_other_suffers) {
    RateLimit limit{{.per_address = 10}};
    auto same = one;
    same.port = 1;
    ck_assert_int_eq(allowed(limit, one, now, 100), 20);
    ck_assert_int_eq(allowed(limit, same, now, 100), 0);
    ck_assert_int_eq(allowed(limit, two, now, 100), 20);
}
END_TEST

START_TEST(zero_is_no_limit) {
    RateLimit limit{{}};
    ck_assert_int_eq(allowed(limit, one, now, 10'000), 10'000);
}
END_TEST

START_TEST(while_the_table_is_full_newcomers_share_one_allowance) {
    RateLimit limit{{.per_address = 10}};
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

START_TEST(the_addresses_of_one_subnet_share_its_limit) {
    RateLimit limit{{.per_address = 10, .per_subnet = 25}};
    const auto v6 = [](int subnet, int host) {
        return Endpoint::parse("[2001:db8:0:" + std::to_string(subnet) + "::" + std::to_string(host) + "]:7")
            .value();
    };
    int in_all = 0;
    for (int host = 1; host <= 9; ++host) in_all += allowed(limit, v6(1, host), now, 100);
    ck_assert_int_eq(in_all, 50);
    ck_assert_int_eq(allowed(limit, v6(2, 1), now, 100), 20);  // next door
    const auto v4 = [](std::uint8_t host) { return Endpoint::v4({192, 0, 2, host}, 7); };
    in_all = 0;
    for (std::uint8_t host = 1; host <= 9; ++host) in_all += allowed(limit, v4(host), now, 100);
    ck_assert_int_eq(in_all, 50);
}
END_TEST

START_TEST(private_subnets_are_exempt_unless_the_operator_says_otherwise) {
    RateLimit exempt{{.per_address = 10, .per_subnet = 10}};
    RateLimit strict{{.per_address = 10, .per_subnet = 10, .exempt_private = false}};
    const auto next_door = Endpoint::v4({10, 0, 0, 200}, 7);
    const auto home = Endpoint::v4({10, 0, 0, 100}, 7);
    ck_assert_int_eq(allowed(exempt, home, now, 100) + allowed(exempt, next_door, now, 100), 40);
    ck_assert_int_eq(allowed(strict, home, now, 100) + allowed(strict, next_door, now, 100), 20);
}
END_TEST

int main() {
    return run_suite("rate_limit", {two_seconds_worth_may_come_at_once_and_then_the_rate,
                                    an_address_is_limited_whatever_its_port_and_no_other_suffers,
                                    zero_is_no_limit, the_addresses_of_one_subnet_share_its_limit,
                                    private_subnets_are_exempt_unless_the_operator_says_otherwise,
                                    while_the_table_is_full_newcomers_share_one_allowance});
}
