// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/routing_table.h"

#include <algorithm>
#include <vector>

#include "tests/dht/samples.h"

using namespace dht;
using namespace std::chrono_literals;
using samples::contact;

namespace {

const NodeId self{};
constexpr Time start = samples::now.time;

struct Table {
    explicit Table(RoutingTable::Policy policy = {}) : table(self, policy, random) {}
    SeededRandom random{1};
    RoutingTable table;

    std::vector<Contact> closest(const NodeId& target, std::size_t count) const {
        std::vector<Contact> out;
        table.closest(target, count, out);
        return out;
    }
};

void fail_twice(RoutingTable& table, const Contact& contact, Time at) {
    table.failed(contact, at);
    table.failed(contact, at + 2s);
}

}  // namespace

START_TEST(the_closest_come_in_order_of_distance_from_all_buckets) {
    Table t;
    std::vector<Contact> all;
    for (int i = 1; i < 256; i += 3) {
        all.push_back(contact(static_cast<std::uint8_t>(i), 7));
        t.table.answered(all.back(), start);
    }
    std::erase_if(all, [&](const Contact& c) { return !t.table.holds(c); });
    for (const auto target : {contact(0x13).id, contact(0x80).id, contact(0x01).id, contact(0xff).id}) {
        std::sort(all.begin(), all.end(),
                  [&](const Contact& a, const Contact& b) { return closer(target, a.id, b.id); });
        ck_assert((t.closest(target, 10) == std::vector<Contact>(all.begin(), all.begin() + 10)));
    }
}
END_TEST

START_TEST(the_closest_come_in_order_even_if_only_their_last_octets_differ) {
    Table t{{.k = 40}};  // more than a bucket usually has
    std::vector<Contact> all;
    for (std::uint8_t i = 0; i < 40; ++i) {
        all.push_back(contact(0x80, static_cast<std::uint8_t>(i % 2)));
        all.back().id.octets[NodeId::size - 1] = i;
        t.table.answered(all.back(), start);
        if (i != 11 && i != 39) continue;
        for (const auto& target : {all[3].id, all[8].id, contact(0xff).id}) {
            std::sort(all.begin(), all.end(),
                      [&](const Contact& a, const Contact& b) { return closer(target, a.id, b.id); });
            ck_assert(t.closest(target, 99) == all);
        }
    }
}
END_TEST

START_TEST(a_full_bucket_keeps_the_old_and_lets_the_new_wait) {
    Table t{{.k = 2}};
    ck_assert(t.table.answered(contact(0x80), start));
    ck_assert(t.table.answered(contact(0x81), start));
    ck_assert(!t.table.answered(contact(0x82), start));
    ck_assert_uint_eq(t.table.size(), 2);
    t.table.failed(contact(0x80), start);
    ck_assert(t.table.holds(contact(0x80)));  // one loss is none
    t.table.failed(contact(0x80), start + 2s);
    ck_assert(!t.table.holds(contact(0x80)) && t.table.holds(contact(0x82)));
    ck_assert_uint_eq(t.table.size(), 2);
}
END_TEST

START_TEST(who_is_removed_makes_place_for_one_who_waits) {
    Table t{{.k = 2}};
    t.table.answered(contact(0x80), start);
    t.table.answered(contact(0x81), start);
    t.table.answered(contact(0x82), start);
    t.table.remove(contact(0x80).id);
    ck_assert(!t.table.holds(contact(0x80)) && t.table.holds(contact(0x82)));
    ck_assert_uint_eq(t.table.size(), 2);
    t.table.remove(contact(0x80).id);
    t.table.remove(contact(0x02).id);
    t.table.remove(contact(0x81).id);
    fail_twice(t.table, contact(0x82), start);
    ck_assert_uint_eq(t.table.size(), 0);
    t.table.remove(contact(0x82).id);
    ck_assert_uint_eq(t.table.size(), 0);
    ck_assert(t.table.contacts().empty() && !t.table.suspects(contact(0x82)));
}
END_TEST

START_TEST(losses_at_one_moment_count_once) {
    Table t;
    t.table.answered(contact(0x80), start);
    for (int i = 0; i < 5; ++i) t.table.failed(contact(0x80), start + i * 10ms);
    ck_assert_uint_eq(t.table.size(), 1);
}
END_TEST

START_TEST(a_silent_contact_is_pinged_and_forgiven_when_it_answers) {
    Table t;
    t.table.answered(contact(0x80), start);
    t.table.failed(contact(0x80), start);
    ck_assert(!t.table.take_suspect(start));
    ck_assert(t.table.deadline() <= start + 1s);
    ck_assert(t.table.take_suspect(start + 1s) == contact(0x80));
    ck_assert(!t.table.take_suspect(start + 1s));
    t.table.failed(contact(0x80), start + 2s);
    ck_assert(t.closest(self, 1).empty());  // handed to nobody
    ck_assert(t.table.suspects(contact(0x80)));
    ck_assert(t.table.lost(9) == std::vector{contact(0x80)});
    ck_assert(t.table.answered(contact(0x80), start + 1min));
    ck_assert_uint_eq(t.closest(self, 1).size(), 1);
}
END_TEST

