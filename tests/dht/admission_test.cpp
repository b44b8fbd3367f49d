// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/admission.h"

#include "tests/dht/closed.h"
#include "tests/dht/parts.h"

using namespace dht;
using namespace std::chrono_literals;
using samples::identity;
using samples::now;
using samples::today;

namespace {

const samples::Closed acme;
const Endpoint here = Endpoint::v4({192, 0, 2, 9}, 7000);
const Endpoint elsewhere = Endpoint::v4({192, 0, 2, 8}, 7000);
const auto member = identity(2);
constexpr auto nonce = "0123456789abcdef";

struct Tested {
    Query query(Method method = Method::find_node) const {
        return {.method = method, .id = member.node_id()};
    }

    /// What is sent to somebody who is not admitted.
    Message refused(const Query& query, const Endpoint& from = here, std::size_t bytes = 400) {
        ck_assert(!admission.admits(query, from, now));
        datagram = admission.refuse("aa", query, from, bytes, now);
        ck_assert(!datagram.empty());
        return *decode(datagram);
    }

    Bytes challenge(const Query& query, const Endpoint& from = here) {
        const auto message = refused(query, from);
        return Bytes{std::get<Response>(message.body).challenge};
    }

    Credential credential(std::string_view challenge, const Identity& who = member) {
        return {prove(who, acme.federation.text(), challenge, self.node_id(), Situation::challenged), shown,
                challenge};
    }

    Identity self = identity(1);
    SeededRandom random{1};
    Members members{acme.federation.text(), acme.certificate(self.node_id())};
    TokenMint tokens{random};
    Peers peers{random};
    Admission admission{self, members, tokens, peers};
    Bytes shown = acme.certificate(member.node_id());
    Bytes datagram;
};

}  // namespace

START_TEST(an_open_federation_answers_everybody) {
    Tested t;
    Members open{"public"};
    Admission admission{t.self, open, t.tokens, t.peers};
    for (const auto method : {Method::ping, Method::find_node, Method::store, Method::put}) {
        ck_assert(admission.admits(t.query(method), here, now));
    }
}
END_TEST

START_TEST(a_closed_one_answers_a_stranger_pings_and_nothing_else) {
    Tested t;
    ck_assert(t.admission.admits(t.query(Method::ping), here, now));
    for (const auto method :
         {Method::find_node, Method::find_value, Method::get, Method::store, Method::put}) {
        const auto message = t.refused(t.query(method));
        const auto& answer = std::get<Response>(message.body);
        ck_assert(answer.id == t.self.node_id() && !answer.challenge.empty());
        ck_assert(answer.nodes.empty() && answer.token.empty() && !answer.proof);
    }
}
END_TEST

START_TEST(a_challenge_comes_with_the_proof_that_was_asked_for) {
    Tested t;
    auto query = t.query();
    query.nonce = nonce;
    const auto message = t.refused(query);
    const auto& answer = std::get<Response>(message.body);
    ck_assert(proves(*answer.proof, t.self.node_id(), acme.federation.text(), nonce, member.node_id()));
    ck_assert(Members{acme.federation.text()}.admit(answer.id, answer.certificate, Role::server, today));
}
END_TEST

START_TEST(no_challenge_exceeds_three_times_its_query) {
    Tested t;
    auto query = t.query();
    query.nonce = nonce;
    ck_assert(!t.admission.admits(query, here, now));
    ck_assert(t.admission.refuse("aa", query, here, 90, now).empty());
    const auto sent = t.admission.refuse("aa", query, here, 110, now).size();
    ck_assert(sent > 0 && sent <= 330);
}
END_TEST

START_TEST(a_member_who_takes_up_the_challenge_is_answered_from_then_on) {
    Tested t;
    auto query = t.query();
    const auto challenge = t.challenge(query);
    query.credential = t.credential(challenge);
    ck_assert(t.admission.admits(query, here, now));
    ck_assert(t.admission.admits(t.query(Method::store), here, now));
    t.challenge(t.query(), elsewhere);
}
END_TEST

START_TEST(a_member_who_has_proved_itself_to_a_question_is_answered_too) {
    Tested t;
    t.peers.proved(here, member.node_id(), now.time);
    t.challenge(t.query());  // its key, but not its membership
    t.members.admit(member.node_id(), t.shown, Role::server, today);
    ck_assert(t.admission.admits(t.query(), here, now));
}
END_TEST

