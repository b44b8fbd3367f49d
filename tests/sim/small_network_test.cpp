// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/check.h"
#include "tests/sim/nodes.h"

using namespace std::chrono_literals;
using sim::Nodes;
using sim::user;
using sim::value;

START_TEST(a_lone_first_node_joins_stores_and_finds) {
    Nodes nodes{1};
    ck_assert_uint_eq(nodes.at(0).joined(), 1);
    const auto publication = nodes.publish(0, "alice", "here");
    ck_assert_ptr_nonnull(nodes.at(0).stored(publication));
    ck_assert_uint_eq(nodes.at(0).stored(publication)->holders, 0);
    ck_assert_uint_eq(nodes.find(0, user("alice")).size(), 1);
}
END_TEST

START_TEST(three_nodes_meet_and_a_find_takes_one_round_trip) {
    Nodes nodes{3};
    nodes.network.run_for(5s);
    for (sim::HostId id = 0; id < 3; ++id) {
        ck_assert_uint_ge(nodes.at(id).joined(), 1);
        ck_assert_uint_eq(nodes.at(id).node.contacts().size(), 2);
    }
    const auto publication = nodes.publish(1, "alice", "here");
    nodes.network.run_for(5ms);
    ck_assert_ptr_nonnull(nodes.at(1).stored(publication));
    ck_assert_uint_eq(nodes.at(1).stored(publication)->holders, 2);
    dht::Duration took{};
    ck_assert_uint_eq(nodes.find(2, user("alice"), &took).size(), 1);
    ck_assert_int_eq(took.count(), dht::Duration{2ms}.count());
}
END_TEST

START_TEST(what_was_published_before_joining_is_stored_after_it) {
    Nodes nodes{2};
    nodes.network.run_for(5s);
    const auto late = nodes.add();
    const auto publication = nodes.publish(late, "alice", "here");
    ck_assert_ptr_null(nodes.at(late).stored(publication));
    nodes.network.run_for(1s);
    ck_assert_uint_eq(nodes.at(late).stored(publication)->holders, 2);
}
END_TEST

START_TEST(a_dead_node_delays_a_find_by_no_more_than_its_short_timeout) {
    Nodes nodes{4};
    nodes.network.run_for(30s);
    nodes.publish(1, "alice", "here");
    nodes.network.run_for(1s);
    nodes.network.kill(3);
    dht::Duration took{};
    ck_assert_uint_eq(nodes.find(2, user("alice"), &took).size(), 1);
    ck_assert_int_le(took.count(), dht::Duration{60ms}.count());
    nodes.network.run_for(5s);
    nodes.find(2, user("alice"), &took);
    ck_assert_int_eq(took.count(), dht::Duration{2ms}.count());
}
END_TEST

START_TEST(a_withdrawn_record_is_gone_at_once_for_everybody) {
    Nodes nodes{5};
    nodes.network.run_for(5s);
    const auto publication = nodes.publish(1, "alice", "here");
    nodes.network.run_for(1s);
    nodes.at(1).node.withdraw(publication, nodes.network.now());
    nodes.network.touched(1);
    nodes.network.run_for(2ms);  // the tombstone's way to those that hold the record
    for (sim::HostId id = 0; id < 5; ++id) ck_assert_uint_eq(nodes.find(id, user("alice")).size(), 0);
}
END_TEST

START_TEST(publishing_again_replaces_the_value) {
    Nodes nodes{5};
    nodes.network.run_for(5s);
    const auto first = nodes.publish(1, "alice", "here");
    nodes.network.run_for(1s);
    ck_assert_uint_eq(nodes.publish(1, "alice", "there"), first);
    nodes.network.run_for(1s);
    const auto found = nodes.find(3, user("alice"));
    ck_assert_uint_eq(found.size(), 1);
    ck_assert(found.front().value == value("there"));
}
END_TEST

START_TEST(one_key_holds_the_records_of_many_publishers_in_pages) {
    Nodes nodes{30};
    nodes.network.run_for(30s);
    for (sim::HostId id = 0; id < 30; ++id) {
        nodes.publish(id, "everybody", std::string(400, 'x'));
        nodes.network.run_for(200ms);
    }
    nodes.network.run_for(1s);
    ck_assert_uint_eq(nodes.find(7, user("everybody")).size(), 30);
}
END_TEST

START_TEST(a_record_lives_on_while_it_is_refreshed_and_dies_with_its_publisher) {
    Nodes nodes{5};
    nodes.network.run_for(5s);
    nodes.publish(1, "alice", "here");
    nodes.network.run_for(10min);
    ck_assert_uint_eq(nodes.find(3, user("alice")).size(), 1);
    nodes.network.kill(1);
    nodes.network.run_for(Nodes::lifetime + 1s);
    ck_assert_uint_eq(nodes.find(3, user("alice")).size(), 0);
}
END_TEST

