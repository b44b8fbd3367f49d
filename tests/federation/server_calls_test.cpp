// SPDX-License-Identifier: LGPL-2.1-or-later
/// Calls between two servers, and what may befall them.
#include "federation/server.h"

#include <chrono>
#include <string>

#include "tests/federation/call_pair.h"

namespace {

using namespace std::chrono_literals;
using namespace tests;

START_TEST(a_lone_server_carries_a_call_between_its_users) {
    World world;
    auto& host = *world.federate(1).front();
    world.register_user(host, "alice");
    world.register_user(host, "bob");
    ck_assert(host->has_user("alice") && host->users().size() == 2);
    const auto call = host->call("alice", "bob", offer, world.now());
    const auto proceeding = world.wait<CallProceeding>(host);
    ck_assert(proceeding && proceeding->peer == host->id());
    const auto incoming = world.wait<CallIncoming>(host);
    ck_assert(incoming && incoming->peer == host->id() && incoming->jsep == offer);
    ck_assert(incoming->call != call && incoming->lane == proceeding->lane);
    host->ringing(incoming->call, world.now());
    ck_assert(world.wait<CallRinging>(host)->call == call);
    host->accept(incoming->call, answer, world.now());
    ck_assert(world.wait<CallAccepted>(host)->jsep == answer);
    host->update(call, offer, world.now());
    ck_assert(world.wait<CallUpdated>(host)->call == incoming->call);
    host->bye(incoming->call, Reason::hangup, "so long", world.now());
    const auto ended = world.wait<CallEnded>(host);
    ck_assert(ended->call == call && ended->text == "so long" && ended->reason == Reason::hangup);
    ck_assert(host->calls() == 0);
}
END_TEST

START_TEST(two_servers_carry_a_call) {
    Pair p;
    const auto begun = p.world.now().time;
    p.invite();
    ck_assert(p.world.now().time - begun < 30ms);
    (*p.b)->ringing(p.call, p.world.now());
    ck_assert(p.world.wait<CallRinging>(*p.a));
    (*p.b)->accept(p.call, answer, p.world.now());
    ck_assert(p.world.wait<CallAccepted>(*p.a)->jsep == answer);
    (*p.a)->bye(p.call, Reason::hangup, "", p.world.now());
    ck_assert(p.world.wait<CallEnded>(*p.b)->reason == Reason::hangup);
    ck_assert((*p.a)->calls() == 0 && (*p.b)->calls() == 0);
}
END_TEST

START_TEST(the_callee_may_be_named_with_its_server) {
    Pair p;
    (*p.a)->call("alice", "bob@" + (*p.b)->id().hex(), offer, p.world.now());
    ck_assert(p.world.wait<CallIncoming>(*p.b)->callee == "bob");
    (*p.a)->call("alice", "bob@" + (*p.a)->id().hex(), offer, p.world.now());
    ck_assert(p.world.wait<CallEnded>(*p.a)->reason == Reason::unknown_user);
}
END_TEST

START_TEST(the_callee_is_proceeded_to_before_it_answers) {
    Pair p;
    p.call = (*p.a)->call("alice", "bob", offer, p.world.now());
    const auto proceeding = p.world.wait<CallProceeding>(*p.a);
    ck_assert(proceeding && proceeding->peer == (*p.b)->id());
    (*p.a)->signal_trunk((*p.b)->id(), {"1f", "offer", "v=0"}, p.world.now());
    ck_assert(p.world.wait<CallIncoming>(*p.b));
    ck_assert(p.world.wait<TrunkSignalled>(*p.b)->signal.kind == "offer");
}
END_TEST

START_TEST(nobody_of_that_name_ends_the_call) {
    Pair p;
    (*p.a)->call("alice", "carol", offer, p.world.now());
    ck_assert(p.world.wait<CallEnded>(*p.a, 1s)->reason == Reason::unknown_user);
    (*p.a)->call("alice", "no@server", offer, p.world.now());
    ck_assert(p.world.wait<CallEnded>(*p.a, 1s)->reason == Reason::unknown_user);
}
END_TEST

START_TEST(a_busy_callee_says_so) {
    Pair p;
    p.ring();
    (*p.b)->bye(p.call, Reason::busy, "", p.world.now());
    ck_assert(p.world.wait<CallEnded>(*p.a)->reason == Reason::busy);
}
END_TEST

START_TEST(a_call_that_nobody_answers_ends_on_both_sides) {
    Config config;
    config.ring_timeout = 10s;
    Pair p{config};
    p.ring();
    ck_assert(p.world.wait<CallEnded>(*p.a, 11s)->reason == Reason::timeout);
    ck_assert(p.world.wait<CallEnded>(*p.b, 1s)->reason == Reason::timeout);
}
END_TEST

START_TEST(a_callers_cancel_reaches_the_callee) {
    Pair p;
    p.ring();
    (*p.a)->bye(p.call, Reason::hangup, "", p.world.now());
    ck_assert(p.world.wait<CallEnded>(*p.b)->call == p.call);
}
END_TEST

START_TEST(a_call_cancelled_while_it_is_located_rings_nowhere) {
    Pair p;
    p.call = (*p.a)->call("alice", "bob", offer, p.world.now());
    (*p.a)->bye(p.call, Reason::hangup, "", p.world.now());
    ck_assert(!p.world.wait<CallIncoming>(*p.b, 5s));
}
END_TEST

START_TEST(a_server_killed_while_it_rings_is_reported_within_three_seconds) {
    Pair p;
    p.ring();
    p.world.kill(*p.b);
    ck_assert(p.world.wait<CallEnded>(*p.a, 3s)->reason == Reason::server_unreachable);
}
END_TEST

START_TEST(a_server_cut_off_while_it_rings_is_reported_within_three_seconds) {
    Pair p;
    p.ring();
    p.b->silent = true;
    ck_assert(p.world.wait<CallEnded>(*p.a, 3s)->reason == Reason::server_unreachable);
}
END_TEST

START_TEST(a_server_killed_during_a_call_is_reported_within_three_seconds) {
    Pair p;
    p.talk();
    p.world.kill(*p.b);
    ck_assert(p.world.wait<CallEnded>(*p.a, 3s)->reason == Reason::server_unreachable);
    ck_assert((*p.a)->calls() == 0);
}
END_TEST

START_TEST(a_dead_server_whose_record_lives_is_unreachable_within_five_seconds) {
    Pair p;
    p.world.kill(*p.b);
    (*p.a)->call("alice", "bob", offer, p.world.now());
    ck_assert(p.world.wait<CallEnded>(*p.a, 5s)->reason == Reason::server_unreachable);
    Pair q;
    q.b->silent = true;
    (*q.a)->call("alice", "bob", offer, q.world.now());
    ck_assert(q.world.wait<CallEnded>(*q.a, 5s)->reason == Reason::server_unreachable);
}
END_TEST

START_TEST(a_call_outlives_its_signalling_connection) {
    Pair p;
    p.talk();
    p.world.break_links(*p.b);
    ck_assert(p.world.wait<PeerDown>(*p.a));
    ck_assert(p.world.wait<PeerUp>(*p.a));
    ck_assert(!p.world.wait<CallEnded>(*p.a, 10s));
    ck_assert(p.world.links(*p.a).size() == 1);
    (*p.b)->bye(p.call, Reason::hangup, "", p.world.now());
    ck_assert(p.world.wait<CallEnded>(*p.a));
}
END_TEST

START_TEST(a_server_that_has_another_address_is_called_there) {
    Pair pair;
    pair.b->signalling = dht::Endpoint::v4({10, 0, 1, 99}, 8000);
    (*pair.b)->move(pair.b->signalling, pair.world.now());
    const auto moved = pair.world.wait<Moved>(*pair.b);
    ck_assert(moved && moved->signalling == pair.b->signalling);
    pair.world.run(1s);
    ck_assert((*pair.b)->has_user("bob"));
    pair.ring();
}
END_TEST

START_TEST(a_call_goes_on_when_a_server_gets_another_address) {
    Pair pair;
    pair.talk();
    pair.b->signalling = dht::Endpoint::v4({10, 0, 1, 99}, 8000);
    (*pair.b)->move(pair.b->signalling, pair.world.now());
    pair.world.break_links(*pair.b);
    pair.world.run(20s);
    ck_assert((*pair.a)->calls() == 1 && (*pair.b)->calls() == 1);
}
END_TEST

START_TEST(a_goodbye_lost_with_the_connection_is_made_up_for) {
    Pair p;
    p.talk();
    p.b->silent = true;  // what it says now is lost
    (*p.b)->bye(p.call, Reason::hangup, "", p.world.now());
    p.world.run(10ms);
    p.b->silent = false;
    p.world.break_links(*p.b);
    ck_assert(p.world.wait<CallEnded>(*p.a, 3s)->reason == Reason::hangup);
}
END_TEST

START_TEST(a_cut_of_fourteen_seconds_in_the_network_is_survived) {
    for (const auto cut : {1s, 3s, 14s}) {
        Pair p;
        p.talk();
        p.b->silent = true;
        p.world.run(cut);
        p.b->silent = false;
        ck_assert(!p.world.wait<CallEnded>(*p.a, 20s));
        (*p.a)->bye(p.call, Reason::hangup, "", p.world.now());
        ck_assert(p.world.wait<CallEnded>(*p.b));
    }
}
END_TEST

START_TEST(a_cut_of_twenty_seconds_ends_the_call_at_both_sides) {
    Pair p;
    p.talk();
    p.b->silent = true;
    ck_assert(p.world.wait<CallEnded>(*p.a, 20s)->reason == Reason::server_unreachable);
    ck_assert(p.world.wait<CallEnded>(*p.b, 1s)->reason == Reason::server_unreachable);
    ck_assert((*p.a)->calls() == 0 && (*p.b)->calls() == 0);
}
END_TEST

START_TEST(two_who_call_each_other_at_once_share_one_connection) {
    Pair p;
    const auto there = (*p.a)->call("alice", "bob", offer, p.world.now());
    const auto back = (*p.b)->call("bob", "alice", offer, p.world.now());
    ck_assert(p.world.wait<CallIncoming>(*p.b)->call == there);
    ck_assert(p.world.wait<CallIncoming>(*p.a)->call == back);
    p.world.run(2s);
    ck_assert(p.world.dials == 2);
    ck_assert(p.world.links(*p.a).size() == 1 && p.world.links(*p.b).size() == 1);
    (*p.b)->accept(there, answer, p.world.now());
    (*p.a)->accept(back, answer, p.world.now());
    ck_assert(p.world.wait<CallAccepted>(*p.a)->call == there);
    ck_assert(p.world.wait<CallAccepted>(*p.b)->call == back);
}
END_TEST

START_TEST(a_stranger_ends_nobodys_call) {
    Pair p;
    p.talk();
    auto& a = *p.a;
    const LinkId link = accepted_link_bit | 1000;
    const auto stranger = *dht::NodeId::from_hex(std::string(40, 'a'));
    a->link_opened(link, stranger, p.world.now());
    a->link_received(link, encode(Hello{"x", "1"}), p.world.now());
    a->link_received(link, encode(Bye{p.call, Reason::hangup, {}}), p.world.now());
    a->link_received(link, encode(Update{p.call, offer}), p.world.now());
    a->link_received(link, encode(Invite{p.call, "x", "alice", 2, offer}), p.world.now());
    ck_assert(a->calls() == 1);
    ck_assert(!p.world.wait<CallEnded>(a, 1s));
}
END_TEST

}  // namespace

