// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/rpc.h"

#include "tests/dht/parts.h"

using namespace dht;
using namespace std::chrono_literals;
using samples::Parts;

namespace {

using Stage = Rpc::Timeout::Stage;

const Purpose lookup{.task = Purpose::Task::search};

const Query ping{.method = Method::ping};
const Query find{.method = Method::find_node};

}  // namespace

START_TEST(each_question_carries_our_id_and_a_transaction_of_its_own) {
    Parts t;
    ck_assert(t.rpc.ask(Parts::contact(1), ping, {}, t.now.time));
    ck_assert(t.rpc.ask(Parts::contact(1), ping, {}, t.now.time));
    const auto* first = t.question();
    const auto* second = t.question();
    ck_assert(first->to == Parts::contact(1).endpoint);
    ck_assert(first->query.id == t.self.node_id());
    ck_assert(first->message.transaction != second->message.transaction);
    ck_assert(!first->query.read_only);
}
END_TEST

START_TEST(a_read_only_node_says_so) {
    Parts t{16, true};
    t.rpc.ask(Parts::contact(1), ping, {}, t.now.time);
    ck_assert(t.question()->query.read_only);
}
END_TEST

START_TEST(only_who_has_not_proved_its_key_there_is_asked_to) {
    Parts t;
    const auto known = t.know(1);
    t.rpc.ask(known, ping, {}, t.now.time);
    ck_assert(t.question()->query.nonce.empty());
    auto moved = known;
    moved.endpoint.port = 1;
    t.rpc.ask(moved, ping, {}, t.now.time);
    const auto* first = t.question();
    ck_assert_uint_eq(first->query.nonce.size(), 16);
    t.rpc.ask(Rpc::Peer{known.endpoint, std::nullopt}, ping, {}, t.now.time);
    const auto* second = t.question();
    ck_assert_uint_eq(second->query.nonce.size(), 16);
    ck_assert(first->query.nonce != second->query.nonce);
}
END_TEST

START_TEST(a_question_with_a_large_answer_makes_room_for_it) {
    Parts t;
    t.rpc.ask(Parts::contact(1), find, {}, t.now.time);
    ck_assert_uint_ge(t.question()->payload.size() * amplification_max, datagram_bytes_max);
    t.rpc.ask(Parts::contact(1), ping, {}, t.now.time);
    ck_assert_uint_lt(t.question()->payload.size(), 200);
}
END_TEST

START_TEST(an_answer_is_taken_once_and_only_from_where_it_was_asked_for) {
    Parts t;
    const Purpose purpose{.task = Purpose::Task::search, .owner = 7};
    t.rpc.ask(Parts::contact(1), ping, purpose, t.now.time);
    const auto* asked = t.question();
    ck_assert(!t.rpc.take(asked->message.transaction, Parts::contact(2).endpoint, t.now.time));
    ck_assert(!t.rpc.take("xxxx", asked->to, t.now.time));
    ck_assert(!t.rpc.take("x", asked->to, t.now.time));
    const auto taken = t.rpc.take(asked->message.transaction, asked->to, t.now.time);
    ck_assert(taken && taken->purpose.owner == 7 && taken->purpose.task == Purpose::Task::search);
    ck_assert(!t.rpc.take(asked->message.transaction, asked->to, t.now.time));
    ck_assert(!t.rpc.deadline());
}
END_TEST

START_TEST(a_silent_peer_is_first_late_and_then_gone) {
    Parts t;
    t.rpc.ask(Parts::contact(1), ping, {}, t.now.time);
    ck_assert(t.rpc.deadline() == t.now.time + Peers::unknown_timeout);
    ck_assert(!t.rpc.take_timeout(t.now.time + Peers::unknown_timeout - 1us));
    const auto late = t.rpc.take_timeout(t.now.time + Peers::unknown_timeout);
    ck_assert(late && late->stage == Stage::late);
    ck_assert(!t.rpc.take_timeout(t.now.time + 5s - 1us));
    const auto gone = t.rpc.take_timeout(t.now.time + 5s);
    ck_assert(gone && gone->stage == Stage::gone);
    ck_assert_uint_eq(t.rpc.outstanding(), 0);
}
END_TEST