START_TEST(a_newcomer_is_given_the_records_that_it_will_be_asked_for) {
    Nodes nodes{3};
    nodes.network.run_for(5s);
    nodes.publish(1, "alice", "here");
    nodes.network.run_for(1s);
    const auto newcomer = nodes.add();
    nodes.network.run_for(2s);
    ck_assert_uint_eq(nodes.at(newcomer).node.records(), 1);
}
END_TEST

START_TEST(federations_that_share_hosts_do_not_mix) {
    Nodes nodes{3};
    dht::NodeConfig other;
    other.federation = "other";
    const auto stranger = nodes.add(other);
    nodes.network.run_for(1min);
    ck_assert_uint_eq(nodes.at(stranger).node.contacts().size(), 0);
    for (sim::HostId id = 0; id < 3; ++id) ck_assert_uint_eq(nodes.at(id).node.contacts().size(), 2);
}
END_TEST

START_TEST(a_read_only_node_finds_but_is_in_nobodys_table) {
    Nodes nodes{3};
    dht::NodeConfig config;
    config.read_only = true;
    const auto reader = nodes.add(config);
    nodes.publish(1, "alice", "here");
    nodes.network.run_for(30s);
    ck_assert_uint_eq(nodes.find(reader, user("alice")).size(), 1);
    for (sim::HostId id = 0; id < 3; ++id) ck_assert_uint_eq(nodes.at(id).node.contacts().size(), 2);
}
END_TEST

START_TEST(a_read_only_node_behind_a_nat_publishes_and_finds_and_is_in_nobodys_table) {
    Nodes nodes{30};
    dht::NodeConfig config;
    config.read_only = true;
    const auto reader = nodes.add(config);
    nodes.network.put_behind_nat(reader);
    nodes.publish(reader, "alice", "here");
    nodes.publish(7, "bob", "here");
    for (int i = 0; i < 3; ++i) {
        nodes.network.run_for(5min);
        ck_assert_uint_eq(nodes.find(reader, user("bob")).size(), 1);
        ck_assert_uint_eq(nodes.find(static_cast<sim::HostId>(i), user("alice")).size(), 1);
    }
    for (sim::HostId id = 0; id < 30; ++id) {
        for (const auto& contact : nodes.at(id).node.contacts()) {
            ck_assert(contact.endpoint != sim::Network::endpoint(reader));
        }
    }
}
END_TEST

START_TEST(bootstrap_is_tried_until_somebody_answers) {
    Nodes nodes{2};
    nodes.network.partition([](sim::HostId id) { return static_cast<int>(id); });
    const auto late = nodes.add();
    nodes.network.run_for(10min);
    ck_assert_uint_eq(nodes.at(late).joined(), 0);
    nodes.network.partition({});
    nodes.network.run_for(1min + 1s);
    ck_assert_uint_ge(nodes.at(late).joined(), 1);
}
END_TEST

START_TEST(a_node_that_lost_everybody_learns_them_again) {
    Nodes nodes{4};
    nodes.network.run_for(30s);
    nodes.publish(3, "alice", "here");
    nodes.network.partition([](sim::HostId id) { return id == 3 ? 1 : 0; });
    nodes.network.run_for(30min);
    ck_assert_uint_eq(nodes.at(3).node.contacts().size(), 0);
    nodes.network.partition({});
    nodes.network.run_for(2min);
    ck_assert_uint_eq(nodes.at(3).node.contacts().size(), 3);
    ck_assert_uint_eq(nodes.find(0, user("alice")).size(), 1);
}
END_TEST

namespace {

dht::Item item(std::int64_t seq, std::string_view text) {
    dht::Item out{.value = value(text), .salt = "salt", .seq = seq};
    sign(out, dht::Identity{dht::Identity::Seed{7}});
    return out;
}

dht::ItemStored put(Nodes& nodes, sim::HostId id, const dht::Item& item,
                    std::optional<std::int64_t> cas = {}) {
    const auto now = nodes.network.now();
    auto& node = nodes.at(id).node;
    const auto put =
        item.is_mutable() ? node.put_mutable(item, cas, now) : node.put_immutable(item.value, now);
    nodes.network.touched(id);
    ck_assert(nodes.network.run_until([&] { return nodes.at(id).put(put) != nullptr; }, 1min));
    return *nodes.at(id).put(put);
}

std::optional<dht::Item> get(Nodes& nodes, sim::HostId id, const dht::Item& item) {
    const auto lookup = nodes.at(id).node.get_item(target_of(item), item.salt, nodes.network.now());
    nodes.network.touched(id);
    ck_assert(nodes.network.run_until([&] { return nodes.at(id).item(lookup) != nullptr; }, 1min));
    return nodes.at(id).item(lookup)->item;
}

}  // namespace

