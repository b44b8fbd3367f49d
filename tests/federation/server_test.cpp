// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/server.h"

#include <chrono>
#include <string>

#include "dht/certificate.h"
#include "dht/federation_name.h"
#include "dht/revocations.h"
#include "tests/check.h"
#include "tests/federation/world.h"

namespace {

using namespace std::chrono_literals;
using namespace federation;

const std::string offer = R"({"type":"offer","sdp":"v=0\r\n"})";
const std::string answer = R"({"type":"answer","sdp":"v=0\r\n"})";

struct Pair {
    World world;
    World::Host* a = nullptr;
    World::Host* b = nullptr;
    CallId call;

    explicit Pair(const Config& config = {}) {
        const auto all = world.federate(3, config);
        a = all[1];
        b = all[2];
        world.register_user(*a, "alice");
        world.register_user(*b, "bob");
    }

    void invite() {
        call = (*a)->call("alice", "bob", offer, world.now());
        ck_assert(world.wait<CallIncoming>(*b));
    }
    void ring() {
        invite();
        (*b)->ringing(call, world.now());
        ck_assert(world.wait<CallRinging>(*a));
    }
    void talk() {
        invite();
        (*b)->accept(call, answer, world.now());
        ck_assert(world.wait<CallAccepted>(*a));
    }
};

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

/// A closed federation of two, and what it takes to change it.
struct Guarded {
    World world;
    dht::Identity authority{dht::Identity::Seed{200}};
    std::string federation = dht::FederationName{"acme", authority.public_key()}.text();
    World::Host& a = add(1);
    World::Host& b = add(2);
    CallId call{};

    [[nodiscard]] dht::Bytes certificate(std::uint32_t number, std::uint32_t serial, dht::Duration lasts) {
        dht::Identity::Seed seed{};
        seed.fill(static_cast<std::uint8_t>(number));
        dht::Certificate out{
            .serial = serial,
            .expires = world.now().date + std::chrono::duration_cast<std::chrono::seconds>(lasts)};
        sign(out, federation, dht::Identity{seed}.node_id(), authority);
        return encode(out);
    }

    /// Host `number` with the certificate of that serial; 0: none.
    World::Host& add(std::uint32_t number, std::uint32_t serial, dht::Duration lasts = 24h) {
        Config config;
        config.node.federation = federation;
        if (serial > 0) config.node.certificate = certificate(number, serial, lasts);
        auto& host = world.add(config);
        host->bootstrap(number == 1 ? std::vector<dht::Endpoint>{} : std::vector{a.udp}, world.now());
        world.run(500ms);
        return host;
    }
    World::Host& add(std::uint32_t number) { return add(number, number); }

    void revoke(World::Host& at, std::uint32_t serial) {
        dht::Node& node = const_cast<dht::Node&>(at->node());
        node.revoke(sign(dht::Revocations{1, {serial}}, authority), world.now());
        at->advance(world.now());
    }

