// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/fork.h"

#include "tests/check.h"

namespace {

using namespace federation;

const CallId whole(32, 'a');
const CallId second(32, 'b');
const CallId third(32, 'c');
const auto here = *dht::NodeId::from_hex(std::string(40, '1'));
const auto there = *dht::NodeId::from_hex(std::string(40, '2'));

Fork at_two_places() {
    Fork fork{{whole, "alice", "bob", 0, "{}"}};
    (void)fork.heard(whole, CallProceeding{whole, here, 2});
    (void)fork.add(second);
    (void)fork.heard(second, CallProceeding{second, there, 4});
    (void)fork.complete();
    return fork;
}

template <class T>
const T* told(const Fork::Output& output, std::size_t index = 0) {
    return index < output.tell.size() ? std::get_if<T>(&output.tell[index]) : nullptr;
}

bool nothing(const Fork::Output& output) {
    return output.tell.empty() && output.cancel.empty();
}

START_TEST(every_leg_has_the_same_offer_and_an_id_of_its_own) {
    Fork fork{{whole, "alice", "bob", 0, "{\"type\":\"offer\"}"}};
    const auto invite = fork.add(second);
    ck_assert(invite && invite->call == second && invite->from == "alice" && invite->to == "bob");
    ck_assert(invite->jsep == "{\"type\":\"offer\"}");
    ck_assert(fork.legs() == (std::vector{whole, second}));
}
END_TEST

START_TEST(it_rings_once_however_many_ring) {
    auto fork = at_two_places();
    const auto first = fork.heard(second, CallRinging{second});
    ck_assert(told<CallRinging>(first) && told<CallRinging>(first)->call == whole);
    ck_assert(nothing(fork.heard(whole, CallRinging{whole})));
}
END_TEST

START_TEST(the_first_to_accept_wins_and_the_others_are_told) {
    auto fork = at_two_places();
    const auto output = fork.heard(second, CallAccepted{second, "{}"});
    ck_assert(output.cancel == std::vector{whole} && output.why == Reason::answered_elsewhere);
    const auto* place = told<CallProceeding>(output, 0);
    ck_assert(place && place->call == whole && place->peer == there && place->lane == 4);
    ck_assert(told<CallAccepted>(output, 1) && told<CallAccepted>(output, 1)->call == whole);
    ck_assert(fork.answered() == second);
    ck_assert(nothing(fork.heard(whole, CallAccepted{whole, "{}"})));
    ck_assert(nothing(fork.heard(whole, CallUpdated{whole, "{}"})));
    ck_assert(told<CallUpdated>(fork.heard(second, CallUpdated{second, "{}"})));
    ck_assert(!fork.add(third));
}
END_TEST

START_TEST(the_end_of_the_one_that_was_accepted_is_the_end) {
    auto fork = at_two_places();
    (void)fork.heard(second, CallAccepted{second, "{}"});
    ck_assert(nothing(fork.heard(whole, CallEnded{whole, Reason::server_unreachable, {}})) && !fork.over());
    const auto output = fork.heard(second, CallEnded{second, Reason::hangup, "bye"});
    const auto* end = told<CallEnded>(output);
    ck_assert(end && end->call == whole && end->reason == Reason::hangup && end->text == "bye");
    ck_assert(fork.over() && nothing(fork.heard(second, CallEnded{second, Reason::hangup, {}})));
}
END_TEST

START_TEST(who_declines_declines_for_all_places) {
    auto fork = at_two_places();
    const auto output = fork.heard(whole, CallEnded{whole, Reason::declined, "not now"});
    ck_assert(output.cancel == std::vector{second} && output.why == Reason::declined);
    ck_assert(told<CallEnded>(output)->reason == Reason::declined && fork.over());
}
END_TEST

START_TEST(when_nobody_is_left_the_most_telling_reason_ends_it) {
    auto fork = at_two_places();
    ck_assert(nothing(fork.heard(whole, CallEnded{whole, Reason::busy, {}})));
    const auto output = fork.heard(second, CallEnded{second, Reason::unknown_user, {}});
    ck_assert(told<CallEnded>(output)->reason == Reason::busy && fork.over());
}
END_TEST

START_TEST(it_does_not_end_while_more_places_may_be_found) {
    Fork fork{{whole, "alice", "bob", 0, "{}"}};
    ck_assert(nothing(fork.heard(whole, CallEnded{whole, Reason::busy, {}})));
    ck_assert(fork.add(second));
    ck_assert(nothing(fork.complete()));
    const auto output = fork.heard(second, CallEnded{second, Reason::timeout, {}});
    ck_assert(told<CallEnded>(output)->reason == Reason::busy);

    Fork alone{{whole, "alice", "bob", 0, "{}"}};
    (void)alone.heard(whole, CallEnded{whole, Reason::busy, {}});
    ck_assert(told<CallEnded>(alone.complete())->reason == Reason::busy && alone.over());
}
END_TEST

START_TEST(all_places_hear_the_callers_candidates_until_one_accepts) {
    Fork fork{{whole, "alice", "bob", 0, "{}", true}};
    fork.trickle("{}");
    ck_assert(fork.add(second)->direct);
    ck_assert(fork.trickled() == std::vector<std::string>{"{}"});
    ck_assert(fork.listeners() == (std::vector{whole, second}));
    for (std::size_t i = 0; i < 2 * candidates_max; ++i) fork.trickle("{}");
    ck_assert(fork.trickled().size() == candidates_max);
    ck_assert(nothing(fork.heard(second, CallCandidate{second, "{}"})));
    (void)fork.heard(second, CallAccepted{second, "{}", true});
    ck_assert(fork.listeners() == std::vector{second} && fork.trickled().empty());
    ck_assert(told<CallCandidate>(fork.heard(second, CallCandidate{second, "{}"}))->call == whole);
    ck_assert(nothing(fork.heard(whole, CallCandidate{whole, "{}"})));
}
END_TEST

START_TEST(one_place_that_wants_to_be_bridged_is_enough_and_is_heard_once) {
    auto fork = at_two_places();
    ck_assert(told<CallBridge>(fork.heard(second, CallBridge{second, ""}))->call == whole);
    fork.bridge("{}");
    ck_assert(*fork.bridge() == "{}");
    ck_assert(nothing(fork.heard(whole, CallBridge{whole, ""})));
    (void)fork.heard(second, CallAccepted{second, "{}", true});
    ck_assert(nothing(fork.heard(whole, CallBridge{whole, "{}"})));
    ck_assert(told<CallBridge>(fork.heard(second, CallBridge{second, "{}"})));
}
END_TEST

START_TEST(what_is_said_of_strange_legs_is_nothing) {
    auto fork = at_two_places();
    ck_assert(nothing(fork.heard(third, CallAccepted{third, "{}"})));
    ck_assert(!fork.answered());
}
END_TEST

}  // namespace

int main() {
    return run_suite(
        "fork",
        {every_leg_has_the_same_offer_and_an_id_of_its_own, it_rings_once_however_many_ring,
         the_first_to_accept_wins_and_the_others_are_told, the_end_of_the_one_that_was_accepted_is_the_end,
         who_declines_declines_for_all_places, when_nobody_is_left_the_most_telling_reason_ends_it,
         it_does_not_end_while_more_places_may_be_found,
         all_places_hear_the_callers_candidates_until_one_accepts,
         one_place_that_wants_to_be_bridged_is_enough_and_is_heard_once,
         what_is_said_of_strange_legs_is_nothing});
}
