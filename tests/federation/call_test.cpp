// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/call.h"

#include <chrono>

#include "tests/check.h"

namespace {

using namespace std::chrono_literals;
using namespace federation;
using State = Call::State;

const Config config;
const dht::Time start{1s};
const CallId id(32, 'c');
const auto peer = *dht::NodeId::from_hex(std::string(40, 'b'));

Call calling() {
    return Call::outgoing({id, "alice", "bob", 0, "{}"}, config, start);
}

Call called() {
    CallOutput output;
    return Call::incoming({id, "alice", "bob", 4, "{}"}, peer, config, start, output);
}

/// A call that these have happened to.
Call after(Call call, const std::vector<CallInput>& inputs) {
    for (const auto& input : inputs) (void)call.step(input, start);
    return call;
}

template <class T>
bool sends(const CallOutput& output) {
    return output.send.size() == 1 && std::holds_alternative<T>(output.send.front());
}

template <class T>
bool tells(const CallOutput& output) {
    return output.tell.size() == 1 && std::holds_alternative<T>(output.tell.front());
}

bool nothing(const CallOutput& output) {
    return output.send.empty() && output.tell.empty();
}

bool ends_with(const CallOutput& output, Reason reason) {
    return tells<CallEnded>(output) && std::get<CallEnded>(output.tell.front()).reason == reason;
}

const Located located{peer, 4, true};

START_TEST(a_call_is_located_then_invites) {
    auto call = calling();
    ck_assert(call.state() == State::locating && !call.peer());
    const auto output = call.step(located, start);
    ck_assert(sends<Invite>(output) && tells<CallProceeding>(output));
    ck_assert(call.state() == State::inviting && call.peer() == peer && call.lane() == 4);
    ck_assert(tells<CallRinging>(call.step(Ringing{id}, start)));
    ck_assert(tells<CallAccepted>(call.step(Accept{id, "{}"}, start)));
    ck_assert(call.state() == State::up && !call.deadline());
    ck_assert(tells<CallUpdated>(call.step(Update{id, "{}"}, start)));
    ck_assert(sends<Update>(call.step(Renegotiate{"{}"}, start)));
    const auto end = call.step(HangUp{Reason::hangup, {}}, start);
    ck_assert(sends<Bye>(end) && end.tell.empty() && call.over());
}
END_TEST

START_TEST(a_call_that_comes_in_is_offered_rings_and_is_answered) {
    CallOutput output;
    auto call = Call::incoming({id, "alice", "bob", 4, "{}"}, peer, config, start, output);
    ck_assert(tells<CallIncoming>(output) && std::get<CallIncoming>(output.tell.front()).jsep == "{}");
    ck_assert(sends<Ringing>(call.step(Ring{}, start)));
    ck_assert(nothing(call.step(Ring{}, start)));
    ck_assert(sends<Accept>(call.step(Answer{"{}"}, start)));
    ck_assert(nothing(call.step(Answer{"{}"}, start)));
    ck_assert(ends_with(call.step(Bye{id, Reason::hangup, {}}, start), Reason::hangup));
}
END_TEST

START_TEST(answering_without_ringing_is_fine) {
    ck_assert(sends<Accept>(called().step(Answer{"{}"}, start)));
    ck_assert(tells<CallAccepted>(after(calling(), {located}).step(Accept{id, "{}"}, start)));
}
END_TEST

START_TEST(what_comes_twice_or_too_late_changes_nothing) {
    auto call = after(calling(), {located, Accept{id, "{}"}});
    ck_assert(nothing(call.step(Ringing{id}, start)));
    ck_assert(nothing(call.step(Accept{id, "{}"}, start)));
    ck_assert(nothing(call.step(located, start)));
    call = after(call, {Bye{id, Reason::hangup, {}}});
    ck_assert(nothing(call.step(Bye{id, Reason::hangup, {}}, start)));
    ck_assert(nothing(call.step(HangUp{Reason::hangup, {}}, start)));
    ck_assert(nothing(call.step(DeadlinePassed{}, start + 1h)));
}
END_TEST

START_TEST(each_side_takes_only_its_own_part) {
    auto caller = after(calling(), {located});
    ck_assert(nothing(caller.step(Ring{}, start)));
    ck_assert(nothing(caller.step(Answer{"{}"}, start)));
    ck_assert(nothing(caller.step(Update{id, "{}"}, start)));
    auto callee = called();
    ck_assert(nothing(callee.step(Ringing{id}, start)));
    ck_assert(nothing(callee.step(Accept{id, "{}"}, start)));
    ck_assert(nothing(callee.step(Renegotiate{"{}"}, start)));
}
END_TEST

START_TEST(nobody_is_told_of_a_call_that_was_never_located) {
    ck_assert(nothing(calling().step(HangUp{Reason::hangup, {}}, start)));
    const auto output = calling().step(NotLocated{Reason::unknown_user}, start);
    ck_assert(ends_with(output, Reason::unknown_user) && output.send.empty());
}
END_TEST

START_TEST(the_invite_leaves_within_five_seconds_or_the_call_ends) {
    auto call = after(calling(), {Located{peer, 4, false}});
    ck_assert(*call.deadline() <= start + 5s);
    const auto output = call.step(DeadlinePassed{}, *call.deadline());
    ck_assert(ends_with(output, Reason::server_unreachable) && sends<Bye>(output));
}
END_TEST

START_TEST(ringing_ends_after_a_minute_at_the_caller_first) {
    auto caller = after(calling(), {Located{peer, 4, false}, LinkUp{}, Ringing{id}});
    ck_assert(caller.deadline() == start + config.ring_timeout);
    const auto output = caller.step(DeadlinePassed{}, *caller.deadline());
    ck_assert(ends_with(output, Reason::timeout));
    ck_assert(std::get<Bye>(output.send.front()).reason == Reason::timeout);
    ck_assert(*called().deadline() > start + config.ring_timeout);
}
END_TEST

START_TEST(an_invite_that_may_be_lost_is_sent_once_more) {
    auto call = after(calling(), {located});
    ck_assert(sends<Invite>(call.step(LinkDown{}, start)));
    ck_assert(*call.deadline() <= start + 5s);
    ck_assert(ends_with(call.step(LinkDown{}, start), Reason::server_unreachable));
}
END_TEST

START_TEST(a_call_that_rings_ends_with_its_connection) {
    ck_assert(ends_with(after(calling(), {located, Ringing{id}}).step(LinkDown{}, start),
                        Reason::server_unreachable));
    ck_assert(ends_with(called().step(LinkDown{}, start), Reason::server_unreachable));
}
END_TEST

START_TEST(a_call_that_is_up_waits_for_its_connection) {
    auto call = after(called(), {Answer{"{}"}});
    ck_assert(nothing(call.step(LinkDown{}, start)));
    ck_assert(call.deadline() == start + config.interruption_max);
    ck_assert(nothing(call.step(LinkFailed{Reason::server_unreachable}, start + 1s)));
    ck_assert(call.deadline() == start + config.interruption_max);
    ck_assert(sends<Check>(call.step(LinkUp{}, start + 2s)));
    ck_assert(!call.deadline());
    (void)call.step(LinkDown{}, start + 3s);
    ck_assert(ends_with(call.step(DeadlinePassed{}, start + 18s), Reason::server_unreachable));
}
END_TEST

START_TEST(a_call_that_is_up_waits_less_for_a_server_that_has_ended) {
    auto call = after(called(), {Answer{"{}"}, LinkDown{}});
    ck_assert(nothing(call.step(LinkFailed{Reason::server_unreachable, true}, start + 10ms)));
    ck_assert(call.deadline() == start + config.refused_max);
    ck_assert(nothing(call.step(LinkFailed{Reason::server_unreachable, true}, start + 1s)));
    ck_assert(call.deadline() == start + config.refused_max);
    ck_assert(sends<Check>(call.step(LinkUp{}, start + 1s)) && !call.deadline());
    ck_assert(nothing(call.step(LinkFailed{Reason::server_unreachable, true}, start + 1s)));
    ck_assert(!call.deadline());
}
END_TEST

START_TEST(a_peer_that_restarted_knows_no_calls_but_takes_invites) {
    ck_assert(
        ends_with(after(called(), {Answer{"{}"}}).step(PeerRestarted{}, start), Reason::server_unreachable));
    ck_assert(sends<Invite>(after(calling(), {located}).step(PeerRestarted{}, start)));
}
END_TEST

START_TEST(a_dial_that_fails_ends_the_call_with_its_reason) {
    auto call = after(calling(), {located});
    ck_assert(
        ends_with(call.step(LinkFailed{Reason::signalling_refused}, start), Reason::signalling_refused));
}
END_TEST

START_TEST(a_goodbye_without_a_reason_is_a_hangup) {
    ck_assert(ends_with(called().step(Bye{id, Reason::none, {}}, start), Reason::hangup));
}
END_TEST

Call calling_directly() {
    return Call::outgoing({id, "alice", "bob", 0, "{}", true}, config, start);
}

Call called_directly() {
    CallOutput output;
    return Call::incoming({id, "alice", "bob", 4, "{}", true}, peer, config, start, output);
}

const std::string candidate = R"({"candidate":"candidate:1"})";

START_TEST(what_a_caller_trickles_follows_each_invite) {
    auto call = calling_directly();
    ck_assert(nothing(call.step(Trickle{candidate}, start)));
    auto output = call.step(located, start);
    ck_assert(output.send.size() == 2 && std::get<Invite>(output.send[0]).direct);
    ck_assert(std::get<Candidate>(output.send[1]).candidate == candidate);
    ck_assert(sends<Candidate>(call.step(Trickle{""}, start)));
    output = call.step(LinkDown{}, start);
    ck_assert(output.send.size() == 3 && std::get<Candidate>(output.send[2]).candidate.empty());
    ck_assert(tells<CallAccepted>(call.step(Accept{id, "{}", true}, start)));
    ck_assert(sends<Candidate>(call.step(Trickle{candidate}, start)));
}
END_TEST

START_TEST(candidates_pass_both_ways_and_only_so_many) {
    auto callee = called_directly();
    ck_assert(tells<CallCandidate>(callee.step(Candidate{id, candidate}, start)));
    ck_assert(nothing(callee.step(Trickle{candidate}, start)));  // it has described nothing yet
    ck_assert(sends<Accept>(callee.step(Answer{"{}", true}, start)));
    ck_assert(sends<Candidate>(callee.step(Trickle{candidate}, start)));
    for (std::size_t i = 1; i < candidates_max; ++i)
        ck_assert(tells<CallCandidate>(callee.step(Candidate{id, candidate}, start)));
    ck_assert(nothing(callee.step(Candidate{id, candidate}, start)));
    ck_assert(tells<CallUpdated>(callee.step(Update{id, "{}", true}, start)));
    ck_assert(tells<CallCandidate>(callee.step(Candidate{id, candidate}, start)));

    auto caller = after(calling_directly(), {located});
    for (std::size_t i = 0; i < candidates_max; ++i)
        ck_assert(sends<Candidate>(caller.step(Trickle{candidate}, start)));
    ck_assert(nothing(caller.step(Trickle{candidate}, start)));
    ck_assert(nothing(caller.step(Candidate{id, candidate}, start)));
    caller = after(caller, {Accept{id, "{}", true}});
    ck_assert(tells<CallCandidate>(caller.step(Candidate{id, candidate}, start)));
}
END_TEST

START_TEST(a_bridged_call_has_no_candidates_and_is_not_bridged_again) {
    for (auto call : {after(calling(), {located, Accept{id, "{}"}}), after(called(), {Answer{"{}"}})}) {
        ck_assert(nothing(call.step(Trickle{candidate}, start)));
        ck_assert(nothing(call.step(Candidate{id, candidate}, start)));
        ck_assert(nothing(call.step(ToBridge{"{}"}, start)));
        ck_assert(nothing(call.step(Bridge{id, "{}"}, start)));
        ck_assert(nothing(call.step(Update{id, "{}", true}, start)));
    }
    auto caller = after(calling(), {located});
    ck_assert(caller.step(Accept{id, "{}", true}, start).tell.size() == 1 && caller.over());
}
END_TEST

START_TEST(a_direct_call_is_bridged_by_question_offer_and_answer) {
    auto caller = after(calling_directly(), {located, Accept{id, "{}", true}});
    auto callee = after(called_directly(), {Answer{"{}", true}});
    ck_assert(sends<Bridge>(callee.step(ToBridge{""}, start)));
    ck_assert(tells<CallBridge>(caller.step(Bridge{id, ""}, start)));
    ck_assert(sends<Bridge>(caller.step(ToBridge{"{}"}, start)));
    ck_assert(tells<CallBridge>(callee.step(Bridge{id, "{}"}, start)));
    ck_assert(sends<Bridge>(callee.step(ToBridge{"{}"}, start)));
    ck_assert(tells<CallBridge>(caller.step(Bridge{id, "{}"}, start)));
    for (auto* call : {&caller, &callee}) {
        ck_assert(nothing(call->step(Candidate{id, candidate}, start)));
        ck_assert(nothing(call->step(Bridge{id, "{}"}, start)));
        ck_assert(tells<CallUpdated>(call->step(Update{id, "{}"}, start)));
    }
}
END_TEST

START_TEST(a_callee_that_cannot_be_called_directly_is_offered_before_it_answers) {
    auto callee = called_directly();
    ck_assert(sends<Bridge>(callee.step(ToBridge{""}, start)));
    ck_assert(nothing(callee.step(Bridge{id, ""}, start)));
    ck_assert(tells<CallBridge>(callee.step(Bridge{id, "{}"}, start)));
    ck_assert(sends<Accept>(callee.step(Answer{"{}"}, start)));

    auto caller = after(calling_directly(), {Trickle{candidate}, located});
    ck_assert(tells<CallBridge>(caller.step(Bridge{id, ""}, start)));
    ck_assert(sends<Bridge>(caller.step(ToBridge{"{}"}, start)));
    const auto again = caller.step(PeerRestarted{}, start);
    ck_assert(again.send.size() == 3 && std::holds_alternative<Bridge>(again.send[2]));
    const auto accepted = caller.step(Accept{id, "{}"}, start);
    ck_assert(tells<CallAccepted>(accepted) && !std::get<CallAccepted>(accepted.tell.front()).direct);
}
END_TEST

}  // namespace