int main() {
    return run_suite("server calls", {a_lone_server_carries_a_call_between_its_users,
                                      two_servers_carry_a_call,
                                      the_callee_may_be_named_with_its_server,
                                      the_callee_is_proceeded_to_before_it_answers,
                                      nobody_of_that_name_ends_the_call,
                                      a_busy_callee_says_so,
                                      a_call_that_nobody_answers_ends_on_both_sides,
                                      a_callers_cancel_reaches_the_callee,
                                      a_call_cancelled_while_it_is_located_rings_nowhere,
                                      a_server_killed_while_it_rings_is_reported_within_three_seconds,
                                      a_server_cut_off_while_it_rings_is_reported_within_three_seconds,
                                      a_server_killed_during_a_call_is_reported_within_three_seconds,
                                      a_dead_server_whose_record_lives_is_unreachable_within_five_seconds,
                                      a_call_outlives_its_signalling_connection,
                                      a_server_that_has_another_address_is_called_there,
                                      a_call_goes_on_when_a_server_gets_another_address,
                                      a_goodbye_lost_with_the_connection_is_made_up_for,
                                      a_cut_of_fourteen_seconds_in_the_network_is_survived,
                                      a_cut_of_twenty_seconds_ends_the_call_at_both_sides,
                                      two_who_call_each_other_at_once_share_one_connection,
                                      a_stranger_ends_nobodys_call});
}