    void talk() {
        world.register_user(a, "alice");
        world.register_user(b, "bob");
        call = a->call("alice", "bob", offer, world.now());
        ck_assert(world.wait<CallIncoming>(b));
        b->accept(call, answer, world.now());
        ck_assert(world.wait<CallAccepted>(a));
    }
};

START_TEST(members_of_a_closed_federation_call_each_other) {
    Guarded g;
    g.talk();
    g.a->bye(g.call, Reason::hangup, "", g.world.now());
    ck_assert(g.world.wait<CallEnded>(g.b)->reason == Reason::hangup);
}
END_TEST

START_TEST(without_a_certificate_nobody_registers_visibly_finds_or_calls) {
    Guarded g;
    g.world.register_user(g.b, "bob");
    auto& stranger = g.add(3, 0);
    stranger->register_user("mallory", g.world.now());
    g.world.run(10s);
    g.a->lookup("mallory", g.world.now());
    ck_assert(g.world.wait<UserFound>(g.a)->reason == Reason::unknown_user);
    stranger->call("mallory", "bob", offer, g.world.now());
    ck_assert(g.world.wait<CallEnded>(stranger));
    // Even if it knew where bob is.
    const LinkId link = accepted_link_bit | 1000;
    g.b->link_opened(link, stranger->id(), g.world.now());
    g.b->link_received(link, encode(Hello{"x", "1"}), g.world.now());
    g.b->link_received(link, encode(Invite{CallId(32, 'a'), "mallory", "bob", 2, offer}), g.world.now());
    ck_assert(!g.world.wait<CallIncoming>(g.b, 1s));
    ck_assert(g.b->calls() == 0);
}
END_TEST

START_TEST(who_is_revoked_loses_its_calls_at_once_and_gets_no_new_ones) {
    Guarded g;
    g.talk();
    g.revoke(g.a, 2);
    ck_assert(g.world.wait<CallEnded>(g.a, 100ms)->reason == Reason::not_a_member);
    ck_assert(g.world.wait<CallEnded>(g.b, 100ms)->reason == Reason::not_a_member);
    g.b->call("bob", "alice@" + g.a->id().hex(), offer, g.world.now());
    ck_assert(g.world.wait<CallEnded>(g.b)->reason == Reason::not_a_member);
    ck_assert(g.a->calls() == 0);
}
END_TEST

START_TEST(a_revocation_passes_from_server_to_server_over_their_connections) {
    Guarded g;
    auto& c = g.add(3);
    g.world.register_user(c, "carol");
    g.talk();
    const auto call = g.a->call("alice", "carol", offer, g.world.now());
    ck_assert(g.world.wait<CallIncoming>(c)->call == call);
    g.revoke(g.a, 2);
    g.world.run(10ms);
    ck_assert_int_eq(c->node().members().revoked_seq(), 1);
    ck_assert(g.a->calls() == 1 && c->calls() == 1);
}
END_TEST

START_TEST(a_connection_ends_with_its_peers_certificate_and_its_end_is_announced) {
    Guarded g;
    auto& c = g.add(3, 3, 10min);
    ck_assert(g.world.wait<Note>(c, 2s)->text.find("expires on") != std::string::npos);
    g.world.register_user(c, "carol");
    g.world.register_user(g.a, "alice");
    c->call("carol", "alice", offer, g.world.now());
    ck_assert(g.world.run_until([&] { return !g.world.links(c).empty(); }));
    ck_assert(g.world.run_until([&] { return g.world.links(c).empty(); }, 12min));
}
END_TEST

START_TEST(a_certificate_that_is_renewed_in_time_keeps_calls_and_connections) {
    Guarded g;
    auto& c = g.add(3, 3, 10min);
    g.world.register_user(c, "carol");
    g.world.register_user(g.a, "alice");
    const auto call = c->call("carol", "alice", offer, g.world.now());
    ck_assert(g.world.wait<CallIncoming>(g.a));
    g.a->accept(call, answer, g.world.now());
    ck_assert(g.world.wait<CallAccepted>(c));
    g.world.run(9min);
    c->renew(g.certificate(3, 4, 24h), g.world.now());
    g.world.run(1h);
    ck_assert(c->calls() == 1 && g.a->calls() == 1);
    g.b->lookup("carol", g.world.now());
    ck_assert(g.world.wait<UserFound>(g.b)->server == c->id());
}
END_TEST

START_TEST(a_name_is_taken_at_one_server_only) {
    Pair p;
    (*p.b)->register_user("alice", p.world.now());
    ck_assert(p.world.wait<UserRefused>(*p.b)->reason == Reason::name_taken);
    (*p.a)->unregister_user("alice", p.world.now());
    p.world.run(100ms);
    (*p.b)->register_user("alice", p.world.now());
    ck_assert(p.world.wait<UserRegistered>(*p.b, 1s));
}
END_TEST

START_TEST(of_two_who_register_at_once_one_keeps_the_name) {
    for (int offset = 0; offset < 12; ++offset) {
        Pair p;
        (*p.a)->register_user("carol", p.world.now());
        p.world.run(offset * 500us);
        (*p.b)->register_user("carol", p.world.now());
        p.world.run(5s);
        ck_assert_int_eq((*p.a)->has_user("carol") + (*p.b)->has_user("carol"), 1);
        (*p.a)->lookup("carol", p.world.now());
        const auto found = p.world.wait<UserFound>(*p.a);
        ck_assert(found->server == ((*p.a)->has_user("carol") ? *p.a : *p.b)->id());
    }
}
END_TEST

START_TEST(networks_that_meet_settle_who_has_a_name) {
    World world;
    auto& a = world.add();
    auto& b = world.add();
    a->bootstrap({}, world.now());
    b.silent = true;
    b->bootstrap({a.udp}, world.now());
    world.register_user(a, "alice");
    world.run(2s);
    world.register_user(b, "alice");
    ck_assert(a->has_user("alice") && b->has_user("alice"));
    b.silent = false;
    ck_assert(world.wait<UserRefused>(b, 2min)->reason == Reason::name_taken);
    ck_assert(a->has_user("alice") && !b->has_user("alice"));
}
END_TEST

START_TEST(registering_at_once_after_the_start_waits_for_the_network) {
    Pair p;
    auto& c = p.world.add();
    c->bootstrap({p.a->udp}, p.world.now());
    c->register_user("alice", p.world.now());
    ck_assert(p.world.wait<UserRefused>(c)->reason == Reason::name_taken);
}
END_TEST

START_TEST(giving_a_name_up_in_the_middle_of_registering_leaves_nothing) {
    for (int offset = 0; offset < 12; ++offset) {
        Pair p;
        (*p.a)->register_user("carol", p.world.now());
        p.world.run(offset * 1ms);
        (*p.a)->unregister_user("carol", p.world.now());
        p.world.run(1s);
        (*p.b)->lookup("carol", p.world.now());
        ck_assert(!p.world.wait<UserFound>(*p.b)->server);
        (*p.a)->register_user("carol", p.world.now());
        ck_assert(p.world.wait<UserRegistered>(*p.a));
    }
}
END_TEST

START_TEST(limits_are_kept) {
    Config config;
    config.caps.calls_max = 1;
    config.caps.users_max = 1;
    Pair p{config};
    (*p.a)->register_user("second", p.world.now());
    ck_assert(p.world.wait<UserRefused>(*p.a)->reason == Reason::too_many);
    (*p.a)->register_user("with@sign", p.world.now());
    ck_assert(p.world.wait<UserRefused>(*p.a)->reason == Reason::invalid_name);
    p.talk();
    (*p.a)->call("alice", "bob", offer, p.world.now());
    ck_assert(p.world.wait<CallEnded>(*p.a)->reason == Reason::too_many);
    auto& c = p.world.add();
    c->bootstrap({p.a->udp}, p.world.now());
    c->call("carol", "bob", offer, p.world.now());
    ck_assert(p.world.wait<CallEnded>(c)->reason == Reason::too_many);
}
END_TEST

START_TEST(a_server_that_shuts_down_says_goodbye) {
    Pair p;
    p.talk();
    (*p.b)->shut_down(p.world.now());
    ck_assert(p.world.wait<CallEnded>(*p.a)->reason == Reason::shutting_down);
    ck_assert(p.world.wait<CallEnded>(*p.b)->reason == Reason::shutting_down);
    p.world.run(200ms);
    (*p.a)->lookup("bob", p.world.now());
    ck_assert(!p.world.wait<UserFound>(*p.a)->server);
}
END_TEST

START_TEST(a_connection_without_calls_closes_after_a_while) {
    Pair p;
    p.talk();
    (*p.a)->bye(p.call, Reason::hangup, "", p.world.now());
    p.world.run(4min);
    ck_assert(p.world.links(*p.a).size() == 1);
    p.world.run(2min);
    ck_assert(p.world.links(*p.a).empty() && p.world.links(*p.b).empty());
    p.talk();
}
END_TEST

}  // namespace

