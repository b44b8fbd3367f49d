// SPDX-License-Identifier: LGPL-2.1-or-later
/// Members of a closed federation and strangers on one network.
#include "tests/check.h"
#include "tests/dht/closed.h"
#include "tests/sim/nodes.h"

using namespace std::chrono_literals;
using sim::Nodes;

namespace {

/// A network whose nodes have the certificates that the test gives them.
struct Town : Nodes {
    explicit Town(std::size_t members, sim::Conditions conditions = {1ms, 1ms}) : Nodes{0, conditions} {
        for (std::size_t i = 0; i < members; ++i) add_member();
    }

    /// As the simulator makes the key of the node that comes next.
    [[nodiscard]] dht::NodeId next_id() const {
        const sim::NodeHost probe{seed + network.size(), {}};
        return probe.node.id();
    }

    sim::HostId add_member(dht::Duration lasts = 24h, dht::Role role = dht::Role::server) {
        const auto id = next_id();
        const auto expires = network.now().date + std::chrono::floor<std::chrono::seconds>(lasts);
        const auto serial = static_cast<std::uint32_t>(network.size() + 1);
        auto config = acme.config(acme.certificate(id, role, expires, serial));
        config.read_only = role == dht::Role::reader;
        return add(config);
    }

    std::size_t known(sim::HostId id) { return at(id).node.contacts().size(); }

    bool knows(sim::HostId id, sim::HostId other) {
        const auto contacts = at(id).node.contacts();
        return std::any_of(contacts.begin(), contacts.end(),
                           [&](const auto& contact) { return contact.id == at(other).node.id(); });
    }

    dht::Key user(std::string_view name) const { return dht::key_of(acme.federation.text(), "user", name); }

    samples::Closed acme;
};

}  // namespace

START_TEST(members_find_each_other_and_each_others_records) {
    Town town{30};
    town.network.run_for(1min);
    for (sim::HostId id = 0; id < 30; ++id) ck_assert_uint_ge(town.known(id), 20);
    town.publish(3, "alice", "here");
    town.network.run_for(1s);
    for (sim::HostId id = 0; id < 30; ++id) {
        const auto found = town.find(id, town.user("alice"));
        ck_assert_uint_eq(found.size(), 1);
        ck_assert(!found.front().certificate.empty());
    }
}
END_TEST

START_TEST(a_stranger_is_in_no_table_stores_nothing_and_sees_nothing) {
    Town town{10};
    town.network.run_for(10s);
    // Without a certificate, with one for somebody else, of an open federation of the same name, of another
    // closed one of the same name.
    const samples::Closed namesake{"acme"};
    dht::NodeConfig open;
    open.federation = "acme";
    auto other = town.acme;
    other.authority = samples::identity(78);
    other.federation.key = other.authority.public_key();
    std::vector<sim::HostId> strangers;
    strangers.push_back(town.add(town.acme.config({})));
    strangers.push_back(town.add(town.acme.config(namesake.certificate(samples::identity(5).node_id()))));
    strangers.push_back(town.add(open));
    strangers.push_back(town.add(other.config(other.certificate(town.next_id()))));
    town.publish(3, "alice", "here");
    for (const auto stranger : strangers) town.publish(stranger, "mallory", "there");
    town.network.run_for(2min);
    for (sim::HostId id = 0; id < 10; ++id) {
        ck_assert_uint_eq(town.known(id), 9);
        ck_assert_uint_eq(town.at(id).node.records(), 1);
        ck_assert_uint_eq(town.find(id, town.user("mallory")).size(), 0);
    }
    for (const auto stranger : strangers) {
        ck_assert_uint_eq(town.find(stranger, town.user("alice")).size(), 0);
        ck_assert_uint_eq(town.at(stranger).node.records(), 1);  // its own
    }
}
END_TEST

START_TEST(a_stranger_that_joins_learns_of_nobody_but_whom_it_was_told) {
    Town town{10};
    town.network.run_for(10s);
    const auto stranger = town.add(town.acme.config({}));
    town.network.run_for(2min);
    ck_assert_uint_le(town.known(stranger), 1);
}
END_TEST

START_TEST(lost_datagrams_delay_an_admission_but_do_not_prevent_it) {
    Town town{20, {5ms, 50ms, 0.2}};
    town.network.run_for(5min);
    for (sim::HostId id = 0; id < 20; ++id) ck_assert_uint_ge(town.known(id), 15);
    town.publish(3, "alice", "here");
    town.network.run_for(10s);
    ck_assert_uint_eq(town.find(11, town.user("alice")).size(), 1);
}
END_TEST

