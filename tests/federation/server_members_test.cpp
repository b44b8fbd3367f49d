// SPDX-License-Identifier: LGPL-2.1-or-later
/// Closed federations.
#include "federation/server.h"

#include <chrono>
#include <string>

#include "dht/certificate.h"
#include "dht/federation_name.h"
#include "dht/revocations.h"
#include "tests/federation/call_pair.h"

namespace {

using namespace std::chrono_literals;
using namespace tests;

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

}  // namespace

int main() {
    return run_suite("server members", {members_of_a_closed_federation_call_each_other,
                                        without_a_certificate_nobody_registers_visibly_finds_or_calls,
                                        who_is_revoked_loses_its_calls_at_once_and_gets_no_new_ones,
                                        a_revocation_passes_from_server_to_server_over_their_connections,
                                        a_connection_ends_with_its_peers_certificate_and_its_end_is_announced,
                                        a_certificate_that_is_renewed_in_time_keeps_calls_and_connections});
}
