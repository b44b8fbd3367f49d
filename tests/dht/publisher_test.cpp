// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/publisher.h"

#include "tests/dht/parts.h"

using namespace dht;
using namespace std::chrono_literals;
using samples::Parts;

namespace {

const Key alice = key_of("public", "user", "alice");

struct Tested : Parts {
    PublicationId publish(std::string_view text = "here", Duration lifetime = 2min) {
        const auto id = publisher.publish("user", "alice", samples::value(text), lifetime, now);
        finish();
        return id;
    }

    void finish() {
        while (const auto* search = searches.take_progressed()) publisher.progressed(*search, now);
        while (const auto search = searches.take_finished()) publisher.searched(*search, now);
    }

    /// Answers what is asked, and acknowledges every store but those to `except`.
    void answer_all(const Contact& except = {}) {
        while (const auto* asked = next_store()) {
            if (asked->to != except.endpoint) publisher.stored(take(*asked), now);
        }
    }

    /// Whoever is asked says nothing.
    void all_silent() {
        while (const auto* asked = question()) {
            const auto pending = take(*asked);
            if (pending.purpose.task == Purpose::Task::store) {
                publisher.late(pending, now);
            } else {
                searches.late(pending, now);
            }
            finish();
        }
    }

    /// The next of that kind, if it has come; others before it are passed over.
    template <class E>
    std::optional<E> event() {
        while (!events.empty()) {
            const auto next = events.front();
            events.pop_front();
            if (const auto* found = std::get_if<E>(&next)) return *found;
        }
        return std::nullopt;
    }

    /// Answers what is asked until a store is; that one is left to the test.
    const samples::Question* next_store() {
        while (const auto* asked = question()) {
            if (asked->query.method == Method::store) return asked;
            answer(*asked, {.token = "token"});
            finish();
        }
        return nullptr;
    }

    Rpc::Pending take(const samples::Question& asked) {
        return *rpc.take(asked.message.transaction, asked.to, now.time);
    }

    [[nodiscard]] static Record sent(const samples::Question& asked) {
        return *decode_record(view(asked.query.record));
    }

    /// What the last `Stored` says; -1: there was none.
    int holders() {
        int out = -1;
        for (const auto& event : events) {
            if (const auto* stored = std::get_if<Stored>(&event)) out = static_cast<int>(stored->holders);
        }
        events.clear();
        return out;
    }

    Publisher publisher{self, members, 2h, store, searches, rpc, next_id, events};
};

}  // namespace

START_TEST(with_nobody_around_a_record_is_held_here_alone) {
    Tested t;
    t.publish();
    ck_assert_int_eq(t.holders(), 0);
    ck_assert_uint_eq(t.store.find(alice, t.now.date).size(), 1);
}
END_TEST

START_TEST(a_record_goes_to_the_closest_with_the_token_that_they_gave) {
    Tested t;
    t.know(1);
    t.publish();
    const auto* asked = t.next_store();
    ck_assert(asked->to == Parts::contact(1).endpoint && asked->query.token == "token");
    ck_assert(Tested::sent(*asked).name == "alice" && verify(Tested::sent(*asked), "public"));
    ck_assert_int_eq(t.holders(), -1);
    t.publisher.stored(t.take(*asked), t.now);
    ck_assert_int_eq(t.holders(), 1);
}
END_TEST

START_TEST(at_half_its_life_it_is_signed_anew_and_stored_again) {
    Tested t;
    t.know(1);
    t.publish();
    const auto* asked = t.next_store();
    const auto before = Tested::sent(*asked);
    t.publisher.stored(t.take(*asked), t.now);
    ck_assert(t.publisher.deadline() == t.now.time + 1min);
    t.pass(1min - 1us);
    t.publisher.advance(t.now);
    ck_assert(!t.question());
    t.now = samples::later(1min);
    t.publisher.advance(t.now);
    const auto* again = t.next_store();
    ck_assert_uint_gt(Tested::sent(*again).seq, before.seq);
    ck_assert(Tested::sent(*again).expires == before.expires + 1min);
}
END_TEST