START_TEST(a_mutable_item_is_found_by_all_and_replaced_in_order_only) {
    Nodes nodes{30};
    nodes.network.run_for(30s);
    ck_assert_uint_eq(put(nodes, 1, item(1, "one")).holders, 20);
    for (sim::HostId id = 0; id < 30; ++id) ck_assert(get(nodes, id, item(1, "one")) == item(1, "one"));
    ck_assert_uint_eq(put(nodes, 2, item(2, "two"), 1).holders, 20);
    ck_assert_int_eq(put(nodes, 3, item(3, "three"), 1).error, 301);
    ck_assert_int_eq(put(nodes, 4, item(1, "one")).error, 302);
    ck_assert(get(nodes, 5, item(1, "one")) == item(2, "two"));
}
END_TEST

START_TEST(the_largest_immutable_item_is_found_and_lives_for_two_hours) {
    Nodes nodes{5};
    nodes.network.run_for(30s);
    const dht::Item large{.value = "996:" + std::string(996, 'x')};
    ck_assert_uint_eq(put(nodes, 1, large).holders, 4);
    const auto late = nodes.add();  // one whom nobody knows yet: proofs stand beside the item
    nodes.network.run_for(5s);
    ck_assert(get(nodes, late, large) == large);
    nodes.network.run_for(2h);
    ck_assert(!get(nodes, late, large));
    for (sim::HostId id = 0; id < 5; ++id) ck_assert_uint_eq(nodes.at(id).node.items(), 0);
}
END_TEST

START_TEST(a_node_that_crashes_and_is_back_at_once_publishes_anew) {
    Nodes nodes{3};
    nodes.network.run_for(10s);
    for (int life = 0; life < 5; ++life) {
        const auto gone = nodes.publish(2, "alice", "first");
        nodes.network.run_for(10ms);
        nodes.at(2).node.withdraw(gone, nodes.network.now());
        nodes.network.touched(2);
        nodes.network.run_for(10ms);
        nodes.publish(2, "alice", "second");
        nodes.network.run_for(10ms);
        nodes.restart(2, 1);
        nodes.network.run_for(100ms);
        const auto anew = nodes.publish(2, "alice", "third");
        ck_assert(nodes.network.run_until([&] { return nodes.at(2).stored(anew) != nullptr; }, 5s));
        ck_assert_uint_eq(nodes.at(2).stored(anew)->holders, 2);
        ck_assert(nodes.find(0, user("alice")).at(0).value == sim::value("third"));
    }
}
END_TEST

START_TEST(an_idle_network_sleeps) {
    Nodes nodes{3};
    nodes.network.run_for(1min);
    const auto wakings = nodes.network.wakings();
    const auto datagrams = nodes.network.datagrams();
    nodes.network.run_for(1h);
    ck_assert_uint_le(nodes.network.wakings() - wakings, 3 * 40);
    ck_assert_uint_le(nodes.network.datagrams() - datagrams, 3 * 100);
}
END_TEST

int main() {
    return run_suite(
        "small_network",
        {a_lone_first_node_joins_stores_and_finds, three_nodes_meet_and_a_find_takes_one_round_trip,
         what_was_published_before_joining_is_stored_after_it,
         a_dead_node_delays_a_find_by_no_more_than_its_short_timeout,
         a_withdrawn_record_is_gone_at_once_for_everybody, publishing_again_replaces_the_value,
         one_key_holds_the_records_of_many_publishers_in_pages,
         a_record_lives_on_while_it_is_refreshed_and_dies_with_its_publisher,
         a_newcomer_is_given_the_records_that_it_will_be_asked_for, federations_that_share_hosts_do_not_mix,
         a_read_only_node_finds_but_is_in_nobodys_table,
         a_read_only_node_behind_a_nat_publishes_and_finds_and_is_in_nobodys_table,
         bootstrap_is_tried_until_somebody_answers, a_node_that_lost_everybody_learns_them_again,
         a_mutable_item_is_found_by_all_and_replaced_in_order_only,
         the_largest_immutable_item_is_found_and_lives_for_two_hours,
         a_node_that_crashes_and_is_back_at_once_publishes_anew, an_idle_network_sleeps});
}
