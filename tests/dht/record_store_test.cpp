// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/record_store.h"

#include <set>
#include <string>

#include "tests/dht/closed.h"

using namespace dht;
using namespace std::chrono_literals;
using samples::identity;
using samples::record;
using samples::today;
using Verdict = RecordStore::Verdict;

namespace {

const Endpoint source = Endpoint::v4({192, 0, 2, 1}, 7000);
const Key alice = key_of("public", "user", "alice");

RecordStore small(RecordStore::Limits limits = {}) {
    static Members everybody{"public"};
    return {everybody, limits};
}

}  // namespace

START_TEST(the_newer_record_of_a_publisher_replaces_the_older) {
    auto store = small();
    ck_assert(store.put(record(identity(1), "alice", 5), source, today) == Verdict::stored);
    ck_assert(store.put(record(identity(1), "alice", 5), source, today) == Verdict::known);
    ck_assert(store.put(record(identity(1), "alice", 5, "other"), source, today) == Verdict::stale);
    ck_assert(store.put(record(identity(1), "alice", 4), source, today) == Verdict::stale);
    ck_assert(store.put(record(identity(1), "alice", 6), source, today) == Verdict::stored);
    ck_assert_uint_eq(store.size(), 1);
    ck_assert_uint_eq(store.find(alice, today).front().seq, 6);
}
END_TEST

START_TEST(a_key_holds_one_record_of_each_publisher) {
    auto store = small();
    for (std::uint64_t i = 1; i <= 3; ++i) store.put(record(identity(i), "alice", 5), source, today);
    ck_assert_uint_eq(store.find(alice, today).size(), 3);
}
END_TEST

START_TEST(only_the_publisher_can_write_its_record) {
    auto store = small();
    auto forged = record(identity(1), "alice", 5);
    forged.seq = 6;
    ck_assert(store.put(forged, source, today) == Verdict::bad_signature);
    store.put(record(identity(1), "alice", 5), source, today);
    ck_assert(store.put(forged, source, today) == Verdict::bad_signature);
    auto foreign = record(identity(1), "bob", 5);
    sign(foreign, "other", identity(1));
    ck_assert(store.put(foreign, source, today) == Verdict::bad_signature);
}
END_TEST

START_TEST(a_tombstone_supersedes_and_is_kept_until_it_expires) {
    auto store = small();
    store.put(record(identity(1), "alice", 5), source, today);
    auto tombstone = record(identity(1), "alice", 6);
    tombstone.value.clear();
    sign(tombstone, "public", identity(1));
    ck_assert(store.put(tombstone, source, today) == Verdict::stored);
    ck_assert(store.find(alice, today).front().withdrawn());
    ck_assert(store.put(record(identity(1), "alice", 5), source, today) == Verdict::stale);
    store.expire(today + 1min);
    ck_assert_uint_eq(store.size(), 1);
    store.expire(today + 2min);
    ck_assert_uint_eq(store.size(), 0);
    ck_assert(!store.next_expiry());
}
END_TEST

START_TEST(expiry_is_within_bounds_and_the_expired_is_not_shown) {
    auto store = small();
    ck_assert(store.put(record(identity(1), "alice", 1, "x", 0s), source, today) == Verdict::expired);
    ck_assert(store.put(record(identity(1), "alice", 1, "x", 3h), source, today) == Verdict::too_long_lived);
    ck_assert(store.put(record(identity(1), "alice", 1, "x", 2h), source, today) == Verdict::stored);
    ck_assert(store.next_expiry() == today + 2h);
    ck_assert_uint_eq(store.find(alice, today + 2h).size(), 0);
    Buffer records;
    ck_assert(store.page(alice, "", 9999, today + 2h, records).empty() && records.size() == 0);
}
END_TEST

START_TEST(each_quota_has_its_verdict) {
    const auto second = [](RecordStore::Limits limits, const Record& record, const Endpoint& from) {
        auto store = small(limits);
        ck_assert(store.put(samples::record(identity(1), "alice", 1), source, today) == Verdict::stored);
        return store.put(record, from, today);
    };
    const auto far = Endpoint::v4({198, 51, 100, 1}, 7000);
    ck_assert(second({.records_max = 1}, record(identity(2), "bob", 1), far) == Verdict::full);
    ck_assert(second({.per_key_max = 1}, record(identity(2), "alice", 1), far) == Verdict::key_full);
    ck_assert(second({.per_publisher_max = 1}, record(identity(1), "bob", 1), far) ==
              Verdict::publisher_full);
    ck_assert(second({.per_subnet_max = 1}, record(identity(2), "bob", 1), source) == Verdict::subnet_full);
    // Renewal is no addition.
    ck_assert(second({.records_max = 1, .per_key_max = 1, .per_publisher_max = 1, .per_subnet_max = 1},
                     record(identity(1), "alice", 2), far) == Verdict::stored);
}
END_TEST

START_TEST(pages_give_every_record_once) {
    auto store = small();
    for (std::uint64_t i = 1; i <= 20; ++i) store.put(record(identity(i), "alice", 1), source, today);
    std::set<std::string> seen;
    Bytes cursor;
    int pages = 0;
    do {
        Buffer records;
        cursor = store.page(alice, cursor, 1000, today, records);
        ck_assert_uint_le(records.size(), 1000);
        const auto list = 'l' + Bytes{records.text()} + 'e';
        auto elements = bencode::parse(list)->elements();
        while (const auto element = elements.next())
            ck_assert(seen.insert(std::string{element->encoded()}).second);
        ++pages;
    } while (!cursor.empty());
    ck_assert_uint_eq(seen.size(), 20);
    ck_assert_int_ge(pages, 4);
    Buffer none;
    ck_assert(!store.page(alice, "", 10, today, none).empty());  // nothing fits, but there is something
    ck_assert_uint_eq(none.size(), 0);
}
END_TEST

START_TEST(a_closed_federation_stores_the_records_of_its_servers_alone) {
    const samples::Closed acme;
    Members members{acme.federation.text()};
    RecordStore store{members, {}};
    auto shown = record(identity(1), "alice", 5);
    const auto put = [&](const Bytes& certificate, const std::string& federation) {
        shown.certificate = certificate;
        sign(shown, federation, identity(1));
        return store.put(shown, source, today);
    };
    const auto id = identity(1).node_id();
    ck_assert(put({}, acme.federation.text()) == Verdict::not_a_member);
    ck_assert(put(acme.certificate(identity(2).node_id()), acme.federation.text()) == Verdict::not_a_member);
    ck_assert(put(acme.certificate(id, Role::reader), acme.federation.text()) == Verdict::not_a_member);
    ck_assert(put(acme.certificate(id), "public") == Verdict::bad_signature);
    ck_assert(put(acme.certificate(id), acme.federation.text()) == Verdict::stored);
    members.revoke(acme.revoked(1, {1}));
    shown.seq = 6;
    ck_assert(put(acme.certificate(id), acme.federation.text()) == Verdict::not_a_member);
}
END_TEST

int main() {
    return run_suite(
        "record_store",
        {the_newer_record_of_a_publisher_replaces_the_older, a_key_holds_one_record_of_each_publisher,
         only_the_publisher_can_write_its_record, a_tombstone_supersedes_and_is_kept_until_it_expires,
         expiry_is_within_bounds_and_the_expired_is_not_shown, each_quota_has_its_verdict,
         pages_give_every_record_once, a_closed_federation_stores_the_records_of_its_servers_alone});
}
