// SPDX-License-Identifier: LGPL-2.1-or-later
/// The node as a stranger sees it: datagrams in, datagrams out. Networks of nodes are in tests/sim.
#include "dht/node.h"

#include <optional>
#include <vector>

#include "dht/compact.h"
#include "dht/message.h"
#include "dht/proof.h"
#include "tests/dht/played_node.h"

using namespace dht;
using namespace std::chrono_literals;

namespace {

using Tested = samples::PlayedNode;
using samples::address;
using samples::stranger;

const NodeId asker = samples::contact(0x42).id;

}  // namespace

START_TEST(whoever_queries_is_asked_for_its_key_before_it_counts) {
    Tested t;
    t.receive(encode("aa", Query{.method = Method::ping, .id = samples::identity(2).node_id()}), address(2));
    ck_assert_uint_eq(t.node.contacts().size(), 0);
    const auto sent = t.sent();
    ck_assert_uint_eq(sent.size(), 2);  // the answer, and the question
    const auto question = decode(sent[1].payload);
    ck_assert_uint_eq(std::get<Query>(question->body).nonce.size(), 16);
    t.befriend(3);
    ck_assert_uint_eq(t.node.contacts().size(), 1);
}
END_TEST

START_TEST(a_proof_for_another_nonce_key_or_federation_counts_for_nothing) {
    for (int lie = 0; lie < 4; ++lie) {
        Tested t;
        const auto peer = samples::identity(2);
        const auto claimed = lie == 2 ? samples::identity(3).node_id() : peer.node_id();
        t.receive(encode("aa", Query{.method = Method::ping, .id = claimed}), address(2));
        const auto sent = t.sent();
        const auto question = decode(sent.back().payload);
        const auto& query = std::get<Query>(question->body);
        auto proof =
            prove(peer, lie == 0 ? "other" : "public", lie == 1 ? "0123456789abcdef" : query.nonce, query.id);
        Reply reply{.id = claimed, .proof = proof};
        if (lie == 3) reply.proof.reset();
        t.receive(encode(question->transaction, reply), address(2));
        ck_assert_uint_eq(t.node.contacts().size(), 0);
    }
}
END_TEST

START_TEST(an_answer_from_another_address_is_no_answer) {
    Tested t;
    const auto peer = samples::identity(2);
    t.receive(encode("aa", Query{.method = Method::ping, .id = peer.node_id()}), address(2));
    const auto sent = t.sent();
    const auto question = decode(sent.back().payload);
    const auto& query = std::get<Query>(question->body);
    const auto proof = prove(peer, "public", query.nonce, query.id);
    t.receive(encode(question->transaction, Reply{.id = peer.node_id(), .proof = proof}), address(3));
    ck_assert_uint_eq(t.node.contacts().size(), 0);
}
END_TEST

START_TEST(a_bep_5_node_is_served_and_enters_no_table) {
    Tested t;
    t.befriend(3);
    const std::string find =
        "d1:ad2:id20:abcdefghij01234567896:target20:mnopqrstuvwxyz123456e1:q9:find_node1:t2:aa1:y1:qe";
    t.receive(find, stranger);
    const auto sent = t.sent();
    ck_assert_uint_eq(sent.size(), 1);
    const auto message = decode(sent[0].payload);
    const auto& response = std::get<Response>(message->body);
    ck_assert_uint_eq(response.nodes.size(), compact_v4_bytes);
    ck_assert(response.token.empty() && response.extended);
}
END_TEST

START_TEST(no_answer_to_a_stranger_exceeds_three_times_its_query) {
    Tested t;
    for (std::uint8_t i = 1; i <= 40; ++i) t.befriend(i);
    const auto held = t.node.publish("user", "alice", samples::value(std::string(300, 'x')), 1min, t.now);
    (void)held;
    t.sent();
    const auto key = key_of("public", "user", "alice");
    for (const std::size_t padding : {0, 100, 200, 300, 900}) {
        for (const auto method :
             {Method::ping, Method::find_node, Method::find_value, Method::get, Method::unknown}) {
            for (const auto* nonce : {"", "0123456789abcdef"}) {
                const Query query{
                    .method = method, .id = asker, .target = key, .nonce = nonce, .padding = padding};
                const auto asked = encode("aa", query).size();
                const auto answered = t.answer(query).size();
                ck_assert_uint_le(answered, std::min(3 * asked, datagram_bytes_max));
                ck_assert_uint_gt(answered, 0);
            }
        }
    }
    t.receive("d1:q1:x1:t1:a1:y1:qe", stranger);
    for (const auto& datagram : t.sent()) ck_assert_uint_le(datagram.payload.size(), 3 * 20);
}
END_TEST

START_TEST(a_store_needs_the_token_of_that_key_at_that_address) {
    Tested t;
    const auto record = encode(samples::record(samples::identity(9), "alice", 1));
    const Query find{.method = Method::find_value,
                     .id = asker,
                     .target = key_of("public", "user", "alice"),
                     .padding = 300};
    const auto answer = t.answer(find);
    const auto response = decode(answer);
    const Bytes token{std::get<Response>(response->body).token};
    const auto accepted = [&](const Bytes& shown, const Endpoint& from) {
        const auto reply =
            t.answer({.method = Method::store, .id = asker, .token = shown, .record = record}, from);
        return std::holds_alternative<Response>(decode(reply)->body);
    };
    ck_assert(!accepted("", stranger));
    ck_assert(!accepted("12345678", stranger));
    ck_assert(!accepted(token, address(1)));
    ck_assert_uint_eq(t.node.records(), 0);
    ck_assert(accepted(token, stranger));
    ck_assert(accepted(token, stranger));  // the same again is no harm
    ck_assert_uint_eq(t.node.records(), 1);
}
END_TEST

