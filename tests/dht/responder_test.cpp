// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/responder.h"

#include "dht/compact.h"
#include "tests/dht/parts.h"

using namespace dht;
using namespace std::chrono_literals;
using samples::identity;
using samples::Parts;
using samples::record;

namespace {

const Endpoint stranger = Endpoint::v4({198, 51, 100, 7}, 7000);
const NodeId asker = samples::contact(0x42).id;
const Key alice = key_of("public", "user", "alice");

struct Tested : Parts {
    /// The answer to a query that came with so many octets.
    std::optional<Message> answer(const Query& query, std::size_t bytes = 400,
                                  const Endpoint& from = stranger) {
        replies.push_back(responder.answer("aa", query, from, bytes, now));
        return decode(replies.back());
    }

    Response response(const Query& query, std::size_t bytes = 400, const Endpoint& from = stranger) {
        const auto message = answer(query, bytes, from);
        ck_assert(message && std::holds_alternative<Response>(message->body));
        return std::get<Response>(message->body);
    }

    std::int64_t refusal(const Query& query) {
        const auto message = answer(query);
        const auto* out = message ? std::get_if<Refusal>(&message->body) : nullptr;
        return out == nullptr ? 0 : out->code;
    }

    Item item(const Bytes& value, std::int64_t seq) {
        Item out{.value = value, .salt = "salt", .seq = seq};
        sign(out, identity(9));
        return out;
    }

    Item hold(const Bytes& value, std::int64_t seq) {
        const auto out = item(value, seq);
        items.put(out, {}, stranger, now.time);
        return out;
    }

    Bytes token(const Key& key) { return Bytes{text(tokens.mint(stranger, key, now.time))}; }

    TokenMint tokens{random};
    ItemStore items{{}};
    Responder responder{self, members, 20, table, store, items, tokens, peers};
};

std::vector<Contact> read(const Response& response) {
    std::vector<Contact> out;
    read_compact_v4(response.nodes, 99, out);
    read_compact_v6(response.nodes6, 99, out);
    return out;
}

}  // namespace

START_TEST(a_ping_is_answered_with_our_id_and_a_proof_if_one_is_asked_for) {
    Tested t;
    ck_assert(!t.response({.method = Method::ping, .id = asker}).proof);
    const auto response = t.response({.method = Method::ping, .id = asker, .nonce = "0123456789abcdef"});
    ck_assert(response.id == t.self.node_id() && response.extended);
    ck_assert(proves(*response.proof, t.self.node_id(), "public", "0123456789abcdef", asker));
}
END_TEST

START_TEST(find_node_gives_the_nearest_but_not_the_asker_itself) {
    Tested t;
    for (std::uint8_t i = 1; i <= 30; ++i) t.know(i);
    const auto target = Parts::contact(7).id;
    const auto response = t.response({.method = Method::find_node, .id = asker, .target = target});
    std::vector<Contact> nearest;
    t.table.closest(target, 20, nearest);
    ck_assert(read(response) == nearest && nearest.front() == Parts::contact(7));
    const auto own = t.response({.method = Method::find_node, .id = target, .target = target});
    const auto others = read(own);
    ck_assert(std::find(others.begin(), others.end(), Parts::contact(7)) == others.end());
}
END_TEST

START_TEST(only_who_speaks_our_queries_is_given_a_token_with_nodes) {
    Tested t;
    Query query{.method = Method::find_node, .id = asker, .target = alice};
    ck_assert(t.response(query).token.empty());
    query.extended = true;
    ck_assert(t.tokens.valid(t.response(query).token, stranger, alice, t.now.time));
}
END_TEST

START_TEST(the_families_given_are_those_wanted_or_else_the_askers) {
    Tested t;
    t.know(1);
    auto v6 = Parts::contact(2);
    v6.endpoint = *Endpoint::parse("[2001:db8::1]:7000");
    t.table.answered(v6, t.now.time);
    const auto given = [&](bool n4, bool n6, const Endpoint& from) {
        const auto response = t.response(
            {.method = Method::find_node, .id = asker, .target = alice, .want_v4 = n4, .want_v6 = n6}, 400,
            from);
        return std::pair{!response.nodes.empty(), !response.nodes6.empty()};
    };
    const auto from_v6 = *Endpoint::parse("[2001:db8::9]:7000");
    ck_assert((given(false, false, stranger) == std::pair{true, false}));
    ck_assert((given(false, false, from_v6) == std::pair{false, true}));
    ck_assert((given(true, true, stranger) == std::pair{true, true}));
    ck_assert((given(false, true, stranger) == std::pair{false, true}));
    ck_assert((given(true, false, from_v6) == std::pair{true, false}));
}
END_TEST