START_TEST(what_does_not_hold_is_an_error) {
    Tested t;
    const auto refusal = [&](const Credential& shown, const Endpoint& from = here) {
        auto query = t.query();
        query.credential = shown;
        const auto message = t.refused(query, from);
        return std::get<Refusal>(message.body).code;
    };
    const auto challenge = t.challenge(t.query());
    const auto good = t.credential(challenge);
    ck_assert_int_eq(refusal(good, elsewhere), 401);  // the challenge was for another address
    ck_assert_int_eq(refusal(t.credential("12345678")), 401);
    ck_assert_int_eq(refusal(t.credential(challenge, identity(3))), 401);
    auto answer = good;  // what it would say to anybody who asks who it is
    answer.proof = prove(member, acme.federation.text(), challenge, t.self.node_id());
    ck_assert_int_eq(refusal(answer), 401);
    auto passed_on = good;  // what it said to another node
    passed_on.proof =
        prove(member, acme.federation.text(), challenge, identity(4).node_id(), Situation::challenged);
    ck_assert_int_eq(refusal(passed_on), 401);
    for (const auto& shown : {Bytes{}, acme.certificate(identity(3).node_id()),
                              acme.certificate(member.node_id(), Role::server, today),
                              samples::Closed{"other"}.certificate(member.node_id())}) {
        auto credential = good;
        credential.certificate = shown;
        ck_assert_int_eq(refusal(credential), 401);
    }
    ck_assert(!t.peers.is_proved(here, member.node_id()));
}
END_TEST

START_TEST(a_reader_may_ask_but_not_write) {
    Tested t;
    t.shown = acme.certificate(member.node_id(), Role::reader);
    auto query = t.query();
    const auto challenge = t.challenge(query);
    query.credential = t.credential(challenge);
    ck_assert(t.admission.admits(query, here, now));
    for (const auto method : {Method::store, Method::put}) {
        const auto message = t.refused(t.query(method));
        ck_assert_int_eq(std::get<Refusal>(message.body).code, 401);
    }
}
END_TEST

START_TEST(membership_ends_with_the_certificate_and_with_a_revocation) {
    Tested t;
    t.peers.proved(here, member.node_id(), now.time);
    t.members.admit(member.node_id(), t.shown, Role::server, today);
    const auto later = samples::later(24h);
    ck_assert(!t.admission.admits(t.query(), here, later));
    ck_assert(t.admission.admits(t.query(), here, now));
    t.members.revoke(acme.revoked(1, {1}));
    ck_assert(!t.admission.admits(t.query(), here, now));
}
END_TEST

START_TEST(an_asker_takes_up_a_challenge_once) {
    samples::Parts t;
    t.rpc.expect_challenges();
    const Members members{acme.federation.text(), acme.certificate(t.self.node_id())};
    const Introduction introduction{t.self, members};
    const auto peer = t.know(5);
    t.rpc.ask(peer, {.method = Method::find_node, .target = identity(9).node_id()}, {.owner = 7}, t.now.time);
    const auto* asked = t.question();
    const auto pending = *t.rpc.take(asked->message.transaction, asked->to, t.now.time);
    const Response challenged{.id = peer.id, .challenge = "87654321"};
    ck_assert(introduction.show(t.rpc, pending, challenged, t.now));

    const auto* again = t.question();
    ck_assert(again->query.method == Method::find_node && again->query.target == identity(9).node_id());
    const auto& shown = again->query.credential;
    ck_assert(shown && shown->challenge == "87654321" && shown->certificate == members.certificate());
    ck_assert(proves(shown->proof, t.self.node_id(), members.federation(), "87654321", peer.id,
                     Situation::challenged));
    const auto repeated = *t.rpc.take(again->message.transaction, again->to, t.now.time);
    ck_assert_uint_eq(repeated.purpose.owner, 7);
    ck_assert(!introduction.show(t.rpc, repeated, challenged, t.now));
    const Members without{acme.federation.text()};
    ck_assert(!Introduction(t.self, without).show(t.rpc, pending, challenged, t.now));
}
END_TEST

int main() {
    return run_suite(
        "admission",
        {an_open_federation_answers_everybody, a_closed_one_answers_a_stranger_pings_and_nothing_else,
         a_challenge_comes_with_the_proof_that_was_asked_for, no_challenge_exceeds_three_times_its_query,
         a_member_who_takes_up_the_challenge_is_answered_from_then_on,
         a_member_who_has_proved_itself_to_a_question_is_answered_too, what_does_not_hold_is_an_error,
         a_reader_may_ask_but_not_write, membership_ends_with_the_certificate_and_with_a_revocation,
         an_asker_takes_up_a_challenge_once});
}