START_TEST(to_a_lookup_a_silent_peer_is_slow_before_it_is_late) {
    Parts t;
    t.rpc.ask(Parts::contact(1), find, lookup, t.now.time);
    ck_assert(!t.rpc.take_timeout(t.now.time + Peers::unknown_slow - 1us));
    const auto slow = t.rpc.take_timeout(t.now.time + Peers::unknown_slow);
    ck_assert(slow && slow->stage == Stage::slow);
    ck_assert(t.rpc.deadline() == t.now.time + Peers::unknown_timeout);
    const auto late = t.rpc.take_timeout(t.now.time + Peers::unknown_timeout);
    ck_assert(late && late->stage == Stage::late);
    ck_assert(t.rpc.take_timeout(t.now.time + 5s)->stage == Stage::gone);
}
END_TEST

START_TEST(where_nobody_is_said_to_be_questions_are_late_as_soon_as_they_would_have_been_answered) {
    Parts t;
    t.rpc.ask(Parts::contact(1), find, lookup, t.now.time);
    t.rpc.ask(Parts::contact(2), find, lookup, t.now.time);
    t.pass(1ms);
    t.rpc.unreachable(Parts::contact(1).endpoint, t.now.time);
    const auto slow = t.rpc.take_timeout(t.now.time);
    ck_assert(slow && slow->stage == Stage::slow && slow->pending.to.endpoint == Parts::contact(1).endpoint);
    ck_assert(!t.rpc.take_timeout(t.now.time));
    t.pass(9ms);
    const auto late = t.rpc.take_timeout(t.now.time);
    ck_assert(late && late->stage == Stage::late && late->pending.unreachable);
    t.rpc.unreachable(Parts::contact(1).endpoint, t.now.time);
    ck_assert(!t.rpc.take_timeout(t.now.time));
    const auto* asked = t.question();
    ck_assert(t.rpc.take(asked->message.transaction, asked->to, t.now.time).has_value());  // it was forged
}
END_TEST

START_TEST(on_the_loopback_a_closed_port_is_believed) {
    Parts t;
    auto here = Parts::contact(1);
    here.endpoint = Endpoint::v4({127, 0, 0, 1}, 7000);
    t.rpc.ask(here, find, lookup, t.now.time);
    t.rpc.unreachable(here.endpoint, t.now.time);
    ck_assert(t.rpc.take_timeout(t.now.time)->stage == Stage::slow);
    ck_assert(t.rpc.take_timeout(t.now.time)->stage == Stage::late);
    ck_assert(!t.rpc.take_timeout(t.now.time));
}
END_TEST

START_TEST(a_forged_report_does_not_outrun_an_answer_that_takes_its_time) {
    Parts t;
    const auto far = Parts::contact(1);
    for (int i = 0; i < 50; ++i) t.peers.measured(far.endpoint, 200ms, t.now.time);
    t.rpc.ask(far, find, lookup, t.now.time);
    t.rpc.unreachable(far.endpoint, t.now.time);
    while (const auto early = t.rpc.take_timeout(t.now.time + 200ms - 1us))
        ck_assert(early->stage == Stage::slow);
    ck_assert(t.rpc.take_timeout(t.now.time + 201ms)->stage == Stage::late);
}
END_TEST

START_TEST(a_late_answer_is_still_taken) {
    Parts t;
    t.rpc.ask(Parts::contact(1), ping, {}, t.now.time);
    t.pass(1s);
    t.rpc.take_timeout(t.now.time);
    const auto* asked = t.question();
    ck_assert(t.rpc.take(asked->message.transaction, asked->to, t.now.time).has_value());
    ck_assert(!t.rpc.take_timeout(t.now.time + 1h));
}
END_TEST

START_TEST(a_peer_that_was_quick_is_late_sooner) {
    Parts t;
    t.rpc.ask(Parts::contact(1), ping, {}, t.now.time);
    const auto* asked = t.question();
    t.pass(10ms);
    t.rpc.take(asked->message.transaction, asked->to, t.now.time);
    t.rpc.ask(Parts::contact(1), ping, {}, t.now.time);
    ck_assert(t.rpc.deadline() <= t.now.time + 60ms);
}
END_TEST

