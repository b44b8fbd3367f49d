// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/token.h"

#include "dht/rate_limit.h"
#include "tests/dht/samples.h"

using namespace dht;
using namespace std::chrono_literals;

START_TEST(a_token_is_good_for_one_address_and_one_key) {
    SeededRandom random{1};
    const TokenMint mint{random};
    const auto holder = samples::contact(1).endpoint;
    const auto key = samples::contact(2).id;
    const auto token = mint.mint(holder, key, samples::now.time);
    ck_assert(mint.valid(text(token), holder, key, samples::now.time));
    ck_assert(!mint.valid(text(token), samples::contact(2).endpoint, key, samples::now.time));
    ck_assert(!mint.valid(text(token), holder, samples::contact(3).id, samples::now.time));
    ck_assert(!mint.valid("", holder, key, samples::now.time));
    ck_assert(!TokenMint{random}.valid(text(token), holder, key, samples::now.time));
}
END_TEST

START_TEST(a_token_lives_for_one_to_two_rotations) {
    SeededRandom random{1};
    const TokenMint mint{random};
    const auto holder = samples::contact(1).endpoint;
    const Key key;
    const auto token = mint.mint(holder, key, samples::now.time);
    ck_assert(mint.valid(text(token), holder, key, samples::now.time + TokenMint::rotation));
    ck_assert(!mint.valid(text(token), holder, key, samples::now.time + 2 * TokenMint::rotation));
}
END_TEST

START_TEST(a_flooding_address_is_cut_and_its_neighbour_is_not) {
    RateLimit limit{{.per_address = 100}};
    const auto flooder = samples::contact(1).endpoint;
    auto other_port = flooder;
    ++other_port.port;
    int allowed = 0;
    for (int i = 0; i < 1000; ++i)
        allowed += limit.allows(i % 2 == 0 ? flooder : other_port, samples::now.time);
    ck_assert_int_eq(allowed, 200);
    ck_assert(limit.allows(samples::contact(2).endpoint, samples::now.time));
    ck_assert(limit.allows(flooder, samples::now.time + 1s));
}
END_TEST

START_TEST(a_flood_of_addresses_is_bounded_too) {
    RateLimit limit{{.per_address = 10}};
    std::size_t allowed = 0;
    for (std::uint32_t i = 0; i < 10'000; ++i) {
        const auto octet = [&](unsigned shift) { return static_cast<std::uint8_t>(i >> shift); };
        allowed += limit.allows(Endpoint::v4({10, octet(16), octet(8), octet(0)}, 1), samples::now.time);
    }
    ck_assert_uint_le(allowed, 4096 + 20);
}
END_TEST

int main() {
    return run_suite(
        "token", {a_token_is_good_for_one_address_and_one_key, a_token_lives_for_one_to_two_rotations,
                  a_flooding_address_is_cut_and_its_neighbour_is_not, a_flood_of_addresses_is_bounded_too});
}
