// SPDX-License-Identifier: LGPL-2.1-or-later
/// Direct calls: what the browsers say to each other passes, and they can still be bridged.
#include <chrono>
#include <string>
#include <utility>

#include "federation/server.h"
#include "tests/check.h"
#include "tests/federation/world.h"

namespace {

using namespace std::chrono_literals;
using namespace federation;

const std::string offer = R"({"type":"offer","sdp":"v=0\r\n"})";
const std::string answer = R"({"type":"answer","sdp":"v=0\r\n"})";
const std::string early = R"({"candidate":"candidate:1"})";
const std::string late = R"({"candidate":"candidate:2"})";

/// alice at `a`, bob at `b`, which may be one.
struct Pair {
    World world;
    World::Host* a = nullptr;
    World::Host* b = nullptr;
    CallId call, at_b;

    explicit Pair(bool two_servers) {
        const auto all = world.federate(3);
        a = all[1];
        b = two_servers ? all[2] : a;
        world.register_user(*a, "alice");
        world.register_user(*b, "bob");
    }
    /// Alice's browser finds a candidate before it is known where bob is.
    CallIncoming invite() {
        call = (*a)->call("alice", "bob", offer, world.now(), true);
        (*a)->candidate(call, early, world.now());
        auto incoming = world.wait<CallIncoming>(*b).value();
        at_b = incoming.call;
        return incoming;
    }
    CallAccepted talk() {
        invite();
        (*b)->accept(at_b, answer, world.now(), true);
        return world.wait<CallAccepted>(*a).value();
    }
};

START_TEST(descriptions_and_candidates_pass_between_the_browsers) {
    for (const bool two_servers : {true, false}) {
        Pair p{two_servers};
        const auto incoming = p.invite();
        ck_assert(incoming.direct && incoming.jsep == offer);
        ck_assert(p.world.wait<CallCandidate>(*p.b)->candidate == early);
        (*p.b)->accept(p.at_b, answer, p.world.now(), true);
        const auto accepted = p.world.wait<CallAccepted>(*p.a);
        ck_assert(accepted && accepted->direct && accepted->jsep == answer);
        (*p.b)->candidate(p.at_b, late, p.world.now());
        (*p.b)->candidate(p.at_b, "", p.world.now());
        const auto found = p.world.wait<CallCandidate>(*p.a);
        ck_assert(found && found->call == p.call && found->candidate == late);
        ck_assert(p.world.wait<CallCandidate>(*p.a)->candidate.empty());
        (*p.a)->update(p.call, offer, p.world.now(), true);
        ck_assert(p.world.wait<CallUpdated>(*p.b)->direct);
        (*p.a)->bye(p.call, Reason::hangup, "", p.world.now());
        ck_assert(p.world.wait<CallEnded>(*p.b));
    }
}
END_TEST

START_TEST(a_direct_call_is_bridged_whoever_asks) {
    for (const auto& [two_servers, callee_asks] : {std::pair{true, true}, {true, false}, {false, true}}) {
        Pair p{two_servers};
        ck_assert(p.talk().direct);
        if (callee_asks) {
            (*p.b)->bridge(p.at_b, "", p.world.now());
            const auto asked = p.world.wait<CallBridge>(*p.a);
            ck_assert(asked && asked->call == p.call && asked->jsep.empty());
        }
        (*p.a)->bridge(p.call, offer, p.world.now());
        const auto offered = p.world.wait<CallBridge>(*p.b);
        ck_assert(offered && offered->call == p.at_b && offered->jsep == offer);
        (*p.b)->bridge(p.at_b, answer, p.world.now());
        ck_assert(p.world.wait<CallBridge>(*p.a)->jsep == answer);
        (*p.b)->update(p.at_b, offer, p.world.now());
        ck_assert(!p.world.wait<CallUpdated>(*p.a)->direct);
    }
}
END_TEST

START_TEST(a_callee_that_cannot_be_called_directly_is_bridged_before_it_rings) {
    Pair p{true};
    p.invite();
    (*p.b)->bridge(p.at_b, "", p.world.now());
    ck_assert(p.world.wait<CallBridge>(*p.a));
    (*p.a)->bridge(p.call, offer, p.world.now());
    ck_assert(p.world.wait<CallBridge>(*p.b)->jsep == offer);
    (*p.b)->ringing(p.at_b, p.world.now());
    ck_assert(p.world.wait<CallRinging>(*p.a));
    (*p.b)->accept(p.at_b, answer, p.world.now());
    ck_assert(!p.world.wait<CallAccepted>(*p.a)->direct);
}
END_TEST

START_TEST(of_two_places_one_that_wants_to_be_bridged_is_enough) {
    World world;
    const auto all = world.federate(4);
    auto &a = *all[1], &b = *all[2], &c = *all[3];
    world.register_user(a, "alice");
    b->register_user("bob", world.now());
    c->register_user("bob", world.now(), token_from(world.wait<UserRegistered>(b)->token));
    ck_assert(world.wait<UserRegistered>(c));

    const auto call = a->call("alice", "bob", offer, world.now(), true);
    a->candidate(call, early, world.now());
    const auto at_b = world.wait<CallIncoming>(b).value(), at_c = world.wait<CallIncoming>(c).value();
    ck_assert(at_b.direct && at_c.direct);
    ck_assert(world.wait<CallCandidate>(b) && world.wait<CallCandidate>(c));
    c->bridge(at_c.call, "", world.now());
    ck_assert(world.wait<CallBridge>(a)->call == call);
    a->bridge(call, offer, world.now());
    ck_assert(world.wait<CallBridge>(b)->jsep == offer && world.wait<CallBridge>(c)->jsep == offer);
    b->accept(at_b.call, answer, world.now());
    ck_assert(!world.wait<CallAccepted>(a)->direct);
    ck_assert(world.wait<CallEnded>(c)->reason == Reason::answered_elsewhere);
}
END_TEST

START_TEST(what_is_said_too_late_is_lost_without_harm) {
    Pair p{true};
    (*p.a)->candidate("nobody's", early, p.world.now());
    (*p.a)->bridge("nobody's", offer, p.world.now());
    p.talk();
    (*p.a)->bye(p.call, Reason::hangup, "", p.world.now());
    (*p.b)->candidate(p.at_b, late, p.world.now());
    (*p.b)->bridge(p.at_b, "", p.world.now());
    ck_assert(p.world.wait<CallEnded>(*p.b));
    p.world.run(1s);
    ck_assert((*p.a)->calls() == 0 && (*p.b)->calls() == 0);
}
END_TEST

}  // namespace

int main() {
    return run_suite(
        "server_direct",
        {descriptions_and_candidates_pass_between_the_browsers, a_direct_call_is_bridged_whoever_asks,
         a_callee_that_cannot_be_called_directly_is_bridged_before_it_rings,
         of_two_places_one_that_wants_to_be_bridged_is_enough, what_is_said_too_late_is_lost_without_harm});
}