int main() {
    return run_suite("call", {a_call_is_located_then_invites,
                              a_call_that_comes_in_is_offered_rings_and_is_answered,
                              answering_without_ringing_is_fine,
                              what_comes_twice_or_too_late_changes_nothing,
                              each_side_takes_only_its_own_part,
                              nobody_is_told_of_a_call_that_was_never_located,
                              the_invite_leaves_within_five_seconds_or_the_call_ends,
                              ringing_ends_after_a_minute_at_the_caller_first,
                              an_invite_that_may_be_lost_is_sent_once_more,
                              a_call_that_rings_ends_with_its_connection,
                              a_call_that_is_up_waits_for_its_connection,
                              a_call_that_is_up_waits_less_for_a_server_that_has_ended,
                              a_peer_that_restarted_knows_no_calls_but_takes_invites,
                              a_dial_that_fails_ends_the_call_with_its_reason,
                              a_goodbye_without_a_reason_is_a_hangup,
                              what_a_caller_trickles_follows_each_invite,
                              candidates_pass_both_ways_and_only_so_many,
                              a_bridged_call_has_no_candidates_and_is_not_bridged_again,
                              a_direct_call_is_bridged_by_question_offer_and_answer,
                              a_callee_that_cannot_be_called_directly_is_offered_before_it_answers});
}
