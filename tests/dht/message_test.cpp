// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/message.h"

#include "dht/compact.h"
#include "tests/dht/samples.h"

using namespace dht;

namespace {

const std::string id20 = "abcdefghij0123456789";

template <class T>
const T* read(const std::optional<Message>& message) {
    return message ? std::get_if<T>(&message->body) : nullptr;
}

}  // namespace

START_TEST(bep_5s_own_examples_are_read) {
    const auto ping = decode("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe");
    ck_assert_ptr_nonnull(read<Query>(ping));
    ck_assert(ping->transaction == "aa");
    ck_assert(read<Query>(ping)->method == Method::ping && read<Query>(ping)->id.bytes() == id20);
    ck_assert(!read<Query>(ping)->extended);

    const auto find = decode(
        "d1:ad2:id20:abcdefghij01234567896:target20:mnopqrstuvwxyz123456e1:q9:find_node1:t2:aa1:y1:qe");
    ck_assert(read<Query>(find)->method == Method::find_node);
    ck_assert(read<Query>(find)->target.bytes() == "mnopqrstuvwxyz123456");

    const auto response = decode("d1:rd2:id20:abcdefghij0123456789e1:t2:aa1:y1:re");
    ck_assert(read<Response>(response)->id.bytes() == id20);
    const auto error = decode("d1:eli201e23:A Generic Error Ocurrede1:t2:aa1:y1:ee");
    ck_assert_int_eq(read<Refusal>(error)->code, 201);
}
END_TEST

START_TEST(queries_survive_their_encoding) {
    const auto record = encode(samples::record(samples::identity(1), "alice", 1));
    const Query query{.method = Method::store,
                      .id = samples::contact(1).id,
                      .nonce = "0123456789abcdef",
                      .token = "token",
                      .record = record,
                      .read_only = true};
    const auto encoded = encode("aa", query);
    const auto message = decode(encoded);
    const auto* decoded = read<Query>(message);
    ck_assert_ptr_nonnull(decoded);
    ck_assert(decoded->method == Method::store && decoded->id == query.id && decoded->nonce == query.nonce);
    ck_assert(decoded->token == "token" && decoded->record == record && decoded->read_only &&
              decoded->extended);
}
END_TEST

START_TEST(replies_survive_their_encoding_and_their_size_is_known_beforehand) {
    Bytes nodes;
    append_compact(nodes, samples::contact(1));
    const auto record = encode(samples::record(samples::identity(1), "alice", 1));
    const Reply reply{.id = samples::contact(2).id,
                      .proof = Proof{},
                      .with_nodes = true,
                      .nodes = nodes,
                      .nodes6 = "",
                      .token = "12345678",
                      .cursor = "c",
                      .with_records = true,
                      .records = record};
    const auto encoded = encode("abcd", reply);
    ck_assert_uint_eq(encoded.size(), encoded_bytes("abcd", reply));
    ck_assert_uint_eq(encode("a", Reply{}).size(), encoded_bytes("a", Reply{}));
    const auto message = decode(encoded);
    const auto* decoded = read<Response>(message);
    ck_assert_ptr_nonnull(decoded);
    ck_assert(decoded->proof && decoded->nodes == nodes && decoded->token == "12345678");
    ck_assert(decoded->cursor == "c" && decoded->extended);
    ck_assert(decoded->records->elements().next()->encoded() == record);
}
END_TEST

START_TEST(a_malformed_query_is_told_why_and_an_unknown_one_with_a_target_is_find_node) {
    const auto code = [](std::string_view datagram) {
        const auto message = decode(datagram);
        const auto* fault = read<Fault>(message);
        return fault == nullptr ? 0 : static_cast<int>(fault->code);
    };
    ck_assert_int_eq(code("d1:ad2:id20:abcdefghij0123456789e1:q5:hello1:t2:aa1:y1:qe"), 204);
    ck_assert_int_eq(code("d1:ad2:id3:abce1:q4:ping1:t2:aa1:y1:qe"), 203);
    ck_assert_int_eq(code("d1:ade1:q4:ping1:t2:aa1:y1:qe"), 203);
    ck_assert_int_eq(code("d1:q4:ping1:t2:aa1:y1:qe"), 203);
    ck_assert_int_eq(code("d1:ad2:id20:abcdefghij01234567896:target3:abce1:q9:find_node1:t2:aa1:y1:qe"), 203);
    ck_assert_int_eq(code("d1:ad1:n3:abc2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe"),
                     0);  // unsorted
    const auto unknown =
        decode("d1:ad2:id20:abcdefghij01234567896:target20:mnopqrstuvwxyz123456e1:q5:other1:t2:aa1:y1:qe");
    ck_assert(read<Query>(unknown)->method == Method::find_node);
    // BEP 5's own example of get_peers.
    const auto peers = decode(
        "d1:ad2:id20:abcdefghij01234567899:info_hash20:mnopqrstuvwxyz123456e1:q9:get_peers1:t2:aa1:y1:qe");
    ck_assert_ptr_nonnull(read<Query>(peers));
    ck_assert(read<Query>(peers)->method == Method::find_node);
    ck_assert(read<Query>(peers)->target.bytes() == "mnopqrstuvwxyz123456");
    ck_assert_int_eq(code("d1:ad2:id20:abcdefghij01234567899:info_hash3:abce1:q9:get_peers1:t2:aa1:y1:qe"),
                     204);
}
END_TEST

