// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/sim/hostile.h"

#include <algorithm>

#include "tests/check.h"

using namespace std::chrono_literals;
using sim::Hostile;
using sim::Nodes;
using sim::user;

namespace {

constexpr sim::HostId victim = 3;
constexpr int messages = 3000;

/// A network of some nodes under attack, with an honest call now and then.
struct Siege {
    Nodes nodes{12};
    std::optional<Hostile> hostile;

    Siege() {
        nodes.network.run_for(1min);
        nodes.publish(1, "alice", "here");
        nodes.network.run_for(1s);
        hostile.emplace(nodes, victim, nodes.seed);
    }

    dht::Node& node() { return nodes.at(victim).node; }

    void attack(const Hostile::Kind& kind, int times) {
        for (int i = 0; i < times; ++i) {
            hostile->send(kind);
            if (i % 50 == 0) nodes.network.run_for(10ms);
        }
        nodes.network.run_for(1s);
    }
};

}  // namespace

START_TEST(nothing_hostile_is_accepted_held_or_passed_on) {
    Siege siege;
    const auto records = siege.node().records();
    for (const auto& kind : Hostile::kinds()) siege.attack(kind, messages / 15);
    ck_assert_uint_ge(siege.hostile->sent(), messages);
    ck_assert_uint_eq(siege.hostile->accepted(), 0);
    ck_assert_uint_eq(siege.node().records(), records);
    ck_assert_uint_eq(siege.node().items(), 0);
    for (std::size_t i = 0; i < Hostile::forged_names; ++i) {
        ck_assert(siege.nodes.find(victim, Hostile::forged_key(i)).empty());
    }
    const auto found = siege.nodes.find(victim, Hostile::replayed_key());
    ck_assert_uint_eq(found.size(), 1);
    ck_assert_uint_eq(found.front().seq, Hostile::replayed_seq);
}
END_TEST

START_TEST(the_table_stays_as_it_was) {
    Siege siege;
    const auto ids = [&] {
        auto out = siege.node().contacts();
        std::sort(out.begin(), out.end());
        return out;
    };
    const auto before = ids();
    ck_assert_uint_eq(before.size(), 11);
    for (const auto& kind : Hostile::kinds()) siege.attack(kind, messages / 15);
    ck_assert(ids() == before);
}
END_TEST

START_TEST(honest_lookups_are_as_quick_as_before) {
    Siege siege;
    dht::Duration before{};
    siege.nodes.find(victim, user("alice"), &before);
    for (const auto& kind : Hostile::kinds()) {
        siege.attack(kind, messages / 15);
        dht::Duration during{};
        ck_assert_uint_eq(siege.nodes.find(victim, user("alice"), &during).size(), 1);
        ck_assert_int_le(during.count(), before.count());
        siege.nodes.publish(victim, "bob", kind.name);
        siege.nodes.network.run_for(100ms);
        ck_assert_uint_eq(siege.nodes.find(7, user("bob")).size(), 1);
    }
}
END_TEST

int main() {
    return run_suite("hostile", {nothing_hostile_is_accepted_held_or_passed_on, the_table_stays_as_it_was,
                                 honest_lookups_are_as_quick_as_before});
}
