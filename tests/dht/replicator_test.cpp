// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/replicator.h"

#include "tests/dht/parts.h"

using namespace dht;
using samples::identity;
using samples::Parts;
using samples::record;

namespace {

const Endpoint source = Endpoint::v4({192, 0, 2, 1}, 7000);

struct Tested : Parts {
    explicit Tested(std::size_t k = 20) : replicator(self, k, table, store, rpc, random) {}

    void hold(const std::string& name, const Identity& publisher = identity(9)) {
        store.put(record(publisher, name, 5), source, now.date);
    }

    /// The newcomer answers the oldest question with these records.
    void answer_with(const Bytes& records) {
        const auto* asked = question();
        const auto pending = rpc.take(asked->message.transaction, asked->to, now.time);
        const Reply reply{.id = *pending->to.id, .token = "token", .with_records = true, .records = records};
        const auto encoded = encode("aa", reply);
        const auto message = decode(encoded);
        replicator.answered(*pending, std::get<Response>(message->body), now);
    }

    Replicator replicator;
};

/// A contact that is nearer to the key than anybody else: it is the key.
Contact at(const Key& key) {
    return {key, Endpoint::v4({10, 1, 1, 1}, 7000)};
}

Contact far_from(const Key& key) {
    auto out = at(key);
    out.id.octets[0] ^= 0x80;
    return out;
}

}  // namespace

START_TEST(a_newcomer_is_given_what_it_does_not_hold) {
    Tested t;
    const auto key = key_of("public", "user", "alice");
    t.hold("alice");
    t.hold("alice", identity(8));
    const auto newcomer = at(key);
    t.table.answered(newcomer, t.now.time);
    t.replicator.met(newcomer, t.now);
    t.answer_with(encode(record(identity(8), "alice", 5)));
    const auto* copy = t.question();
    ck_assert(copy->to == newcomer.endpoint && copy->query.method == Method::store);
    ck_assert(copy->query.token == "token");
    ck_assert(decode_record(view(copy->query.record))->publisher == identity(9).public_key());
    ck_assert(!t.question());
}
END_TEST

START_TEST(an_older_version_at_the_newcomer_is_replaced) {
    Tested t;
    t.hold("alice");
    const auto newcomer = at(key_of("public", "user", "alice"));
    t.table.answered(newcomer, t.now.time);
    t.replicator.met(newcomer, t.now);
    t.answer_with(encode(record(identity(9), "alice", 4)));
    ck_assert(t.question()->query.method == Method::store);
}
END_TEST

START_TEST(who_is_not_among_the_closest_is_given_nothing) {
    Tested t{1};
    const auto key = key_of("public", "user", "alice");
    t.hold("alice");
    t.table.answered(at(key), t.now.time);
    t.table.answered(far_from(key), t.now.time);
    t.replicator.met(far_from(key), t.now);
    ck_assert(!t.question());
}
END_TEST

START_TEST(of_those_who_are_not_the_closest_holder_some_give_by_chance) {
    Tested t;
    t.hold("alice");
    const auto key = key_of("public", "user", "alice");
    auto nearer = at(key);
    nearer.id.octets[19] ^= 1;
    t.table.answered(nearer, t.now.time);
    t.table.answered(at(key), t.now.time);
    constexpr int meetings = 200;
    int gives = 0;
    for (int i = 0; i < meetings; ++i) {
        t.replicator.met(at(key), t.now);
        if (t.datagrams.empty()) continue;
        ++gives;
        t.answer_with(encode(record(identity(9), "alice", 5)));
        while (t.question()) {
        }
    }
    ck_assert_msg(gives > meetings / 10 && gives < meetings / 3, "%d of %d", gives, meetings);
}
END_TEST

START_TEST(a_publisher_gives_its_own_wherever_it_is) {
    Tested t;
    const auto key = key_of("public", "user", "alice");
    t.store.put(record(t.self, "alice", 5), std::nullopt, t.now.date);
    auto nearer = at(key);
    nearer.id.octets[19] ^= 1;
    t.table.answered(nearer, t.now.time);
    t.table.answered(at(key), t.now.time);
    t.replicator.met(at(key), t.now);
    ck_assert(t.question()->query.target == key);
}
END_TEST

START_TEST(copying_takes_few_of_the_questions_that_may_be_out) {
    Tested t;
    for (int i = 0; i < 100; ++i) t.hold("user" + std::to_string(i), t.self);
    const auto newcomer = t.know(1);
    t.replicator.met(newcomer, t.now);
    ck_assert_uint_eq(t.datagrams.size(), 16);
    t.answer_with("");
    ck_assert_uint_eq(t.rpc.outstanding(), 17);  // a copy is sent, and the next key asked for
}
END_TEST

START_TEST(who_falls_silent_is_not_asked_for_the_rest) {
    Tested t;
    for (int i = 0; i < 100; ++i) t.hold("user" + std::to_string(i), t.self);
    t.replicator.met(t.know(1), t.now);
    t.pass(std::chrono::seconds{1});
    while (const auto timeout = t.rpc.take_timeout(t.now.time)) t.replicator.dropped(timeout->pending, t.now);
    ck_assert_uint_eq(t.datagrams.size(), 16);
}
END_TEST

int main() {
    return run_suite(
        "replicator",
        {a_newcomer_is_given_what_it_does_not_hold, an_older_version_at_the_newcomer_is_replaced,
         who_is_not_among_the_closest_is_given_nothing,
         of_those_who_are_not_the_closest_holder_some_give_by_chance,
         a_publisher_gives_its_own_wherever_it_is, copying_takes_few_of_the_questions_that_may_be_out,
         who_falls_silent_is_not_asked_for_the_rest});
}
