// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/prober.h"

#include "dht/node.h"
#include "tests/dht/closed.h"

using namespace dht;
using namespace std::chrono_literals;

namespace {

using Outcome = Prober::Outcome;

const Endpoint prober_at = Endpoint::v4({10, 0, 0, 1}, 7000);
const Endpoint node_at = Endpoint::v4({10, 0, 0, 2}, 7000);

/// A prober and a node, with 5 ms between them.
struct Pair {
    explicit Pair(const std::string& federation = "public") : Pair(NodeConfig{.federation = federation}) {}
    explicit Pair(const NodeConfig& config, Members members = Members{"public"})
        : prober(samples::identity(1), std::move(members), {}, random) {
        node.emplace(samples::identity(2), config, random);
        node->bootstrap({}, now);
    }

    void pass(Duration time) {
        now.time += time;
        now.date += std::chrono::floor<std::chrono::seconds>(time);
        prober.advance(now);
    }

    Prober::Answer answer() {
        for (int turn = 0; turn < 10; ++turn) {
            if (auto out = prober.poll_event()) return *out;
            while (const auto sent = prober.poll_datagram()) {
                ++questions;
                if (sent->to == node_at) node->receive(view(sent->payload), prober_at, now);
            }
            pass(5ms);
            while (const auto sent = node->poll_datagram()) prober.receive(view(sent->payload), node_at, now);
        }
        ck_abort_msg("no answer");
        return {};
    }

    dht::Now now = samples::now;
    SeededRandom random{1};
    std::optional<Node> node;
    Prober prober;
    int questions = 0;
};

}  // namespace

START_TEST(who_answers_a_ping_has_proved_its_key) {
    Pair t;
    const auto question = t.prober.ping(node_at, t.now);
    const auto answer = t.answer();
    ck_assert_uint_eq(answer.question, question);
    ck_assert(answer.outcome == Outcome::answered);
    ck_assert(answer.id == t.node->id());
    ck_assert(answer.from == node_at);
    ck_assert(answer.round_trip == 5ms);
    ck_assert_uint_eq(t.prober.outstanding(), 0);
    ck_assert_uint_eq(t.node->contacts().size(), 0);  // it saw nobody worth keeping
}
END_TEST

START_TEST(a_node_of_another_federation_is_foreign) {
    Pair t{"house"};
    t.prober.ping(node_at, t.now);
    ck_assert(t.answer().outcome == Outcome::foreign);
}
END_TEST

START_TEST(who_is_somebody_else_than_was_said_tells_who_it_is) {
    Pair t;
    const auto other = samples::identity(3).node_id();
    t.prober.find_node({node_at, other}, other, t.now);
    const auto first = t.answer();
    ck_assert(first.outcome == Outcome::answered);
    ck_assert(first.id == t.node->id());
    t.prober.find_node({node_at, t.node->id()}, other, t.now);
    ck_assert(t.answer().outcome == Outcome::answered);
}
END_TEST

START_TEST(a_silent_one_is_asked_once_more_and_given_up) {
    Pair t;
    t.prober.ping(Endpoint::v4({10, 0, 0, 9}, 1), t.now);
    ck_assert(t.prober.deadline().has_value());
    t.pass(999ms);
    ck_assert(!t.prober.poll_event());
    t.pass(1ms);
    t.pass(1000ms);
    ck_assert(t.answer().outcome == Outcome::silent);
    ck_assert_uint_eq(t.prober.outstanding(), 0);
    t.pass(10s);
    ck_assert(!t.prober.deadline().has_value());
}
END_TEST