START_TEST(one_of_the_silent_is_felt_for_every_few_seconds_and_that_counts_for_nothing) {
    Table t;
    for (const std::uint8_t id : {0x80, 0x81, 0x82}) t.table.answered(contact(id), start);
    ck_assert(!t.table.take_feeler(start + 1h));
    for (const std::uint8_t id : {0x80, 0x81}) fail_twice(t.table, contact(id), start);
    const auto begin = start + 2s;
    ck_assert(!t.table.take_feeler(begin + 2s));
    int felt[2] = {};
    for (auto at = begin; at < begin + 400s; at += 1s) {
        while (const auto silent = t.table.take_feeler(at)) ++felt[silent->id.octets[0] - 0x80];
        ck_assert(t.table.deadline() <= at + 4s);
    }
    ck_assert(felt[0] + felt[1] >= 90 && felt[0] + felt[1] <= 140);
    ck_assert(felt[0] > 20 && felt[1] > 20);
    for (const std::uint8_t id : {0x80, 0x81}) t.table.answered(contact(id), begin + 400s);
    ck_assert(!t.table.take_feeler(begin + 410s));
}
END_TEST

START_TEST(when_one_is_back_the_others_are_asked_within_two_seconds) {
    Table t;
    for (std::uint8_t id = 0x80; id < 0x8a; ++id) t.table.answered(contact(id), start);
    for (int failure = 0; failure < 5; ++failure) {
        for (std::uint8_t id = 0x80; id < 0x89; ++id) t.table.failed(contact(id), start + failure * 2s);
    }
    const auto back = start + 30s;  // they would be asked some minutes later
    while (t.table.take_suspect(back)) {
    }
    t.table.answered(contact(0x80), back);
    int asked = 0;
    while (t.table.take_suspect(back + 2s)) ++asked;
    ck_assert_int_eq(asked, 8);
}
END_TEST

START_TEST(one_subnet_has_few_places_in_a_bucket_unless_it_is_private) {
    const auto at = [](std::uint8_t i, std::uint8_t net) {
        auto out = contact(static_cast<std::uint8_t>(0x80 + i));
        out.endpoint = Endpoint::v4({net, 0, 2, i}, 7000);
        return out;
    };
    Table t{{.k = 20, .per_subnet = 2}};
    for (std::uint8_t i = 0; i < 5; ++i) t.table.answered(at(i, 192), start);
    ck_assert_uint_eq(t.table.size(), 2);
    ck_assert(!t.table.wants(at(9, 192)));
    for (std::uint8_t i = 10; i < 15; ++i) t.table.answered(at(i, 10), start);
    ck_assert_uint_eq(t.table.size(), 7);
    Table strict{{.k = 20, .per_subnet = 2, .exempt_private = false}};
    for (std::uint8_t i = 10; i < 15; ++i) strict.table.answered(at(i, 10), start);
    ck_assert_uint_eq(strict.table.size(), 2);
}
END_TEST

START_TEST(a_contact_moves_only_when_its_old_address_is_silent) {
    Table t;
    t.table.answered(contact(0x80), start);
    auto moved = contact(0x80);
    moved.endpoint.port = 1;
    ck_assert(t.table.wants(moved));
    t.table.answered(moved, start);
    ck_assert(t.table.holds(contact(0x80)));
    ck_assert(t.table.take_suspect(start) == contact(0x80));
    t.table.failed(contact(0x80), start + 1s);
    t.table.answered(moved, start + 2s);
    ck_assert(t.table.holds(moved) && !t.table.holds(contact(0x80)));
}
END_TEST

START_TEST(an_idle_bucket_is_refreshed_with_a_target_inside_it) {
    Table t{{.k = 1}};
    t.table.answered(contact(0x10), start);  // bucket 3
    t.table.looked_up(contact(0x80).id, start);
    ck_assert(!t.table.take_refresh(start + 1min));
    const auto deadline = t.table.deadline();
    ck_assert(deadline && *deadline > start + 10min && *deadline <= start + 15min);
    std::vector<std::size_t> buckets;
    while (const auto target = t.table.take_refresh(start + 15min))
        buckets.push_back(shared_prefix(self, *target));
    ck_assert((buckets == std::vector<std::size_t>{0, 1, 2, 3}));
}
END_TEST

START_TEST(buckets_that_a_lookup_of_our_own_fills_need_no_refresh) {
    Table t{{.k = 2}};
    for (const int i : {0x80, 0x81, 0x40, 0x20, 0x10})
        t.table.answered(contact(static_cast<std::uint8_t>(i)), start);
    t.table.refresh_all(20s, start);
    std::vector<std::size_t> buckets;
    while (const auto target = t.table.take_refresh(start + 20s))
        buckets.push_back(shared_prefix(self, *target));
    // The two nearest are alone in buckets 2 and 3, and only one is beyond bucket 2.
    ck_assert((buckets == std::vector<std::size_t>{0, 1, 2}));
    ck_assert(*t.table.deadline() > start + 20s);
}
END_TEST