START_TEST(a_drained_server_takes_in_no_user_and_no_call_and_ends_none) {
    Pair p;
    p.talk();
    (*p.b)->drain(p.world.now());
    ck_assert((*p.b)->draining());
    p.world.run(5s);
    ck_assert((*p.a)->calls() == 1 && (*p.b)->calls() == 1);
    (*p.b)->register_user("carol", p.world.now());
    ck_assert(p.world.wait<UserRefused>(*p.b)->reason == Reason::draining);
    (*p.b)->call("bob", "alice", offer, p.world.now());
    ck_assert(p.world.wait<CallEnded>(*p.b)->reason == Reason::draining);
    // Her record is gone; who knows where he is is refused.
    (*p.a)->call("alice", "bob", offer, p.world.now());
    ck_assert(p.world.wait<CallEnded>(*p.a)->reason == Reason::unknown_user);
    (*p.a)->bye(p.call, Reason::hangup, "", p.world.now());
    ck_assert(p.world.wait<CallEnded>(*p.b)->reason == Reason::hangup);

    (*p.b)->drain(p.world.now(), false);
    p.world.run(1s);
    p.invite();
}
END_TEST

START_TEST(an_invite_to_a_drained_server_is_refused_with_the_reason) {
    Pair p;
    p.call = (*p.a)->call("alice", "bob", offer, p.world.now());
    ck_assert(p.world.wait<CallProceeding>(*p.a));
    (*p.b)->drain(p.world.now());
    ck_assert(p.world.wait<CallEnded>(*p.a)->reason == Reason::draining);
}
END_TEST