START_TEST(bep_44s_queries_are_read) {
    const auto get = decode(
        "d1:ad2:id20:abcdefghij01234567893:seqi5e6:target20:mnopqrstuvwxyz123456e1:q3:get1:t2:aa1:y1:qe");
    ck_assert(read<Query>(get)->method == Method::get && read<Query>(get)->item.seq == 5);
    ck_assert(read<Query>(get)->target.bytes() == "mnopqrstuvwxyz123456");
    const auto put = decode("d1:ad2:id20:abcdefghij01234567895:token2:to1:vli1eee1:q3:put1:t2:aa1:y1:qe");
    ck_assert(read<Query>(put)->method == Method::put && read<Query>(put)->item.value == "li1ee");
    ck_assert(read<Query>(put)->item.key.empty() && read<Query>(put)->token == "to");
}
END_TEST

START_TEST(a_put_that_bep_44_forbids_is_told_why) {
    const Bytes key(32, 'k');
    const Bytes signature(64, 's');
    const Bytes salt(65, 'x');
    const Bytes large = "997:" + Bytes(997, 'x');
    const ItemFields good{.value = "i1e", .key = key, .signature = signature, .salt = "salt", .seq = 0};
    const auto code = [](const ItemFields& item) {
        const auto datagram = encode("aa", Query{.method = Method::put, .item = item});
        const auto message = decode(datagram);
        const auto* fault = read<Fault>(message);
        return fault == nullptr ? 0 : static_cast<int>(fault->code);
    };
    const auto with = [&](auto change) {
        auto out = good;
        change(out);
        return out;
    };
    ck_assert_int_eq(code(good), 0);
    ck_assert_int_eq(code({.value = large}), 205);
    ck_assert_int_eq(code({}), 203);
    ck_assert_int_eq(code(with([&](auto& item) { item.salt = salt; })), 207);
    ck_assert_int_eq(code(with([&](auto& item) { item.key.remove_prefix(1); })), 203);
    ck_assert_int_eq(code(with([&](auto& item) { item.signature = {}; })), 203);
    ck_assert_int_eq(code(with([&](auto& item) { item.seq.reset(); })), 203);
    ck_assert_int_eq(code(with([&](auto& item) { item.seq = -1; })), 203);
}
END_TEST

START_TEST(items_survive_in_queries_and_replies) {
    const Bytes key(32, 'k');
    const Bytes signature(64, 's');
    const ItemFields item{
        .value = "l4:spame", .key = key, .signature = signature, .salt = "salt", .seq = 12345, .cas = 7};
    const auto put = encode("aa", Query{.method = Method::put, .token = "token", .item = item});
    const auto query = decode(put);
    const auto& asked = read<Query>(query)->item;
    ck_assert(asked.value == item.value && asked.key == key && asked.signature == signature);
    ck_assert(asked.salt == "salt" && asked.seq == 12345 && asked.cas == 7);

    for (const auto& proof : {std::optional<Proof>{}, std::optional{Proof{}}}) {
        const Reply reply{.proof = proof,
                          .with_nodes = true,
                          .token = "token",
                          .item = {.value = "l4:spame", .key = key, .signature = signature, .seq = 12345}};
        const auto encoded = encode("aa", reply);
        ck_assert_uint_eq(encoded.size(), encoded_bytes("aa", reply));
        const auto message = decode(encoded);
        const auto& answered = read<Response>(message)->item;
        ck_assert(answered.value == item.value && answered.key == key && answered.seq == 12345);
        ck_assert(answered.signature == signature);
        ck_assert(read<Response>(message)->proof.has_value() == proof.has_value());
    }
}
END_TEST

START_TEST(what_cannot_be_answered_is_nothing) {
    for (const auto* text : {"", "i1e", "le", "de", "d1:t2:aa1:y1:xe", "d1:y1:qe", "d1:rde1:t2:aa1:y1:re",
                             "d1:rd2:id3:abce1:t2:aa1:y1:re",
                             "d1:t40:0123456789012345678901234567890123456789"
                             "1:y1:qe"}) {
        ck_assert_msg(!decode(text), "%s", text);
    }
}
END_TEST

int main() {
    return run_suite("message", {bep_5s_own_examples_are_read, queries_survive_their_encoding,
                                 replies_survive_their_encoding_and_their_size_is_known_beforehand,

                                 a_malformed_query_is_told_why_and_an_unknown_one_with_a_target_is_find_node,
                                 bep_44s_queries_are_read, a_put_that_bep_44_forbids_is_told_why,
                                 items_survive_in_queries_and_replies, what_cannot_be_answered_is_nothing});
}
