// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/directory.h"

#include <chrono>

#include "dht/record.h"
#include "tests/check.h"

namespace {

using namespace std::chrono_literals;
using namespace federation;

constexpr dht::Now start{dht::Time{1s}, dht::Date{1'700'000'000s}};
const auto address = dht::Endpoint::v4({10, 0, 0, 1}, 8000);
const auto elsewhere = dht::Endpoint::v4({10, 0, 0, 2}, 8000);

dht::Identity identity(std::uint8_t number) {
    dht::Identity::Seed seed{};
    seed.fill(number);
    return dht::Identity{seed};
}

/// The directory of a lone node; what the DHT of others would answer is put into its hands.
struct Alone {
    Config config = [] {
        Config c;
        c.signalling = address;
        return c;
    }();
    dht::SeededRandom random{1};
    dht::Node node{identity(1), config.node, random};
    Directory directory{identity(1), node, config};

    Alone() { node.bootstrap({}, start); }

    /// Passes on what the node has found out, with what `others` say added to each lookup.
    void settle(dht::Now now = start, const std::vector<dht::Record>& others = {}) {
        while (auto event = node.poll_event()) {
            if (auto* found = std::get_if<dht::ValuesFound>(&*event)) {
                found->records.insert(found->records.end(), others.begin(), others.end());
                directory.handle(*found, now);
            }
            if (const auto* stored = std::get_if<dht::Stored>(&*event)) directory.handle(*stored, now);
        }
    }

    /// What lies at its NodeID, for those who speak BEP 44 alone.
    std::optional<dht::Item> item(dht::Now now = start) {
        node.get_item(node.id(), {}, now);
        std::optional<dht::Item> found;
        while (auto event = node.poll_event()) {
            if (const auto* item = std::get_if<dht::ItemFound>(&*event)) found = item->item;
        }
        return found;
    }

    template <class T>
    std::optional<T> event() {
        while (const auto next = directory.poll_event()) {
            if (const auto* found = std::get_if<T>(&*next)) return *found;
        }
        return {};
    }
};

const OwnerToken token{1};

dht::Record claim(const dht::Identity& by, const std::string& user, std::uint64_t registered,
                  std::optional<Owner> owner = {}) {
    dht::Record record;
    record.kind = user_kind;
    record.name = user;
    record.seq = 1;
    record.expires = start.date + 60s;
    record.value = encode(UserValue{elsewhere, registered, owner});
    dht::sign(record, "public", by);
    return record;
}

constexpr std::uint64_t ours = 1'700'000'000'000;

START_TEST(a_lone_server_registers) {
    Alone a;
    a.directory.register_user("alice", token, start);
    a.settle();
    ck_assert(a.event<Directory::Registered>()->user == "alice");
    ck_assert(a.directory.has_user("alice"));
    a.directory.register_user("alice", token, start);
    ck_assert(a.event<Directory::Registered>());
}
END_TEST

START_TEST(a_claim_of_another_server_refuses_ours) {
    Alone a;
    a.directory.register_user("alice", token, start);
    a.settle(start, {claim(identity(2), "alice", ours + 1000)});
    ck_assert(a.event<Directory::Refused>()->reason == Reason::name_taken);
    ck_assert(!a.directory.has_user("alice"));
}
END_TEST

START_TEST(an_earlier_claim_that_turns_up_takes_the_name) {
    Alone a;
    a.directory.register_user("alice", token, start);
    a.settle();
    ck_assert(a.event<Directory::Registered>());
    const dht::Now later{start.time + 2s, start.date + 2s};
    a.directory.advance(later);
    a.settle(later, {claim(identity(2), "alice", ours + 1)});
    ck_assert(a.directory.has_user("alice"));
    const dht::Now refresh{start.time + 61s, start.date + 61s};
    a.node.advance(refresh);
    for (int i = 0; i < 3; ++i) a.settle(refresh, {claim(identity(2), "alice", ours - 1)});
    ck_assert(a.event<Directory::Refused>()->reason == Reason::name_taken);
    ck_assert(!a.directory.has_user("alice"));
}
END_TEST

START_TEST(equal_claims_are_decided_by_the_smaller_node_id) {
    for (std::uint8_t other = 2; other < 8; ++other) {
        Alone a;
        a.directory.register_user("alice", token, start);
        a.settle();
        ck_assert(a.event<Directory::Registered>());
        const dht::Now later{start.time + 2s, start.date + 2s};
        a.directory.advance(later);
        a.settle(later, {claim(identity(other), "alice", ours)});
        ck_assert(a.directory.has_user("alice") == (a.node.id() < identity(other).node_id()));
    }
}
END_TEST

/// The claim of another server, by whoever holds this token.
dht::Record owned(const dht::Identity& by, const OwnerToken& whose, std::uint64_t registered) {
    return claim(by, "alice", registered, own(whose, "public", "alice", by.public_key()));
}

START_TEST(an_owner_may_have_the_name_at_several_servers) {
    Alone a;
    a.directory.register_user("alice", token, start);
    const auto elsewhere_too = owned(identity(2), token, ours - 5000);
    for (int i = 0; i < 3; ++i) a.settle(start, {elsewhere_too});
    ck_assert(a.event<Directory::Registered>()->token == token);
    // Their claims count as one: a stranger's that lies between does not take the name.
    const dht::Now later{start.time + 2s, start.date + 2s};
    a.directory.advance(later);
    a.settle(later, {claim(identity(3), "alice", ours - 1000)});
    ck_assert(a.directory.has_user("alice"));
}
END_TEST

START_TEST(another_owner_is_refused_and_so_is_a_stolen_proof) {
    const auto proof_for_others = own(token, "public", "alice", identity(4).public_key());
    for (const auto& theirs :
         {owned(identity(2), OwnerToken{2}, ours), claim(identity(2), "alice", ours, proof_for_others)}) {
        Alone a;
        a.directory.register_user("alice", token, start);
        a.settle(start, {theirs});
        ck_assert(a.event<Directory::Refused>()->reason == Reason::name_taken);
    }
}
END_TEST

START_TEST(all_places_of_the_earliest_owner_are_found) {
    Alone a;
    a.directory.find({"alice", {}}, start);
    a.settle(start, {owned(identity(2), token, 20), owned(identity(3), OwnerToken{2}, 15),
                     owned(identity(4), token, 10), claim(identity(5), "alice", 12)});
    const auto found = a.event<Directory::Found>();
    ck_assert(found && found->last && found->places.size() == 2);
    ck_assert(found->places[0].server == identity(4).node_id());
    ck_assert(found->places[1].server == identity(2).node_id());
}
END_TEST

START_TEST(who_is_here_is_found_at_once_and_elsewhere_later) {
    Alone a;
    a.directory.register_user("alice", token, start);
    a.settle();
    ck_assert(a.event<Directory::Registered>());
    a.directory.find({"alice", {}}, start);
    const auto at_once = a.event<Directory::Found>();
    ck_assert(at_once && !at_once->last && at_once->places.at(0).server == a.node.id());
    a.settle(start, {owned(identity(2), token, 20), owned(identity(3), OwnerToken{2}, 15)});
    const auto rest = a.event<Directory::Found>();
    ck_assert(rest && rest->last && rest->places.size() == 1);
    ck_assert(rest->places[0].server == identity(2).node_id());
}
END_TEST

START_TEST(the_earliest_of_several_claims_is_found) {
    Alone a;
    a.directory.find({"bob", {}}, start);
    a.settle(start,
             {claim(identity(2), "bob", 20), claim(identity(3), "bob", 10), claim(identity(4), "bob", 30)});
    const auto found = a.event<Directory::Found>();
    ck_assert(found && found->places.size() == 1 && found->places[0].server == identity(3).node_id());
    ck_assert(found->places[0].signalling == elsewhere);
}
END_TEST

START_TEST(a_server_may_be_asked_for_by_name) {
    Alone a;
    a.directory.find({"bob", identity(4).node_id()}, start);
    a.settle(start, {claim(identity(3), "bob", 10), claim(identity(4), "bob", 30)});
    ck_assert(a.event<Directory::Found>()->places.at(0).server == identity(4).node_id());
}
END_TEST

START_TEST(a_record_of_an_earlier_life_is_nobodys) {
    Alone a;
    a.directory.find({"bob", {}}, start);
    a.settle(start, {claim(identity(1), "bob", 10)});
    ck_assert(a.event<Directory::Found>()->reason == Reason::unknown_user);
}
END_TEST

START_TEST(a_lookup_that_takes_too_long_says_so) {
    Alone a;
    a.directory.find({"bob", {}}, start);
    const dht::Now late{start.time + a.config.lookup_timeout, start.date};
    ck_assert(a.directory.deadline() == late.time);
    a.directory.advance(late);
    ck_assert(a.event<Directory::Found>()->reason == Reason::server_unreachable);
    a.settle(late, {claim(identity(2), "bob", 10)});
    ck_assert(!a.event<Directory::Found>());
}
END_TEST

START_TEST(a_descriptor_counts_only_from_the_server_itself) {
    Alone a;
    const auto described = identity(2);
    auto record = claim(identity(3), described.node_id().hex(), 1);
    record.kind = node_kind;
    record.value = encode(NodeValue{address, "x"});
    dht::sign(record, "public", identity(3));
    a.directory.describe(described.node_id(), start);
    a.settle(start, {record});
    ck_assert(!a.event<Directory::Described>()->signalling);
    dht::sign(record, "public", described);
    a.directory.describe(described.node_id(), start);
    a.settle(start, {record});
    ck_assert(a.event<Directory::Described>()->signalling == address);
}
END_TEST

START_TEST(an_earlier_registration_does_not_speak_for_a_later_one) {
    Alone a;
    a.directory.register_user("alice", token, start);
    a.directory.unregister_user("alice", start);
    a.settle();
    ck_assert(!a.event<Directory::Registered>());
    a.directory.register_user("alice", token, start);
    a.directory.unregister_user("alice", start);
    a.directory.register_user("alice", token, start);
    a.settle();
    ck_assert(a.event<Directory::Registered>() && !a.event<Directory::Registered>());
}
END_TEST

START_TEST(a_server_is_described_at_its_node_id_until_it_leaves) {
    Alone a;
    a.config.software = "test";
    ck_assert(!a.item());
    a.directory.appear(start);
    const auto item = a.item();
    ck_assert(item && item->key == identity(1).public_key() &&
              item->seq == start.date.time_since_epoch().count());
    ck_assert(item->value == "d1:f6:public1:s13:10.0.0.1:80001:v4:teste");
    a.directory.shut_down(start);
    ck_assert(a.item()->value == "de");
    // And is back, in the same second.
    a.directory.appear(start);
    ck_assert(a.item()->value == item->value);
}
END_TEST

START_TEST(an_item_that_a_clock_ahead_has_left_is_superseded) {
    Alone a;
    dht::Item ahead{.value = "de", .seq = start.date.time_since_epoch().count() + 3600};
    dht::sign(ahead, identity(1));
    a.node.put_mutable(ahead, std::nullopt, start);
    a.directory.appear(start);
    while (auto event = a.node.poll_event()) {
        if (auto* stored = std::get_if<dht::ItemStored>(&*event)) {
            stored->found_seq = ahead.seq;  // as the others would have shown it
            a.directory.handle(*stored, start);
        }
    }
    ck_assert(a.item()->seq == ahead.seq + 1);
}
END_TEST

START_TEST(only_the_servers_own_record_is_noted_when_it_is_lost_and_held_again) {
    Alone a;
    a.directory.appear(start);
    const auto descriptor = [&] {
        while (auto event = a.node.poll_event()) {
            if (const auto* stored = std::get_if<dht::Stored>(&*event)) return stored->publication;
        }
        return dht::PublicationId{0};
    }();
    a.directory.handle(dht::Lost{descriptor + 1000});
    a.directory.handle(dht::Stored{descriptor, 3}, start);
    ck_assert(!a.event<Directory::Noted>());
    a.directory.handle(dht::Lost{descriptor});
    ck_assert(a.event<Directory::Noted>());
    a.directory.handle(dht::Stored{descriptor, 0}, start);
    ck_assert(!a.event<Directory::Noted>());
    a.directory.handle(dht::Stored{descriptor, 3}, start);
    ck_assert(a.event<Directory::Noted>());
    a.directory.handle(dht::Superseded{descriptor, 1});
    ck_assert(a.event<Directory::Noted>());
}
END_TEST

START_TEST(a_quorum_is_enough_to_look_whether_the_name_is_ours) {
    Alone a;
    a.directory.register_user("alice", token, start);
    while (auto event = a.node.poll_event()) {
        if (const auto* found = std::get_if<dht::ValuesFound>(&*event)) a.directory.handle(*found, start);
        if (auto* stored = std::get_if<dht::Stored>(&*event)) {
            stored->complete = false;
            stored->holders = dht::quorum;
            a.directory.handle(*stored, start);
        }
    }
    ck_assert(a.event<Directory::Registered>());
}
END_TEST

}  // namespace

int main() {
    return run_suite(
        "directory",
        {a_lone_server_registers, a_claim_of_another_server_refuses_ours,
         an_earlier_claim_that_turns_up_takes_the_name, equal_claims_are_decided_by_the_smaller_node_id,
         the_earliest_of_several_claims_is_found, an_owner_may_have_the_name_at_several_servers,
         another_owner_is_refused_and_so_is_a_stolen_proof, all_places_of_the_earliest_owner_are_found,
         who_is_here_is_found_at_once_and_elsewhere_later, a_server_may_be_asked_for_by_name,
         a_record_of_an_earlier_life_is_nobodys, a_lookup_that_takes_too_long_says_so,
         a_descriptor_counts_only_from_the_server_itself,
         an_earlier_registration_does_not_speak_for_a_later_one,
         a_server_is_described_at_its_node_id_until_it_leaves,
         an_item_that_a_clock_ahead_has_left_is_superseded,
         only_the_servers_own_record_is_noted_when_it_is_lost_and_held_again,
         a_quorum_is_enough_to_look_whether_the_name_is_ours});
}
