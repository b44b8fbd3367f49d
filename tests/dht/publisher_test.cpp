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
        while (const auto search = searches.take_finished()) publisher.searched(*search, now);
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

START_TEST(at_half_its_life_it_is_signed_anew_and_sent_at_once) {
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
    const auto* again = t.question();  // before any lookup: the token from last time is still good
    ck_assert(again->query.method == Method::store);
    ck_assert_uint_gt(Tested::sent(*again).seq, before.seq);
    ck_assert(Tested::sent(*again).expires == before.expires + 1min);
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
    return run_suite(
        "publisher",
        {with_nobody_around_a_record_is_held_here_alone,
         a_record_goes_to_the_closest_with_the_token_that_they_gave,
         at_half_its_life_it_is_signed_anew_and_sent_at_once, publishing_the_same_name_again_replaces_it,
         withdrawing_sends_a_tombstone_and_then_rests, who_is_late_is_asked_once_more_and_then_not_waited_for,
         who_refuses_is_no_holder, an_answer_about_an_older_version_counts_for_nothing,
         what_an_earlier_life_of_this_node_said_is_superseded, a_lifetime_is_kept_within_bounds});
}
