// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/lookup.h"

#include <vector>

#include "tests/dht/samples.h"

using dht::Contact;
using dht::Lookup;
using samples::contact;

namespace {

const dht::NodeId self = contact(0xff).id;
const dht::NodeId target{};

std::size_t asked(Lookup& lookup) {
    std::size_t out = 0;
    while (lookup.next()) ++out;
    return out;
}

}  // namespace

START_TEST(a_lookup_without_contacts_has_ended) {
    Lookup lookup{self, target, {}};
    ck_assert(!lookup.next());
    ck_assert(lookup.finished());
    ck_assert_int_eq(lookup.hops(), 0);
}
END_TEST

START_TEST(a_lookup_ends_when_the_k_closest_have_answered) {
    Lookup lookup{self, target, {.k = 1, .alpha = 1}};
    const std::vector<Contact> seeds{contact(8), contact(4)};
    lookup.seed(seeds);
    ck_assert(lookup.next() == contact(4));
    ck_assert(!lookup.finished());
    lookup.answered(contact(4), {});
    ck_assert(lookup.finished());
    ck_assert(lookup.closest() == std::vector{contact(4)});
}
END_TEST

START_TEST(referrals_are_followed_and_hops_counted) {
    Lookup lookup{self, target, {.k = 2, .alpha = 1}};
    lookup.seed(std::vector{contact(8)});
    lookup.next();
    lookup.answered(contact(8), std::vector{contact(4)});
    ck_assert(lookup.next() == contact(4));
    lookup.answered(contact(4), std::vector{contact(1)});
    ck_assert(lookup.next() == contact(1));
    lookup.answered(contact(1), {});
    ck_assert(lookup.finished());
    ck_assert_int_eq(lookup.hops(), 3);
    ck_assert((lookup.closest() == std::vector{contact(1), contact(4)}));
}
END_TEST

START_TEST(alpha_are_in_flight_and_all_of_k_once_it_stalls) {
    Lookup lookup{self, target, {.k = 20, .alpha = 3}};
    std::vector<Contact> seeds;
    for (std::uint8_t i = 1; i <= 20; ++i) seeds.push_back(contact(i));
    lookup.seed(seeds);
    ck_assert_uint_eq(asked(lookup), 3);
    for (std::uint8_t i = 1; i <= 3; ++i) lookup.answered(contact(i), {});
    ck_assert_uint_eq(asked(lookup), 17);
}
END_TEST

START_TEST(who_is_late_is_not_waited_for_but_counts_when_it_answers) {
    Lookup lookup{self, target, {.k = 2, .alpha = 3}};
    lookup.seed(std::vector{contact(1), contact(2)});
    ck_assert_uint_eq(asked(lookup), 2);
    lookup.late(contact(1));
    ck_assert(!lookup.finished());
    lookup.answered(contact(1), {});
    lookup.answered(contact(2), {});
    ck_assert_uint_eq(lookup.closest().size(), 2);
}
END_TEST

START_TEST(for_who_is_slow_another_is_asked_but_it_is_waited_for) {
    Lookup lookup{self, target, {.k = 2, .alpha = 1}};
    lookup.seed(std::vector{contact(1), contact(2), contact(4)});
    ck_assert(lookup.next() == contact(1));
    ck_assert(!lookup.next());
    lookup.slow(contact(1));
    ck_assert(lookup.next() == contact(2));
    lookup.answered(contact(2), {});
    ck_assert(lookup.next() == contact(4));
    lookup.answered(contact(4), {});
    ck_assert(!lookup.finished());
    lookup.answered(contact(1), {});
    ck_assert(lookup.finished());
    ck_assert((lookup.closest() == std::vector{contact(1), contact(2)}));
}
END_TEST

START_TEST(who_was_slow_can_be_late) {
    Lookup lookup{self, target, {.k = 1, .alpha = 1}};
    lookup.seed(std::vector{contact(1), contact(2)});
    ck_assert(lookup.next() == contact(1));
    lookup.slow(contact(1));
    ck_assert(lookup.next() == contact(2));
    lookup.answered(contact(2), {});
    ck_assert(!lookup.finished());
    lookup.late(contact(1));
    ck_assert(lookup.finished());
}
END_TEST

START_TEST(if_everybody_is_late_all_are_asked_once_more) {
    Lookup lookup{self, target, {}};
    lookup.seed(std::vector{contact(1)});
    ck_assert(lookup.next() == contact(1));
    lookup.late(contact(1));
    ck_assert(!lookup.finished());
    ck_assert(lookup.next() == contact(1));
    lookup.late(contact(1));
    ck_assert(lookup.finished());
    ck_assert(!lookup.next());
}
END_TEST

START_TEST(a_lie_about_an_address_does_not_hide_the_truth) {
    Lookup lookup{self, target, {.k = 2, .alpha = 3}};
    auto lie = contact(1);
    lie.endpoint.port = 1;
    lookup.seed(std::vector{lie, contact(1)});
    ck_assert_uint_eq(asked(lookup), 2);
    lookup.failed(lie);
    lookup.answered(contact(1), {});
    ck_assert(lookup.closest() == std::vector{contact(1)});
}
END_TEST

START_TEST(one_subnet_cannot_crowd_a_lookup) {
    const auto hostile = [](std::uint8_t i) {
        auto out = contact(i);
        out.endpoint = dht::Endpoint::v4({192, 0, 2, i}, 7000);
        return out;
    };
    Lookup lookup{self, target, {.k = 20, .alpha = 20, .per_subnet = 4}};
    std::vector<Contact> seeds;
    for (std::uint8_t i = 1; i <= 20; ++i) seeds.push_back(hostile(i));
    lookup.seed(seeds);
    ck_assert_uint_eq(asked(lookup), 4);
}
END_TEST

START_TEST(who_has_answered_is_likely_to_stay_once_nobody_nearer_turns_up) {
    Lookup lookup{self, target, {.k = 3, .alpha = 2}};
    lookup.seed(std::vector{contact(8), contact(16), contact(32)});
    asked(lookup);
    lookup.answered(contact(8), std::vector{contact(4)});
    ck_assert(lookup.likely().empty());
    asked(lookup);
    lookup.answered(contact(16), {});
    lookup.answered(contact(4), {});
    ck_assert((lookup.likely() == std::vector{contact(4), contact(8), contact(16)}));
    lookup.answered(contact(32), {});  // not of the k closest
    ck_assert((lookup.likely() == std::vector{contact(4), contact(8), contact(16)}));
}
END_TEST

START_TEST(we_are_never_asked_ourselves) {
    Lookup lookup{self, target, {}};
    lookup.seed(std::vector{contact(0xff)});
    ck_assert(!lookup.next());
}
END_TEST

int main() {
    return run_suite(
        "lookup",
        {a_lookup_without_contacts_has_ended, a_lookup_ends_when_the_k_closest_have_answered,
         referrals_are_followed_and_hops_counted, alpha_are_in_flight_and_all_of_k_once_it_stalls,
         who_is_late_is_not_waited_for_but_counts_when_it_answers,
         for_who_is_slow_another_is_asked_but_it_is_waited_for, who_was_slow_can_be_late,
         if_everybody_is_late_all_are_asked_once_more, a_lie_about_an_address_does_not_hide_the_truth,
         one_subnet_cannot_crowd_a_lookup, who_has_answered_is_likely_to_stay_once_nobody_nearer_turns_up,
         we_are_never_asked_ourselves});
}
