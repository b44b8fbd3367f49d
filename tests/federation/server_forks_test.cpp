// SPDX-License-Identifier: LGPL-2.1-or-later
/// A user who is registered at several servers.
#include "federation/server.h"

#include <chrono>
#include <string>

#include "tests/federation/call_pair.h"

namespace {

using namespace std::chrono_literals;
using namespace tests;

/// alice at one server; bob, who is one and the same, at two others.
struct Forked {
    World world;
    World::Host *a, *b, *c;
    CallId call;
    CallIncoming at_b, at_c;

    Forked() {
        const auto all = world.federate(4);
        a = all[1], b = all[2], c = all[3];
        world.register_user(*a, "alice");
        (*b)->register_user("bob", world.now());
        const auto token = token_from(world.wait<UserRegistered>(*b)->token);
        (*c)->register_user("bob", world.now(), token);
        ck_assert(world.wait<UserRegistered>(*c));
    }
    void ring() {
        call = (*a)->call("alice", "bob", offer, world.now());
        at_b = world.wait<CallIncoming>(*b).value();
        at_c = world.wait<CallIncoming>(*c).value();
        (*b)->ringing(at_b.call, world.now());
        (*c)->ringing(at_c.call, world.now());
        ck_assert(world.wait<CallRinging>(*a)->call == call);
    }
};

START_TEST(a_user_at_two_servers_is_called_at_both_and_the_first_to_accept_wins) {
    Forked f;
    f.ring();
    ck_assert(f.at_b.jsep == offer && f.at_c.jsep == offer && f.at_b.call != f.at_c.call);
    (*f.c)->accept(f.at_c.call, answer, f.world.now());
    const auto place = f.world.wait<CallProceeding>(*f.a);
    ck_assert(place && place->call == f.call && place->peer == (*f.c)->id() && place->lane == f.at_c.lane);
    ck_assert(f.world.wait<CallAccepted>(*f.a)->call == f.call);
    ck_assert(f.world.wait<CallEnded>(*f.b)->reason == Reason::answered_elsewhere);
    (*f.a)->update(f.call, offer, f.world.now());
    ck_assert(f.world.wait<CallUpdated>(*f.c)->call == f.at_c.call);
    (*f.c)->bye(f.at_c.call, Reason::hangup, "", f.world.now());
    const auto end = f.world.wait<CallEnded>(*f.a);
    ck_assert(end && end->call == f.call && end->reason == Reason::hangup);
    for (auto* host : {f.a, f.b, f.c}) ck_assert((*host)->calls() == 0);
}
END_TEST

START_TEST(two_places_that_accept_at_once_leave_one_call) {
    Forked f;
    f.ring();
    (*f.b)->accept(f.at_b.call, answer, f.world.now());
    (*f.c)->accept(f.at_c.call, answer, f.world.now());
    ck_assert(f.world.wait<CallAccepted>(*f.a));
    f.world.run(2s);
    ck_assert((*f.a)->calls() == 1 && (*f.b)->calls() + (*f.c)->calls() == 1);
    (*f.a)->bye(f.call, Reason::hangup, "", f.world.now());
    f.world.run(2s);
    for (auto* host : {f.a, f.b, f.c}) ck_assert((*host)->calls() == 0);
}
END_TEST

START_TEST(a_forked_call_that_is_cancelled_or_declined_ends_everywhere) {
    for (const bool cancelled : {true, false}) {
        Forked f;
        f.ring();
        if (cancelled) {
            (*f.a)->bye(f.call, Reason::hangup, "", f.world.now());
            ck_assert(f.world.wait<CallEnded>(*f.b));
        } else {
            (*f.b)->bye(f.at_b.call, Reason::declined, "", f.world.now());
            ck_assert(f.world.wait<CallEnded>(*f.a)->reason == Reason::declined);
        }
        ck_assert(f.world.wait<CallEnded>(*f.c));
        for (auto* host : {f.a, f.b, f.c}) ck_assert((*host)->calls() == 0);
    }
}
END_TEST

START_TEST(a_place_that_is_busy_or_dead_leaves_the_call_to_the_other) {
    Forked f;
    f.ring();
    (*f.b)->bye(f.at_b.call, Reason::busy, "", f.world.now());
    ck_assert(!f.world.wait<CallEnded>(*f.a, 1s));
    f.world.kill(*f.c);
    ck_assert(f.world.wait<CallEnded>(*f.a, 3s)->reason == Reason::busy);
    Forked g;
    g.world.kill(*g.b);
    g.call = (*g.a)->call("alice", "bob", offer, g.world.now());
    (*g.c)->accept(g.world.wait<CallIncoming>(*g.c)->call, answer, g.world.now());
    ck_assert(g.world.wait<CallAccepted>(*g.a));
    ck_assert(!g.world.wait<CallEnded>(*g.a, 10s));
}
END_TEST

START_TEST(who_is_registered_here_is_called_elsewhere_as_well) {
    Forked f;
    f.call = (*f.b)->call("carol", "bob", offer, f.world.now());
    const auto at_c = f.world.wait<CallIncoming>(*f.c);
    ck_assert(at_c && at_c->caller == "carol");
    (*f.c)->accept(at_c->call, answer, f.world.now());
    ck_assert(f.world.wait<CallAccepted>(*f.b)->call == f.call);
    f.world.run(1s);
    ck_assert((*f.b)->calls() == 1);
}
END_TEST

START_TEST(a_user_who_moves_is_reachable_all_the_time) {
    Forked f;
    (*f.b)->unregister_user("bob", f.world.now());
    for (int i = 0; i < 5; ++i) {
        const auto call = (*f.a)->call("alice", "bob", offer, f.world.now());
        ck_assert(f.world.wait<CallIncoming>(*f.c));
        (*f.a)->bye(call, Reason::hangup, "", f.world.now());
        f.world.run(40s);
    }
    ck_assert((*f.c)->has_user("bob"));
}
END_TEST

}  // namespace

int main() {
    return run_suite("server forks", {a_user_at_two_servers_is_called_at_both_and_the_first_to_accept_wins,
                                      two_places_that_accept_at_once_leave_one_call,
                                      a_forked_call_that_is_cancelled_or_declined_ends_everywhere,
                                      a_place_that_is_busy_or_dead_leaves_the_call_to_the_other,
                                      who_is_registered_here_is_called_elsewhere_as_well,
                                      a_user_who_moves_is_reachable_all_the_time});
}