START_TEST(a_stranger_is_sought_for_a_place_or_for_few_that_wait) {
    Table t{{.k = 2}};
    ck_assert(t.table.wants(contact(0x80)));
    for (const int i : {0x80, 0x81, 0x82}) t.table.answered(contact(static_cast<std::uint8_t>(i)), start);
    ck_assert(!t.table.wants(contact(0x82)));  // it waits already
    ck_assert(t.table.wants(contact(0x83)));
    t.table.answered(contact(0x83), start);
    ck_assert(!t.table.wants(contact(0x84)));
    for (int i = 0; i < 3; ++i) t.table.failed(contact(0x80), start + i * 2s);
    ck_assert(t.table.holds(contact(0x83)));
    ck_assert(t.table.wants(contact(0x84)));
}
END_TEST

START_TEST(while_everybody_is_silent_nobody_is_dropped) {
    Table t;
    t.table.answered(contact(0x80), start);
    for (int i = 0; i < 100; ++i) t.table.failed(contact(0x80), start + i * 10s);
    ck_assert(t.table.holds(contact(0x80)));
    ck_assert_uint_eq(t.table.size(), 0);
    t.table.answered(contact(0x40), start);
    t.table.failed(contact(0x80), start + 1h);
    ck_assert(!t.table.holds(contact(0x80)));
    fail_twice(t.table, contact(0x40), start + 2h);
    ck_assert_uint_eq(t.table.size(), 0);
}
END_TEST

START_TEST(the_closest_can_be_of_one_family) {
    SeededRandom random{1};
    RoutingTable table{NodeId{}, {}, random};
    for (std::uint8_t i = 1; i <= 6; ++i) {
        auto one = samples::contact(i);
        if (i % 2 == 0) one.endpoint = *Endpoint::parse("[2001:db8::" + std::to_string(i) + "]:7");
        table.answered(one, samples::now.time);
    }
    const auto six = table.closest(samples::contact(1).id, 2, {.v4 = false, .v6 = true});
    ck_assert_uint_eq(six.size(), 2);
    for (const auto& near : six) ck_assert(!near.contact->endpoint.is_v4());
    const auto four = table.closest(samples::contact(1).id, 9, {.v4 = true, .v6 = false});
    ck_assert_uint_eq(four.size(), 3);
    std::vector<Contact> out;
    table.closest(samples::contact(1).id, 9, out);
    ck_assert_uint_eq(out.size(), 6);
}
END_TEST

START_TEST(a_bucket_has_room_for_each_family) {
    Table t{{.k = 4}};
    const auto six = [](std::uint8_t number) {
        auto out = contact(0x80, number);
        out.endpoint = *Endpoint::parse("[fd00::" + std::to_string(number) + "]:7");
        return out;
    };
    for (std::uint8_t i = 0; i < 8; ++i) t.table.answered(contact(0x80, i), start);
    ck_assert_uint_eq(t.table.size(), 4);
    ck_assert(t.table.wants(six(50)));
    for (std::uint8_t i = 50; i < 56; ++i) t.table.answered(six(i), start);
    ck_assert_uint_eq(t.table.size(), 8);
    // Who waits takes the place of one of its own family.
    fail_twice(t.table, contact(0x80, 0), start);
    ck_assert(t.table.holds(contact(0x80, 7)) && !t.table.holds(six(55)));
    t.table.remove(six(50).id);
    ck_assert(t.table.holds(six(55)));
    ck_assert_uint_eq(t.table.size(), 8);
}
END_TEST

int main() {
    return run_suite(
        "routing_table",
        {the_closest_come_in_order_of_distance_from_all_buckets,
         the_closest_come_in_order_even_if_only_their_last_octets_differ,
         a_full_bucket_keeps_the_old_and_lets_the_new_wait, who_is_removed_makes_place_for_one_who_waits,
         losses_at_one_moment_count_once, a_silent_contact_is_pinged_and_forgiven_when_it_answers,
         one_of_the_silent_is_felt_for_every_few_seconds_and_that_counts_for_nothing,
         when_one_is_back_the_others_are_asked_within_two_seconds,
         one_subnet_has_few_places_in_a_bucket_unless_it_is_private,
         a_contact_moves_only_when_its_old_address_is_silent,
         an_idle_bucket_is_refreshed_with_a_target_inside_it,
         buckets_that_a_lookup_of_our_own_fills_need_no_refresh,
         a_stranger_is_sought_for_a_place_or_for_few_that_wait, while_everybody_is_silent_nobody_is_dropped,
         the_closest_can_be_of_one_family, a_bucket_has_room_for_each_family});
}