START_TEST(a_new_value_goes_at_once_to_who_holds_the_old_one) {
    Tested t;
    t.know(1);
    t.publish("here");
    t.answer_all();
    t.publish("there");
    const auto* asked = t.question();  // before any lookup: the token from last time is still good
    ck_assert(asked->query.method == Method::store && Tested::sent(*asked).value == samples::value("there"));
}
END_TEST

START_TEST(who_is_surely_close_is_sent_it_while_others_are_still_asked) {
    Tested t;
    for (std::uint8_t i = 1; i <= 5; ++i) t.know(i);
    t.publish();
    std::vector<const samples::Question*> searching;
    for (int i = 0; i < 3; ++i) searching.push_back(t.question());
    for (const auto* asked : searching) t.answer(*asked, {.token = "token"});  // and nobody nearer
    t.finish();
    std::size_t stores = 0;
    std::size_t asked_for_more = 0;
    while (const auto* asked = t.question()) {
        stores += asked->query.method == Method::store ? 1 : 0;
        asked_for_more += asked->query.method == Method::find_value ? 1 : 0;
    }
    ck_assert_uint_eq(stores, 3);
    ck_assert_uint_eq(asked_for_more, 2);
}
END_TEST

START_TEST(a_quorum_is_told_and_then_the_end) {
    Tested t;
    for (std::uint8_t i = 1; i <= 10; ++i) t.know(i);
    t.publish();
    std::vector<const samples::Question*> stores;
    while (const auto* asked = t.next_store()) stores.push_back(asked);
    ck_assert_uint_eq(stores.size(), 10);
    for (std::size_t i = 0; i < quorum - 1; ++i) t.publisher.stored(t.take(*stores[i]), t.now);
    ck_assert(!t.event<Stored>());
    t.publisher.stored(t.take(*stores[quorum - 1]), t.now);
    const auto enough = t.event<Stored>();
    ck_assert(enough && !enough->complete && enough->holders == quorum);
    t.publisher.stored(t.take(*stores[8]), t.now);
    ck_assert(!t.event<Stored>());
    t.publisher.refused(t.take(*stores[9]), t.now);
    const auto end = t.event<Stored>();
    ck_assert(end && end->complete && end->holders == 9);
}
END_TEST

START_TEST(with_fewer_than_a_quorum_only_the_end_is_told) {
    Tested t;
    for (std::uint8_t i = 1; i <= 3; ++i) t.know(i);
    t.publish();
    t.answer_all();
    const auto end = t.event<Stored>();
    ck_assert(end && end->complete && end->holders == 3);
    ck_assert(!t.event<Stored>());
}
END_TEST