START_TEST(find_value_gives_records_nodes_and_a_token) {
    Tested t;
    t.know(1);
    const auto held = record(identity(9), "alice", 1);
    t.store.put(held, stranger, t.now.date);
    const auto response = t.response({.method = Method::find_value, .id = asker, .target = alice});
    ck_assert(response.records->elements().next()->encoded() == encode(held));
    ck_assert(response.cursor.empty());
    ck_assert_uint_eq(read(response).size(), 1);
    ck_assert(t.tokens.valid(response.token, stranger, alice, t.now.time));
}
END_TEST

START_TEST(what_does_not_fit_comes_on_further_pages) {
    Tested t;
    for (std::uint64_t i = 1; i <= 10; ++i) {
        t.store.put(record(identity(i), "alice", 1, std::string(200, 'x')), stranger, t.now.date);
    }
    Bytes cursor;
    int records = 0;
    int pages = 0;
    do {
        const auto response =
            t.response({.method = Method::find_value, .id = asker, .target = alice, .cursor = cursor});
        auto elements = response.records->elements();
        while (elements.next()) ++records;
        cursor = response.cursor;
        ck_assert_uint_le(t.replies.back().size(), datagram_bytes_max);
    } while (++pages < 20 && !cursor.empty());
    ck_assert_int_eq(records, 10);
    ck_assert_int_ge(pages, 4);
}
END_TEST

START_TEST(an_address_without_proof_is_sent_three_times_its_query_at_most) {
    Tested t;
    for (std::uint8_t i = 1; i <= 30; ++i) t.know(i);
    const Query query{.method = Method::find_node, .id = asker, .target = alice};
    for (const std::size_t bytes : {60, 92, 150, 300}) {
        t.responder.answer("aa", query, stranger, bytes, t.now);
        ck_assert_uint_le(t.responder.answer("aa", query, stranger, bytes, t.now).size(), 3 * bytes);
    }
    t.peers.proved(stranger, asker, t.now.time);
    ck_assert_uint_gt(t.responder.answer("aa", query, stranger, 60, t.now).size(), 500);
}
END_TEST

START_TEST(what_is_not_stored_is_refused_with_a_code_that_says_why) {
    Tested t;
    const auto fresh = record(identity(9), "alice", 5);
    const auto token = t.token(alice);
    const auto code = [&](const Record& sent, const Bytes& shown) {
        const auto encoded = encode(sent);
        return t.refusal({.method = Method::store, .id = asker, .token = shown, .record = encoded});
    };
    ck_assert_int_eq(code(fresh, "12345678"), 203);
    ck_assert_int_eq(code(fresh, token), 0);
    ck_assert_int_eq(code(record(identity(9), "alice", 4), token), 302);
    auto forged = fresh;
    forged.seq = 6;
    ck_assert_int_eq(code(forged, token), 206);
    ck_assert_int_eq(code(record(identity(9), "alice", 6, "x", 3h), token), 203);
    ck_assert_int_eq(code(record(identity(9), "bob", 5), token), 203);  // the token is for alice
    ck_assert_int_eq(t.refusal({.method = Method::store, .id = asker, .token = token, .record = "de"}), 203);
    ck_assert_uint_eq(t.store.size(), 1);
}
END_TEST

START_TEST(get_gives_an_item_with_nodes_and_a_token) {
    Tested t;
    t.know(1);
    const auto held = t.hold("2:me", 4);
    const auto response = t.response({.method = Method::get, .id = asker, .target = target_of(held)});
    ck_assert(response.item.value == "2:me" && response.item.seq == 4);
    ck_assert(response.item.key == text(*held.key) && response.item.signature == text(held.signature));
    ck_assert(t.tokens.valid(response.token, stranger, target_of(held), t.now.time));
    ck_assert_uint_eq(read(response).size(), 1);

    t.items.put({.value = "i1e"}, {}, stranger, t.now.time);
    const auto plain = t.response({.method = Method::get, .id = asker, .target = sha1("i1e")});
    ck_assert(plain.item.value == "i1e" && plain.item.key.empty() && !plain.item.seq);
    const auto absent = t.response({.method = Method::get, .id = asker, .target = alice});
    ck_assert(absent.item.value.empty() && !absent.token.empty() && read(absent).size() == 1);
}
END_TEST