START_TEST(a_reader_finds_but_is_in_nobodys_table) {
    Town town{10};
    town.network.run_for(10s);
    town.publish(3, "alice", "here");
    const auto reader = town.add_member(24h, dht::Role::reader);
    town.network.run_for(10s);
    ck_assert_uint_eq(town.find(reader, town.user("alice")).size(), 1);
    town.publish(reader, "mallory", "there");
    town.network.run_for(1s);
    for (sim::HostId id = 0; id < 10; ++id) {
        ck_assert(!town.knows(id, reader));
        ck_assert_uint_eq(town.find(id, town.user("mallory")).size(), 0);
    }
}
END_TEST

START_TEST(who_is_revoked_is_gone_at_once_where_that_is_known) {
    Town town{10};
    town.network.run_for(1min);
    town.publish(9, "mallory", "there");
    town.publish(0, "alice", "here");
    town.network.run_for(1s);
    for (sim::HostId id = 0; id < 9; ++id) {
        ck_assert(town.knows(id, 9));
        ck_assert(town.at(id).node.revoke(town.acme.revoked(1, {10}), town.network.now()));
        town.network.touched(id);
        ck_assert(!town.knows(id, 9));
    }
    for (sim::HostId id = 0; id < 9; ++id) ck_assert_uint_eq(town.find(id, town.user("mallory")).size(), 0);
    town.network.run_for(20min);
    for (sim::HostId id = 0; id < 9; ++id) ck_assert(!town.knows(id, 9));
    ck_assert_uint_eq(town.find(9, town.user("alice")).size(), 0);
    ck_assert_uint_eq(town.find(1, town.user("alice")).size(), 1);
}
END_TEST

START_TEST(a_revocation_that_one_node_is_told_spreads_to_all_within_minutes) {
    Town town{60};
    town.network.run_for(1min);
    const auto list = town.acme.revoked(1, {10});
    town.at(0).node.put_mutable(list, std::nullopt, town.network.now());
    town.network.touched(0);
    town.network.run_for(6min);
    for (sim::HostId id = 0; id < 60; ++id) {
        if (id == 9) continue;
        ck_assert_int_eq(town.at(id).node.members().revoked_seq(), 1);
        ck_assert(!town.knows(id, 9));
    }
    // Items are forgotten after two hours, but not this one; and newcomers learn of it at once.
    town.network.run_for(5h);
    const auto late = town.add_member();
    town.network.run_for(10s);
    ck_assert_int_eq(town.at(late).node.members().revoked_seq(), 1);
}
END_TEST

START_TEST(nobody_but_the_federation_revokes) {
    Town town{10};
    town.network.run_for(1min);
    auto forged = sign(dht::Revocations{1, {1, 2, 3, 4, 5}}, samples::identity(78));
    ck_assert(!town.at(0).node.revoke(forged, town.network.now()));
    town.at(1).node.put_mutable(forged, std::nullopt, town.network.now());
    town.network.touched(1);
    town.network.run_for(10min);
    for (sim::HostId id = 0; id < 10; ++id) ck_assert_uint_eq(town.known(id), 9);
}
END_TEST

START_TEST(membership_ends_on_its_date_and_goes_on_with_a_new_certificate) {
    Town town{10};
    const auto member = town.network.size();
    const auto id = town.next_id();
    town.add_member(10min);
    town.network.run_for(9min);
    ck_assert(town.knows(0, member));
    town.network.run_for(2min);
    for (sim::HostId each = 0; each < 10; ++each) ck_assert(!town.knows(each, member));
    const auto now = town.network.now();
    town.at(member).node.renew(town.acme.certificate(id, dht::Role::server, now.date + 24h, 100), now);
    town.network.touched(member);
    town.network.run_for(20min);
    for (sim::HostId each = 0; each < 10; ++each) ck_assert(town.knows(each, member));
}
END_TEST

int main() {
    return run_suite(
        "closed_network",
        {members_find_each_other_and_each_others_records,
         a_stranger_is_in_no_table_stores_nothing_and_sees_nothing,
         a_stranger_that_joins_learns_of_nobody_but_whom_it_was_told,
         lost_datagrams_delay_an_admission_but_do_not_prevent_it, a_reader_finds_but_is_in_nobodys_table,
         who_is_revoked_is_gone_at_once_where_that_is_known,
         a_revocation_that_one_node_is_told_spreads_to_all_within_minutes, nobody_but_the_federation_revokes,
         membership_ends_on_its_date_and_goes_on_with_a_new_certificate});
}