START_TEST(an_answer_to_the_first_attempt_counts_after_the_second) {
    Pair t;
    t.prober.ping(node_at, t.now);
    const auto first = t.prober.poll_datagram();
    t.pass(1100ms);
    t.node->receive(view(first->payload), prober_at, t.now);
    const auto late = t.node->poll_datagram();
    t.prober.receive(view(late->payload), node_at, t.now);
    ck_assert(t.prober.poll_event()->round_trip == 1100ms);
    while (const auto second = t.prober.poll_datagram())
        t.node->receive(view(second->payload), prober_at, t.now);
    while (const auto sent = t.node->poll_datagram()) t.prober.receive(view(sent->payload), node_at, t.now);
    ck_assert(!t.prober.poll_event());
}
END_TEST

START_TEST(an_answer_from_elsewhere_is_none) {
    Pair t;
    t.prober.ping(node_at, t.now);
    t.node->receive(view(t.prober.poll_datagram()->payload), prober_at, t.now);
    const auto sent = t.node->poll_datagram();
    t.prober.receive(view(sent->payload), Endpoint::v4({10, 0, 0, 3}, 7000), t.now);
    t.prober.receive(view("d1:y1:re"), node_at, t.now);
    ck_assert(!t.prober.poll_event());
}
END_TEST

START_TEST(records_of_the_key_are_told_once_the_node_is_known) {
    Pair t;
    t.node->publish("user", "alice", samples::value("here"), 2min, t.now);
    t.node->publish("user", "bob", samples::value("here"), 2min, t.now);
    t.prober.ping(node_at, t.now);
    const auto id = t.answer().id;
    t.prober.find_value({id, node_at}, key_of("public", "user", "alice"), t.now);
    const auto answer = t.answer();
    ck_assert(answer.outcome == Outcome::answered);
    ck_assert_uint_eq(answer.records.size(), 1);
    ck_assert(answer.records.front().name == "alice");
    ck_assert(answer.records.front().publisher_id() == t.node->id());
}
END_TEST

START_TEST(withdrawn_records_are_left_out) {
    Pair t;
    t.node->withdraw(t.node->publish("user", "alice", samples::value("here"), 2min, t.now), t.now);
    t.prober.ping(node_at, t.now);
    const auto id = t.answer().id;
    t.prober.find_value({id, node_at}, key_of("public", "user", "alice"), t.now);
    ck_assert_uint_eq(t.answer().records.size(), 0);
}
END_TEST

START_TEST(of_a_closed_federation_only_a_member_is_told_more_than_who_answers) {
    const samples::Closed acme;
    const auto config = acme.config(acme.certificate(samples::identity(2).node_id()));
    const auto certificate = acme.certificate(samples::identity(1).node_id(), Role::reader);
    const auto key = key_of(acme.federation.text(), "user", "alice");
    for (const auto& shown : {Bytes{}, certificate}) {
        Pair t{config, Members{acme.federation.text(), shown}};
        t.node->publish("user", "alice", samples::value("here"), 1min, t.now);
        t.prober.ping(node_at, t.now);
        const auto pinged = t.answer();
        ck_assert(pinged.outcome == Outcome::answered);
        t.prober.find_value({pinged.id, node_at}, key, t.now);
        const auto found = t.answer();
        ck_assert(found.outcome == (shown.empty() ? Outcome::refused : Outcome::answered));
        ck_assert_uint_eq(found.records.size(), shown.empty() ? 0 : 1);
    }
    Pair other{config, Members{samples::Closed{"other"}.federation.text()}};
    other.prober.ping(node_at, other.now);
    ck_assert(other.answer().outcome == Outcome::foreign);
}
END_TEST

int main() {
    return run_suite(
        "prober",
        {who_answers_a_ping_has_proved_its_key, a_node_of_another_federation_is_foreign,
         who_is_somebody_else_than_was_said_tells_who_it_is, a_silent_one_is_asked_once_more_and_given_up,
         an_answer_to_the_first_attempt_counts_after_the_second, an_answer_from_elsewhere_is_none,
         records_of_the_key_are_told_once_the_node_is_known, withdrawn_records_are_left_out,
         of_a_closed_federation_only_a_member_is_told_more_than_who_answers});
}