START_TEST(when_all_holders_have_gone_that_is_told_once_and_tried_again_ever_more_seldom) {
    Tested t;
    t.know(1);
    t.publish();
    t.answer_all();
    ck_assert(t.event<Stored>()->holders == 1);
    for (const auto after : {60s, 1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
        ck_assert(t.publisher.deadline() == t.now.time + after);
        t.pass(after);
        t.publisher.advance(t.now);
        t.finish();
        t.all_silent();
        ck_assert(t.event<Lost>().has_value() == (t.now.time == samples::now.time + 60s));
    }
    t.pass(60s);
    t.publisher.advance(t.now);
    t.answer_all();
    ck_assert(t.event<Stored>()->holders == 1);  // somebody is back
    ck_assert(t.publisher.deadline() == t.now.time + 60s);
}
END_TEST

START_TEST(what_others_refuse_to_hold_is_offered_again_soon) {
    Tested t;
    t.know(1);
    t.publish();
    t.publisher.refused(t.take(*t.next_store()), t.now);
    ck_assert(t.event<Stored>()->holders == 0);
    ck_assert(t.publisher.deadline() == t.now.time + 1s);
}
END_TEST

START_TEST(a_twin_with_the_same_key_is_noticed) {
    Tested t;
    t.know(1);
    t.publish();
    t.answer_all();
    auto twins = samples::record(t.self, "alice", 0, "elsewhere");
    twins.seq = t.store.find(alice, t.now.date).front().seq + 1;  // since then, but before the refresh
    sign(twins, "public", t.self);
    t.pass(1min);
    t.publisher.advance(t.now);
    const Bytes records = encode(twins);
    t.answer({.token = "token", .with_records = true, .records = records});
    t.finish();
    const auto told = t.event<Superseded>();
    ck_assert(told && told->seq == twins.seq);
    const auto* asked = t.next_store();
    ck_assert_uint_gt(Tested::sent(*asked).seq, twins.seq);
    t.publisher.stored(t.take(*asked), t.now);
    ck_assert(!t.event<Superseded>());
}
END_TEST

START_TEST(a_name_published_again_while_it_is_withdrawn_stays) {
    Tested t;
    t.know(1);
    const auto before = t.publish();
    t.answer_all();
    t.publisher.withdraw(before, t.now);
    const auto id = t.publish("back");
    ck_assert_uint_ne(id, before);
    // The search for whom to send the tombstone to finds what was published since.
    const auto held = t.store.find(alice, t.now.date).front();
    const Bytes records = encode(held);
    while (const auto* asked = t.question()) {
        if (asked->query.method == Method::store) {
            t.publisher.stored(t.take(*asked), t.now);
        } else {
            t.answer(*asked, {.token = "token", .with_records = true, .records = records});
        }
        t.finish();
    }
    ck_assert(t.store.find(alice, t.now.date).front() == held);
    ck_assert_int_eq(t.holders(), 1);
}
END_TEST

START_TEST(publishing_the_same_name_again_replaces_it) {
    Tested t;
    const auto id = t.publish("here");
    const auto seq = t.store.find(alice, t.now.date).at(0).seq;
    ck_assert_uint_eq(t.publish("there"), id);
    const auto held = t.store.find(alice, t.now.date);
    ck_assert_uint_eq(held.size(), 1);
    ck_assert_uint_gt(held[0].seq, seq);
    ck_assert(held[0].value == samples::value("there"));
}
END_TEST

START_TEST(withdrawing_sends_a_tombstone_and_then_rests) {
    Tested t;
    t.know(1);
    const auto id = t.publish();
    t.publisher.stored(t.take(*t.next_store()), t.now);
    t.publisher.withdraw(id, t.now);
    const auto* asked = t.question();
    ck_assert(asked->query.method == Method::store && Tested::sent(*asked).withdrawn());
    t.publisher.stored(t.take(*asked), t.now);
    ck_assert(!t.next_store());
    ck_assert(!t.publisher.deadline());
    t.publisher.withdraw(id, t.now);  // once more is nothing
    ck_assert(!t.question());
    ck_assert(t.store.find(alice, t.now.date).at(0).withdrawn());
}
END_TEST

START_TEST(who_is_late_is_asked_once_more_and_then_not_waited_for) {
    Tested t;
    t.know(1);
    t.publish();
    auto pending = t.take(*t.next_store());
    t.publisher.late(pending, t.now);
    ck_assert_int_eq(t.holders(), -1);
    const auto* again = t.question();
    ck_assert(again->query.method == Method::store);
    t.publisher.late(t.take(*again), t.now);
    ck_assert_int_eq(t.holders(), 0);
    ck_assert(!t.question());
}
END_TEST

START_TEST(who_refuses_is_no_holder) {
    Tested t;
    t.know(1);
    t.know(2);
    t.publish();
    t.publisher.refused(t.take(*t.next_store()), t.now);
    t.publisher.stored(t.take(*t.next_store()), t.now);
    ck_assert_int_eq(t.holders(), 1);
}
END_TEST

START_TEST(who_has_forgotten_its_token_is_sent_it_again_with_another) {
    for (const bool refused_first : {true, false}) {
        Tested t;
        t.know(1);
        t.publish("here");
        t.answer_all();
        t.publish("there");
        const auto* with_old = t.question();
        ck_assert(with_old->query.method == Method::store && with_old->query.token == "token");
        const auto* search = t.question();
        ck_assert(search->query.method == Method::find_value);
        const auto refuse = [&] { t.publisher.refused(t.take(*with_old), t.now); };
        if (refused_first) refuse();
        t.answer(*search, {.token = "another"});
        t.finish();
        if (!refused_first) refuse();
        ck_assert_int_eq(t.holders(), 1);  // of what was here; nothing is told yet of what is there
        const auto* again = t.question();
        ck_assert(again && again->query.method == Method::store && again->query.token == "another");
        ck_assert(Tested::sent(*again).value == samples::value("there"));
        t.publisher.stored(t.take(*again), t.now);
        ck_assert_int_eq(t.holders(), 1);
        ck_assert(!t.question());
    }
}
END_TEST

START_TEST(who_refuses_for_another_reason_is_not_asked_again) {
    Tested t;
    t.know(1);
    t.publish("here");
    t.answer_all();
    t.publish("there");
    t.publisher.refused(t.take(*t.question()), t.now);
    t.answer({.token = "token"});
    t.finish();
    ck_assert(!t.question());
    ck_assert(t.event<Lost>().has_value());
}
END_TEST

START_TEST(an_answer_about_an_older_version_counts_for_nothing) {
    Tested t;
    t.know(1);
    t.publish("here");
    const auto old = t.take(*t.next_store());
    t.publish("there");
    t.publisher.stored(old, t.now);
    ck_assert_int_eq(t.holders(), -1);
}
END_TEST

START_TEST(what_an_earlier_life_of_this_node_said_is_superseded) {
    // The same second as before the restart, and a clock that was an hour ahead.
    for (const auto ahead : {0s, 3600s}) {
        Tested t;
        t.know(1);
        t.publish("now");
        Record before{.kind = "user", .name = "alice", .value = samples::value("before")};
        before.seq = (static_cast<std::uint64_t>((t.now.date + ahead).time_since_epoch().count()) << 20U) + 7;
        before.expires = t.now.date + 1min;
        sign(before, "public", t.self);
        const Bytes records = encode(before);
        t.answer({.token = "token", .with_records = true, .records = records});
        t.finish();
        ck_assert(t.event<Superseded>()->seq == before.seq);
        const auto* asked = t.next_store();
        ck_assert_ptr_nonnull(asked);
        ck_assert_uint_gt(Tested::sent(*asked).seq, before.seq);
        t.publisher.stored(t.take(*asked), t.now);
        ck_assert_int_eq(t.holders(), 1);
        ck_assert(t.store.find(alice, t.now.date).front().value == samples::value("now"));
    }
}
END_TEST

START_TEST(a_lifetime_is_kept_within_bounds) {
    Tested t;
    t.publish("here", 24h);
    ck_assert(t.store.find(alice, t.now.date).at(0).expires == t.now.date + 2h);
    t.publish("here", 0s);
    ck_assert(t.store.find(alice, t.now.date).at(0).expires == t.now.date + 2s);
}
END_TEST

int main() {
    return run_suite("publisher",
                     {with_nobody_around_a_record_is_held_here_alone,
                      a_record_goes_to_the_closest_with_the_token_that_they_gave,
                      at_half_its_life_it_is_signed_anew_and_stored_again,
                      a_new_value_goes_at_once_to_who_holds_the_old_one,
                      who_is_surely_close_is_sent_it_while_others_are_still_asked,
                      a_quorum_is_told_and_then_the_end,
                      with_fewer_than_a_quorum_only_the_end_is_told,
                      when_all_holders_have_gone_that_is_told_once_and_tried_again_ever_more_seldom,
                      what_others_refuse_to_hold_is_offered_again_soon,
                      a_twin_with_the_same_key_is_noticed,
                      a_name_published_again_while_it_is_withdrawn_stays,
                      publishing_the_same_name_again_replaces_it,
                      withdrawing_sends_a_tombstone_and_then_rests,
                      who_is_late_is_asked_once_more_and_then_not_waited_for,
                      who_refuses_is_no_holder,
                      who_has_forgotten_its_token_is_sent_it_again_with_another,
                      who_refuses_for_another_reason_is_not_asked_again,
                      an_answer_about_an_older_version_counts_for_nothing,
                      what_an_earlier_life_of_this_node_said_is_superseded,
                      a_lifetime_is_kept_within_bounds});
}
