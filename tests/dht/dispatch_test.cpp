// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/dispatch.h"

#include "dht/compact.h"
#include "tests/dht/parts.h"

using namespace dht;
using namespace std::chrono_literals;
using samples::Parts;

namespace {

using Task = Purpose::Task;

const Key alice = key_of("public", "user", "alice");

struct Tested : Parts {
    /// The oldest question, which now has its answer.
    Rpc::Pending take() {
        const auto* asked = question();
        ck_assert_ptr_nonnull(asked);
        return *rpc.take(asked->message.transaction, asked->to, now.time);
    }

    /// Answers the oldest question with those contacts.
    void answer_with(const std::vector<Contact>& contacts) {
        const auto asked = take();
        Buffer nodes;
        for (const Contact& contact : contacts) append_compact(nodes, contact);
        const Response response{.id = *asked.to.id, .nodes = nodes.text(), .token = "token"};
        dispatch.answered(asked, response, now);
    }

    /// The search for a publication has ended, and its stores are on their way.
    void publish() {
        publisher.publish("user", "alice", samples::value("here"), 2min, now);
        answer_with({});
        publisher.searched(*searches.take_finished(), now);
    }

    ItemStore items{{}};
    Publisher publisher{self, members, 2h, store, searches, rpc, next_id, events};
    Replicator replicator{self, 20, table, store, rpc, random};
    ItemPuts puts{items, searches, rpc, next_id, events};
    Dispatch dispatch{table, peers, searches, publisher, replicator, puts};
};

}  // namespace

START_TEST(an_answer_to_a_search_brings_it_further) {
    Tested t;
    t.know(1);
    t.searches.start(5, Search::For::nodes, 0, alice, t.now);
    t.answer_with({Parts::contact(2), Parts::contact(3)});
    ck_assert_uint_eq(t.datagrams.size(), 2);
    t.answer_with({});
    t.answer_with({});
    ck_assert_uint_eq(t.searches.take_finished()->lookup.closest().size(), 3);
}
END_TEST

START_TEST(who_is_known_to_be_silent_or_foreign_is_not_asked_on_hearsay) {
    Tested t;
    t.know(1);
    const auto silent = t.know(2);
    const auto foreign = Parts::contact(3);
    t.table.failed(silent, t.now.time);
    t.pass(2s);
    t.table.failed(silent, t.now.time);
    t.peers.foreign(foreign.endpoint, t.now.time);
    t.searches.start(5, Search::For::nodes, 0, alice, t.now);
    t.answer_with({silent, foreign, Parts::contact(4)});
    ck_assert(t.question()->to == Parts::contact(4).endpoint);
    ck_assert(!t.question());
}
END_TEST

START_TEST(a_slow_answer_lets_a_search_ask_somebody_else) {
    Tested t;
    for (std::uint8_t number = 1; number <= 6; ++number) t.know(number);
    t.searches.start(5, Search::For::nodes, 0, alice, t.now);
    ck_assert_uint_eq(t.datagrams.size(), 3);
    t.pass(Peers::unknown_slow);
    while (const auto timeout = t.rpc.take_timeout(t.now.time)) t.dispatch.slow(timeout->pending, t.now);
    ck_assert_uint_eq(t.datagrams.size(), 6);
}
END_TEST

START_TEST(a_store_that_is_acknowledged_counts) {
    Tested t;
    t.know(1);
    t.publish();
    const auto asked = t.take();
    ck_assert(asked.purpose.task == Task::store);
    t.dispatch.answered(asked, Response{.id = *asked.to.id}, t.now);
    ck_assert_uint_eq(std::get<Stored>(t.events.front()).holders, 1);
}
END_TEST

START_TEST(a_store_that_is_late_is_sent_once_more) {
    Tested t;
    t.know(1);
    t.publish();
    t.dispatch.late(t.take(), t.now);
    const auto again = t.take();
    ck_assert(again.purpose.task == Task::store && again.purpose.attempt == 2);
    t.dispatch.late(again, t.now);
    ck_assert(!t.question());
    ck_assert_uint_eq(std::get<Stored>(t.events.front()).holders, 0);
}
END_TEST

START_TEST(why_a_put_was_refused_is_told) {
    Tested t;
    t.know(1);
    t.puts.put({.value = "2:me"}, std::nullopt, t.now);
    t.answer_with({});
    t.puts.searched(*t.searches.take_finished(), t.now);
    t.dispatch.failed(t.take(), 205, t.now);
    ck_assert_int_eq(std::get<ItemStored>(t.events.front()).error, 205);
}
END_TEST

START_TEST(a_newcomer_is_asked_what_it_has_and_given_the_rest) {
    Tested t;
    t.store.put(samples::record(t.self, "alice", 1), std::nullopt, t.now.date);
    t.replicator.met(t.know(1), t.now);
    const auto fetch = t.take();
    ck_assert(fetch.purpose.task == Task::fetch);
    t.dispatch.answered(fetch, Response{.id = *fetch.to.id, .token = "token"}, t.now);
    const auto copy = t.take();
    ck_assert(copy.purpose.task == Task::copy);
    t.dispatch.answered(copy, Response{.id = *copy.to.id}, t.now);  // nobody waits for it
    t.dispatch.late(copy, t.now);
    t.dispatch.failed(copy, 202, t.now);
    ck_assert(!t.question() && t.events.empty());
}
END_TEST

START_TEST(to_a_silent_newcomer_nothing_more_is_copied) {
    Tested t;
    for (int i = 0; i < 30; ++i)
        t.store.put(samples::record(t.self, "user" + std::to_string(i), 1), std::nullopt, t.now.date);
    t.replicator.met(t.know(1), t.now);
    ck_assert_uint_eq(t.datagrams.size(), 16);
    t.dispatch.late(t.take(), t.now);
    ck_assert_uint_eq(t.datagrams.size(), 15);
}
END_TEST

int main() {
    return run_suite(
        "dispatch",
        {an_answer_to_a_search_brings_it_further,
         who_is_known_to_be_silent_or_foreign_is_not_asked_on_hearsay,
         a_slow_answer_lets_a_search_ask_somebody_else, a_store_that_is_acknowledged_counts,
         a_store_that_is_late_is_sent_once_more, why_a_put_was_refused_is_told,
         a_newcomer_is_asked_what_it_has_and_given_the_rest, to_a_silent_newcomer_nothing_more_is_copied});
}