START_TEST(a_read_only_node_answers_nobody) {
    NodeConfig config;
    config.read_only = true;
    Tested t{config};
    ck_assert(t.answer({.method = Method::ping, .id = asker}).empty());
    t.receive("d1:q1:x1:t1:a1:y1:qe", stranger);
    ck_assert(t.sent().empty());
    t.node.bootstrap({address(2)}, t.now);
    t.answer_pings(2);
    ck_assert_uint_eq(t.node.contacts().size(), 1);
}
END_TEST

START_TEST(a_foreign_reader_is_sent_large_items_once_its_address_is_known) {
    Tested t;
    const Bytes value = "600:" + Bytes(600, 'x');
    t.node.put_immutable(value, t.now);
    const std::string get = "d1:ad2:id20:abcdefghij01234567896:target20:" + Bytes{sha1(value).bytes()} +
                            "e1:q3:get1:t2:aa1:y1:qe";
    t.receive(get, stranger);
    const auto sent = t.sent();
    ck_assert_uint_eq(sent.size(), 2);  // the answer, and the question
    ck_assert_uint_le(sent[0].payload.size(), 3 * get.size());
    ck_assert(std::get<Response>(decode(sent[0].payload)->body).item.value.empty());
    const auto question = decode(sent[1].payload);
    const auto* ping = std::get_if<Query>(&question->body);
    ck_assert(ping != nullptr && ping->method == Method::ping);
    t.receive(encode(question->transaction, Reply{.id = ping->target}), stranger);  // without a proof
    t.receive(get, stranger);
    const auto again = t.sent();
    ck_assert_uint_eq(again.size(), 1);
    ck_assert(std::get<Response>(decode(again[0].payload)->body).item.value == value);
    ck_assert_uint_eq(t.node.contacts().size(), 0);
}
END_TEST

START_TEST(an_item_put_here_is_found_here_and_expires) {
    Tested t;
    Item item{.value = "2:me", .salt = "salt", .seq = 3};
    sign(item, samples::identity(9));
    t.node.put_mutable(item, std::nullopt, t.now);
    ck_assert(std::get<ItemStored>(*t.node.poll_event()).error == 0);
    t.node.get_item(target_of(item), "salt", t.now);
    ck_assert(std::get<ItemFound>(*t.node.poll_event()).item == item);
    ck_assert_uint_eq(t.node.items(), 1);
    ck_assert(t.node.deadline() <= t.now.time + 2h);
    t.now = samples::later(2h);
    t.node.advance(t.now);
    ck_assert_uint_eq(t.node.items(), 0);
    t.node.get_item(target_of(item), "salt", t.now);
    ck_assert(!std::get<ItemFound>(*t.node.poll_event()).item);
}
END_TEST

START_TEST(queries_beyond_the_rate_are_dropped) {
    NodeConfig config;
    config.queries_per_second = 10;
    Tested t{config};
    int answered = 0;
    for (int i = 0; i < 100; ++i) answered += t.answer({.method = Method::ping, .id = asker}).empty() ? 0 : 1;
    ck_assert_int_eq(answered, 20);
}
END_TEST

START_TEST(seq_grows_across_a_restart) {
    const auto seq = [](Now now) {
        Tested t;
        t.node.publish("user", "alice", "de", 1min, now);
        t.node.publish("user", "alice", "de", 1min, now);
        t.node.find_value(key_of("public", "user", "alice"), now);
        std::uint64_t out = 0;
        while (const auto event = t.node.poll_event()) {
            if (const auto* found = std::get_if<ValuesFound>(&*event)) out = found->records.at(0).seq;
        }
        return out;
    };
    ck_assert_uint_gt(seq(samples::later(1s)), seq(samples::now));
}
END_TEST

START_TEST(a_silent_bootstrap_does_not_hold_searches_for_ever) {
    Tested t;
    t.node.bootstrap({stranger}, t.now);
    t.node.find_value(asker, t.now);
    ck_assert(!t.node.poll_event());
    t.now = samples::later(1s);
    t.node.advance(t.now);
    const auto event = t.node.poll_event();
    ck_assert(event && std::holds_alternative<ValuesFound>(*event));
    ck_assert(t.node.deadline().has_value());  // it tries again
}
END_TEST

START_TEST(a_first_node_that_is_told_of_others_later_looks_around_once_and_rests) {
    Tested t;
    t.node.bootstrap({}, t.now);
    t.node.bootstrap({address(2)}, t.now);
    t.answer_pings(2);
    ck_assert_uint_eq(t.node.contacts().size(), 1);
    t.node.advance(t.now);
    t.sent();
    t.node.advance(t.now);
    ck_assert_uint_eq(t.sent().size(), 0);
    ck_assert(t.node.deadline() > t.now.time);
}
END_TEST

int main() {
    return run_suite("node",
                     {whoever_queries_is_asked_for_its_key_before_it_counts,
                      a_proof_for_another_nonce_key_or_federation_counts_for_nothing,
                      an_answer_from_another_address_is_no_answer, a_bep_5_node_is_served_and_enters_no_table,
                      no_answer_to_a_stranger_exceeds_three_times_its_query,
                      a_store_needs_the_token_of_that_key_at_that_address, a_read_only_node_answers_nobody,
                      a_foreign_reader_is_sent_large_items_once_its_address_is_known,
                      an_item_put_here_is_found_here_and_expires, queries_beyond_the_rate_are_dropped,
                      seq_grows_across_a_restart, a_silent_bootstrap_does_not_hold_searches_for_ever,
                      a_first_node_that_is_told_of_others_later_looks_around_once_and_rests});
}