START_TEST(no_more_questions_are_out_than_may_be) {
    Parts t{2};
    ck_assert(t.rpc.ask(Parts::contact(1), ping, {}, t.now.time));
    ck_assert(t.rpc.ask(Parts::contact(2), ping, {}, t.now.time));
    ck_assert(!t.rpc.ask(Parts::contact(3), ping, {}, t.now.time));
    ck_assert_uint_eq(t.datagrams.size(), 2);
    const auto* asked = t.question();
    t.rpc.take(asked->message.transaction, asked->to, t.now.time);
    ck_assert(t.rpc.ask(Parts::contact(3), ping, {}, t.now.time));
}
END_TEST

START_TEST(who_is_late_takes_no_room_and_the_oldest_of_many_is_forgotten) {
    Parts t{2};
    const auto ask_two_in_vain = [&] {
        ck_assert(t.rpc.ask(Parts::contact(1), ping, {}, t.now.time));
        ck_assert(t.rpc.ask(Parts::contact(2), ping, {}, t.now.time));
        ck_assert_uint_eq(t.rpc.room(), 0);
        t.pass(1s);
        while (t.rpc.take_timeout(t.now.time)) {
        }
        ck_assert_uint_eq(t.rpc.room(), 2);
    };
    ask_two_in_vain();
    const auto* first = t.question();
    t.question();
    ask_two_in_vain();
    const auto* third = t.question();
    ck_assert(!t.rpc.take(first->message.transaction, first->to, t.now.time));
    ck_assert(t.rpc.take(third->message.transaction, third->to, t.now.time).has_value());
    t.pass(5s);
    ck_assert(t.rpc.take_timeout(t.now.time)->stage == Stage::gone);
    ck_assert(!t.rpc.take_timeout(t.now.time) && !t.rpc.deadline());
}
END_TEST

START_TEST(contacts_of_both_families_are_wanted_once_both_have_worked) {
    Parts t;
    auto v6 = Parts::contact(2);
    v6.endpoint = *Endpoint::parse("[2001:db8::1]:7000");
    const auto wanted = [&] {
        t.rpc.ask(Parts::contact(3), find, {}, t.now.time);
        const auto* asked = t.question();
        ck_assert(asked->query.want_v4 == asked->query.want_v6);
        return asked->query.want_v6;
    };
    const auto answered = [&](const Contact& contact) {
        t.rpc.ask(contact, ping, {}, t.now.time);
        const auto* asked = t.question();
        ck_assert(t.rpc.take(asked->message.transaction, asked->to, t.now.time).has_value());
    };
    answered(Parts::contact(1));
    ck_assert(!wanted());
    answered(v6);
    ck_assert(wanted());
    t.rpc.ask(v6, ping, {}, t.now.time);
    ck_assert(!t.question()->query.want_v6);
}
END_TEST

int main() {
    return run_suite(
        "rpc",
        {each_question_carries_our_id_and_a_transaction_of_its_own, a_read_only_node_says_so,
         only_who_has_not_proved_its_key_there_is_asked_to, a_question_with_a_large_answer_makes_room_for_it,
         an_answer_is_taken_once_and_only_from_where_it_was_asked_for,
         a_silent_peer_is_first_late_and_then_gone, a_late_answer_is_still_taken,
         to_a_lookup_a_silent_peer_is_slow_before_it_is_late,
         where_nobody_is_said_to_be_questions_are_late_as_soon_as_they_would_have_been_answered,
         on_the_loopback_a_closed_port_is_believed,
         a_forged_report_does_not_outrun_an_answer_that_takes_its_time, a_peer_that_was_quick_is_late_sooner,
         no_more_questions_are_out_than_may_be, who_is_late_takes_no_room_and_the_oldest_of_many_is_forgotten,
         contacts_of_both_families_are_wanted_once_both_have_worked});
}