START_TEST(who_is_registered_while_a_server_is_drained_keeps_the_name) {
    Pair p;
    (*p.b)->drain(p.world.now());
    p.world.run(2s);
    p.world.register_user(*p.a, "bob");  // the name is free
    p.world.run(1s);
    (*p.b)->drain(p.world.now(), false);
    const auto refused = p.world.wait<UserRefused>(*p.b);
    ck_assert(refused && refused->user == "bob" && refused->reason == Reason::name_taken);
    p.world.run(10s);
    ck_assert((*p.a)->has_user("bob"));
}
END_TEST

START_TEST(a_registration_that_is_under_way_ends_when_the_server_is_drained) {
    Pair p;
    (*p.b)->register_user("carol", p.world.now());
    (*p.b)->drain(p.world.now());
    ck_assert(p.world.wait<UserRefused>(*p.b)->reason == Reason::draining);
    ck_assert((*p.b)->has_user("bob") && !(*p.b)->has_user("carol"));
}
END_TEST

/// It took long to answer as long as all were busy with their start, and would be waited for as long again.
START_TEST(a_server_that_has_just_died_hides_nobody_and_keeps_nobody_from_registering) {
    World world;
    world.latency = 900ms;
    const auto all = world.federate(5);
    world.run(10s);
    world.latency = 1ms;
    world.register_user(*all[1], "bob");
    world.kill(*all[4]);
    (*all[0])->call("alice", "bob", offer, world.now());
    ck_assert(world.wait<CallProceeding>(*all[0], 3s));
    (*all[2])->register_user("carol", world.now());
    ck_assert(world.wait<UserRegistered>(*all[2], 8s));
}
END_TEST

START_TEST(after_a_partition_of_any_length_everybody_is_found_within_ten_seconds) {
    for (const auto length : {5s, 18s, 40s, 100s, 1800s}) {
        World world;
        const auto all = world.federate(5);
        const auto side = [&](const World::Host& host) { return host.number > 3; };
        for (auto* host : all) world.register_user(*host, "before" + std::to_string(host->number));
        world.lost = [&](const auto& from, const auto& to) { return side(from) != side(to); };
        world.run(length - 3s);
        for (auto* host : all) world.register_user(*host, "during" + std::to_string(host->number));
        world.run(3s);
        world.lost = [](const auto&, const auto&) { return false; };
        world.run(10s);
        for (auto* from : all) {
            for (auto* to : all) {
                if (from == to) continue;
                for (const auto* name : {"before", "during"}) {
                    (*from)->lookup(name + std::to_string(to->number), world.now());
                    const auto found = world.wait<UserFound>(*from);
                    ck_assert_msg(found && found->server == (*to)->id(), "%s%d from %d after %d s", name,
                                  to->number, from->number, static_cast<int>(length.count()));
                }
            }
        }
    }
}
END_TEST

int main() {
    return run_suite("server", {a_drained_server_takes_in_no_user_and_no_call_and_ends_none,
                                a_server_that_has_just_died_hides_nobody_and_keeps_nobody_from_registering,
                                an_invite_to_a_drained_server_is_refused_with_the_reason,
                                who_is_registered_while_a_server_is_drained_keeps_the_name,
                                a_registration_that_is_under_way_ends_when_the_server_is_drained,
                                after_a_partition_of_any_length_everybody_is_found_within_ten_seconds,
                                a_lone_server_carries_a_call_between_its_users,
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
                                a_stranger_ends_nobodys_call,
                                a_user_at_two_servers_is_called_at_both_and_the_first_to_accept_wins,
                                two_places_that_accept_at_once_leave_one_call,
                                a_forked_call_that_is_cancelled_or_declined_ends_everywhere,
                                a_place_that_is_busy_or_dead_leaves_the_call_to_the_other,
                                who_is_registered_here_is_called_elsewhere_as_well,
                                a_user_who_moves_is_reachable_all_the_time,
                                a_name_is_taken_at_one_server_only,
                                of_two_who_register_at_once_one_keeps_the_name,
                                networks_that_meet_settle_who_has_a_name,
                                registering_at_once_after_the_start_waits_for_the_network,
                                giving_a_name_up_in_the_middle_of_registering_leaves_nothing,
                                limits_are_kept,
                                a_server_that_shuts_down_says_goodbye,
                                a_connection_without_calls_closes_after_a_while,
                                members_of_a_closed_federation_call_each_other,
                                without_a_certificate_nobody_registers_visibly_finds_or_calls,
                                who_is_revoked_loses_its_calls_at_once_and_gets_no_new_ones,
                                a_revocation_passes_from_server_to_server_over_their_connections,
                                a_connection_ends_with_its_peers_certificate_and_its_end_is_announced,
                                a_certificate_that_is_renewed_in_time_keeps_calls_and_connections});
}
