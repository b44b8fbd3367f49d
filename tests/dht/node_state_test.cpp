// SPDX-License-Identifier: LGPL-2.1-or-later
/// How a node's parts are wired: what one has finished goes on to the next.
#include "dht/node_state.h"

#include <optional>
#include <vector>

#include "tests/dht/played_node.h"

using namespace dht;
using namespace std::chrono_literals;
using samples::address;
using samples::stranger;
using Tested = samples::PlayedNode;

namespace {

/// A query that the node has sent, decoded.
struct Asked {
    explicit Asked(Datagram datagram) : to(datagram.to), payload(std::move(datagram.payload)) {}
    [[nodiscard]] Message message() const { return *decode(payload); }
    [[nodiscard]] Method method() const { return std::get<Query>(message().body).method; }

    Endpoint to;
    Bytes payload;
};

std::vector<Asked> asked(Tested& t) {
    std::vector<Asked> out;
    for (auto& datagram : t.sent()) {
        if (std::holds_alternative<Query>(decode(datagram.payload)->body))
            out.emplace_back(std::move(datagram));
    }
    return out;
}

void answer(Tested& t, const Asked& question, std::uint8_t peer, Reply reply = {}) {
    reply.id = samples::identity(100U + peer).node_id();
    const auto message = question.message();
    const auto& query = std::get<Query>(message.body);
    if (!query.nonce.empty())
        reply.proof = prove(samples::identity(100U + peer), "public", query.nonce, query.id);
    t.receive(encode(message.transaction, reply), question.to);
}

void pass(Tested& t, Duration time) {
    t.now.time += time;
    t.now.date += std::chrono::floor<std::chrono::seconds>(time);
    t.node.advance(t.now);
}

template <class E>
std::optional<E> event(Tested& t) {
    while (auto next = t.node.poll_event()) {
        if (auto* found = std::get_if<E>(&*next)) return std::move(*found);
    }
    return {};
}

}  // namespace

START_TEST(whom_a_search_has_ended_with_is_sent_what_it_was_for) {
    Tested t;
    t.befriend(1);
    t.sent();
    t.node.publish("user", "alice", samples::value("here"), 2min, t.now);
    const auto search = asked(t);
    ck_assert(search.size() == 1 && search[0].method() == Method::find_value);
    answer(t, search[0], 1, {.token = "token", .with_records = true});
    const auto store = asked(t);
    ck_assert(store.size() == 1 && store[0].method() == Method::store);
    answer(t, store[0], 1);
    ck_assert_uint_eq(event<Stored>(t)->holders, 1);
}
END_TEST

START_TEST(our_own_address_among_the_well_known_ones_is_nobody) {
    Tested t;
    t.node.bootstrap({address(9)}, t.now);
    const auto ping = asked(t);
    ck_assert_uint_eq(ping.size(), 1);
    const auto message = ping[0].message();
    const auto& query = std::get<Query>(message.body);
    const auto proof = prove(samples::identity(1), "public", query.nonce, query.id);
    t.receive(encode(message.transaction, Reply{.id = t.node.id(), .proof = proof}), address(9));
    ck_assert_uint_eq(t.node.contacts().size(), 0);
    ck_assert(t.answer({.method = Method::ping, .id = t.node.id()}).empty());
}
END_TEST

START_TEST(who_answers_for_another_is_met_but_does_not_count_for_the_other) {
    Tested t;
    t.befriend(1);
    t.sent();
    t.node.find_node(samples::identity(7).node_id(), t.now);
    const auto search = asked(t);
    answer(t, search.at(0), 2);  // at the address of 1; it has to prove itself there
    ck_assert(event<NodesFound>(t)->closest.empty());
    ck_assert_uint_eq(t.node.contacts().size(), 1);
    ck_assert(t.node.contacts()[0].id == samples::identity(101).node_id());
}
END_TEST

START_TEST(a_forged_report_alone_does_not_count_against_a_peer) {
    for (const bool forged : {true, false}) {
        Tested t;
        t.befriend(1);
        for (int i = 0; i < 2; ++i) {
            t.sent();
            t.node.find_node(samples::identity(7).node_id(), t.now);
            const auto search = asked(t);
            ck_assert_uint_ge(search.size(), 1);
            t.node.unreachable(address(1), t.now);
            pass(t, 3s);
            if (forged) answer(t, search[0], 1);
            pass(t, 3s);
        }
        ck_assert_uint_eq(t.node.contacts().size(), forged ? 1 : 0);
    }
}
END_TEST

START_TEST(when_everybody_is_silent_the_well_known_ones_are_asked_again) {
    Tested t;
    t.node.bootstrap({address(1)}, t.now);
    t.answer_pings(1);
    ck_assert_uint_eq(t.node.contacts().size(), 1);
    int pings = 0;
    for (int second = 0; second < 60; ++second) {
        if (second == 30) t.node.find_node(samples::identity(7).node_id(), t.now);
        pass(t, 1s);
        for (const auto& question : asked(t)) {
            if (t.node.contacts().empty() && question.method() == Method::ping) ++pings;
        }
    }
    ck_assert_uint_eq(t.node.contacts().size(), 0);
    ck_assert_int_ge(pings, 2);
}
END_TEST

START_TEST(what_has_expired_is_let_go_of) {
    Tested t;
    t.node.publish("user", "alice", samples::value("here"), 2min, t.now);
    ck_assert_uint_eq(t.node.records(), 1);
    const auto record = encode(samples::record(samples::identity(9), "bob", 1));
    const Query find{.method = Method::find_value,
                     .id = samples::identity(5).node_id(),
                     .target = key_of("public", "user", "bob"),
                     .padding = 300};
    const auto found = t.answer(find);
    const Bytes token{std::get<Response>(decode(found)->body).token};
    t.answer({.method = Method::store, .id = find.id, .token = token, .record = record});
    ck_assert_uint_eq(t.node.records(), 2);
    pass(t, 1min);  // renews its own
    pass(t, 61s);
    ck_assert_uint_eq(t.node.records(), 1);
    ck_assert(t.node.deadline() <= t.now.time + 1min);
}
END_TEST

START_TEST(a_new_certificate_is_published_with_what_is_published) {
    const auto authority = samples::identity(77);
    const auto federation = FederationName{"acme", authority.public_key()}.text();
    const auto certificate = [&](std::uint32_t serial) {
        Certificate out{.serial = serial, .expires = samples::today + 24h};
        sign(out, federation, samples::identity(1).node_id(), authority);
        return encode(out);
    };
    NodeConfig config;
    config.federation = federation;
    config.certificate = certificate(1);
    Tested t{config};
    t.node.publish("user", "alice", samples::value("here"), 2min, t.now);
    t.node.renew(certificate(2), t.now);
    t.node.find_value(key_of(federation, "user", "alice"), t.now);
    ck_assert(event<ValuesFound>(t)->records.at(0).certificate == certificate(2));
}
END_TEST

int main() {
    return run_suite("node_state",
                     {whom_a_search_has_ended_with_is_sent_what_it_was_for,
                      our_own_address_among_the_well_known_ones_is_nobody,
                      who_answers_for_another_is_met_but_does_not_count_for_the_other,
                      a_forged_report_alone_does_not_count_against_a_peer,
                      when_everybody_is_silent_the_well_known_ones_are_asked_again,
                      what_has_expired_is_let_go_of, a_new_certificate_is_published_with_what_is_published});
}