START_TEST(who_has_the_newest_is_told_its_seq_only) {
    Tested t;
    const auto target = target_of(t.hold("2:me", 4));
    const auto given = [&](std::int64_t seq) {
        const auto response =
            t.response({.method = Method::get, .id = asker, .target = target, .item = {.seq = seq}});
        ck_assert(response.item.seq == 4);
        ck_assert(response.item.key.empty() == response.item.value.empty());
        return !response.item.value.empty();
    };
    ck_assert(given(3) && !given(4) && !given(5));
}
END_TEST

START_TEST(an_item_that_does_not_fit_is_left_out_and_may_be_asked_for_again) {
    Tested t;
    for (std::uint8_t i = 1; i <= 30; ++i) t.know(i);
    const auto target = target_of(t.hold("996:" + Bytes(996, 'x'), INT64_MAX));
    Query query{.method = Method::get, .id = asker, .target = target};
    const auto small = t.response(query, 100);
    ck_assert(small.item.value.empty() && small.item.seq == INT64_MAX && !small.nodes.empty());
    ck_assert(small.cursor.empty() && !small.token.empty());
    ck_assert_uint_le(t.replies.back().size(), 300);

    query.nonce = "0123456789abcdef";
    const auto proof = t.response(query);
    ck_assert(proof.proof && proof.item.value.empty() && proof.cursor == "v");
    query.nonce = {};
    const auto rest = t.response(query);
    ck_assert_uint_eq(rest.item.value.size(), 1000);
    ck_assert_uint_le(t.replies.back().size(), datagram_bytes_max);
}
END_TEST

START_TEST(put_is_refused_with_bep_44s_codes) {
    Tested t;
    const auto code = [&](Item item, std::optional<std::int64_t> cas = {}, bool with_token = true) {
        const auto token = with_token ? t.token(target_of(item)) : Bytes{"12345678"};
        Query query{.method = Method::put, .id = asker, .token = token, .item = {.value = item.value}};
        if (item.key) {
            query.item.key = text(*item.key);
            query.item.signature = text(item.signature);
            query.item.salt = item.salt;
            query.item.seq = item.seq;
            query.item.cas = cas;
        }
        return t.refusal(query);
    };
    ck_assert_int_eq(code({.value = "i1e"}, {}, false), 203);
    ck_assert_uint_eq(t.items.size(), 0);
    ck_assert_int_eq(code({.value = "i1e"}), 0);
    ck_assert_int_eq(code(t.item("1:a", 5)), 0);
    ck_assert_int_eq(code(t.item("1:a", 5)), 0);
    ck_assert_int_eq(code(t.item("1:a", 4)), 302);
    ck_assert_int_eq(code(t.item("1:a", 6), 4), 301);
    ck_assert_int_eq(code(t.item("1:a", 6), 5), 0);
    auto forged = t.item("1:a", 7);
    forged.seq = 8;
    ck_assert_int_eq(code(forged), 206);
    ck_assert_uint_eq(t.items.size(), 2);
}
END_TEST

START_TEST(a_refusal_too_is_within_three_times_the_query) {
    Tested t;
    const Fault fault{ErrorCode::unknown_method, "unknown method"};
    ck_assert(!t.responder.refuse("aa", fault, 60).empty());
    ck_assert(t.responder.refuse("aa", fault, 10).empty());
}
END_TEST

int main() {
    return run_suite("responder",
                     {a_ping_is_answered_with_our_id_and_a_proof_if_one_is_asked_for,
                      find_node_gives_the_nearest_but_not_the_asker_itself,
                      only_who_speaks_our_queries_is_given_a_token_with_nodes,
                      the_families_given_are_those_wanted_or_else_the_askers,
                      find_value_gives_records_nodes_and_a_token, what_does_not_fit_comes_on_further_pages,
                      an_address_without_proof_is_sent_three_times_its_query_at_most,
                      what_is_not_stored_is_refused_with_a_code_that_says_why,
                      get_gives_an_item_with_nodes_and_a_token, who_has_the_newest_is_told_its_seq_only,
                      an_item_that_does_not_fit_is_left_out_and_may_be_asked_for_again,
                      put_is_refused_with_bep_44s_codes, a_refusal_too_is_within_three_times_the_query});
}
