// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/density.h"

#include <vector>

#include "tests/dht/samples.h"

using dht::Contact;
using dht::Density;
using samples::contact;

namespace {

constexpr std::size_t k = 20;
const dht::NodeId self = contact(0xff).id;

dht::NodeId numbered(std::uint8_t number) {
    dht::NodeId out{};
    out.octets[19] = number;  // which makes no difference to distances here
    return out;
}

const dht::NodeId target = numbered(0);

/// k contacts, the last of which is that far from the target.
std::vector<Contact> around(const dht::NodeId& middle, std::uint8_t farthest) {
    std::vector<Contact> out;
    for (std::size_t i = 1; i <= k; ++i) {
        auto each = contact(static_cast<std::uint8_t>(farthest * i / k));
        each.id.octets[0] ^= middle.octets[0];
        out.push_back(each);
    }
    return out;
}

}  // namespace

START_TEST(what_is_much_sparser_than_the_own_neighbourhood_is_not_believed) {
    const Density density{self, k};
    const auto neighbours = around(self, 40);
    ck_assert(!density.too_sparse(target, around(target, 40), neighbours));
    ck_assert(!density.too_sparse(target, around(target, 80), neighbours));
    ck_assert(density.too_sparse(target, around(target, 82), neighbours));
    ck_assert(density.too_sparse(target, around(target, 200), neighbours));
}
END_TEST

START_TEST(those_who_know_fewer_than_k_can_not_tell) {
    const Density density{self, k};
    auto neighbours = around(self, 20);
    neighbours.pop_back();
    ck_assert(!density.too_sparse(target, around(target, 200), neighbours));
    ck_assert(!density.too_sparse(target, {}, neighbours));
}
END_TEST

START_TEST(fewer_than_k_are_too_sparse_where_more_are_known) {
    const Density density{self, k};
    auto found = around(target, 40);
    found.pop_back();
    ck_assert(density.too_sparse(target, found, around(self, 40)));
}
END_TEST

START_TEST(what_lookups_have_found_corrects_a_neighbourhood_that_is_sparse_or_dense_by_chance) {
    Density density{self, k};
    for (std::uint8_t i = 1; i <= 9; ++i) density.found(numbered(i), around(numbered(i), 40));
    for (const std::uint8_t by_chance : {std::uint8_t{20}, std::uint8_t{80}}) {
        const auto neighbours = around(self, by_chance);
        ck_assert(!density.too_sparse(target, around(target, 80), neighbours));
        ck_assert(density.too_sparse(target, around(target, 82), neighbours));
    }
}
END_TEST

START_TEST(a_few_that_were_led_astray_do_not_move_it) {
    Density density{self, k};
    for (std::uint8_t i = 1; i <= 9; ++i) density.found(numbered(i), around(numbered(i), 40));
    for (std::uint8_t i = 10; i <= 15; ++i) density.found(numbered(i), around(numbered(i), 200));
    // What is asked for again and again counts once.
    for (int i = 0; i < 100; ++i) density.found(numbered(15), around(numbered(15), 200));
    ck_assert(density.too_sparse(target, around(target, 200), around(self, 40)));
}
END_TEST

START_TEST(a_network_that_shrinks_is_believed_before_long) {
    Density density{self, k};
    for (std::uint8_t i = 1; i <= 15; ++i) density.found(numbered(i), around(numbered(i), 40));
    const auto neighbours = around(self, 40);
    ck_assert(density.too_sparse(target, around(target, 100), neighbours));
    for (std::uint8_t i = 16; i <= 24; ++i) density.found(numbered(i), around(numbered(i), 100));
    ck_assert(!density.too_sparse(target, around(target, 100), neighbours));
}
END_TEST

int main() {
    return run_suite(
        "density",
        {what_is_much_sparser_than_the_own_neighbourhood_is_not_believed,
         those_who_know_fewer_than_k_can_not_tell, fewer_than_k_are_too_sparse_where_more_are_known,
         what_lookups_have_found_corrects_a_neighbourhood_that_is_sparse_or_dense_by_chance,
         a_few_that_were_led_astray_do_not_move_it, a_network_that_shrinks_is_believed_before_long});
}
