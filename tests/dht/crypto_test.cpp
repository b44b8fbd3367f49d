// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/crypto.h"

#include <set>

#include "tests/check.h"

START_TEST(sha1_is_the_standards) {
    ck_assert(dht::sha1("abc").hex() == "a9993e364706816aba3e25717850c26c9cd0d89d");
}
END_TEST

START_TEST(signatures_are_those_of_rfc_8032) {
    // Test 1 of section 7.1: an empty message.
    const dht::Identity::Seed seed{0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a,
                                   0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32,
                                   0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60};
    const dht::Identity signer{seed};
    ck_assert_uint_eq(signer.public_key()[0], 0xd7);
    ck_assert_uint_eq(signer.public_key()[31], 0x1a);
    const auto signature = signer.sign("");
    ck_assert_uint_eq(signature[0], 0xe5);
    ck_assert_uint_eq(signature[63], 0x0b);
    ck_assert(dht::verify(signer.public_key(), "", signature));
    ck_assert(!dht::verify(signer.public_key(), "x", signature));
    ck_assert(signer.seed() == seed);
    ck_assert(signer.node_id() == dht::node_id_of(signer.public_key()));
}
END_TEST

START_TEST(seeded_random_repeats_itself_and_nothing_else) {
    dht::SeededRandom a{7};
    dht::SeededRandom b{7};
    dht::SeededRandom c{8};
    std::set<std::uint64_t> seen;
    for (int i = 0; i < 100; ++i) {
        const auto number = a.number();
        ck_assert_uint_eq(number, b.number());
        ck_assert(seen.insert(number).second);
        ck_assert(number != c.number());
    }
}
END_TEST

START_TEST(below_stays_below_and_reaches_everything) {
    dht::SeededRandom random{1};
    std::set<std::uint64_t> seen;
    for (int i = 0; i < 200; ++i) seen.insert(random.below(7));
    ck_assert_uint_eq(seen.size(), 7);
    ck_assert_uint_eq(*seen.rbegin(), 6);
    ck_assert_uint_eq(random.below(1), 0);
}
END_TEST

int main() {
    return run_suite(
        "crypto", {sha1_is_the_standards, signatures_are_those_of_rfc_8032,

                   seeded_random_repeats_itself_and_nothing_else, below_stays_below_and_reaches_everything});
}
