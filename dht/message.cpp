// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/message.h"

#include <algorithm>
#include <array>

namespace dht {

namespace {

using bencode::Value;

/// Longer ones are no transaction ids but somebody using us as a mirror.
constexpr std::size_t transaction_bytes_max = 32;
constexpr std::size_t nonce_bytes = std::tuple_size_v<Nonce>;
constexpr std::size_t token_bytes_max = 64;
constexpr std::size_t cursor_bytes_max = 32;

std::optional<NodeId> node_id(const std::optional<std::string_view>& bytes) {
    return bytes ? NodeId::from_bytes(view(*bytes)) : std::nullopt;
}

/// Absent is empty; present and longer than `most` is an error.
std::optional<std::string_view> short_string(const Value& in, std::string_view key, std::size_t most) {
    const auto found = in.string(key).value_or(std::string_view{});
    return found.size() <= most ? std::optional{found} : std::nullopt;
}

Method method_of(std::string_view name) {
    if (name == "find_node") return Method::find_node;
    if (name == "find_value") return Method::find_value;
    if (name == "store") return Method::store;
    return name == "ping" ? Method::ping : Method::unknown;
}

std::string_view name_of(Method method) {
    switch (method) {
        case Method::find_node:
            return "find_node";
        case Method::find_value:
            return "find_value";
        case Method::store:
            return "store";
        default:
            return "ping";
    }
}

void read_want(const Value& arguments, Query& query) {
    const auto want = arguments.find("want");
    if (!want) return;
    auto families = want->elements();
    while (const auto family = families.next()) {
        query.want_v4 |= family->string() == "n4";
        query.want_v6 |= family->string() == "n6";
    }
}

std::variant<Query, Response, Refusal, Fault> decode_query(const Value& message) {
    const auto arguments = message.find("a");
    const auto name = message.string("q");
    if (!arguments || !name) return Fault{ErrorCode::protocol, "a and q are needed"};
    const auto id = node_id(arguments->string("id"));
    if (!id) return Fault{ErrorCode::protocol, "id must have 20 octets"};

    Query query{.method = method_of(*name), .id = *id};
    const auto target = node_id(arguments->string("target"));
    // A query that nobody knows but that has a target is answered as find_node, as others do: so
    // new queries can be tried without being taken for dead.
    if (query.method == Method::unknown && target) query.method = Method::find_node;
    if (query.method == Method::unknown) return Fault{ErrorCode::unknown_method, "unknown method"};
    const bool needs_target = query.method == Method::find_node || query.method == Method::find_value;
    if (needs_target && !target) return Fault{ErrorCode::protocol, "target must have 20 octets"};
    query.target = target.value_or(NodeId{});

    const auto nonce = short_string(*arguments, "n", nonce_bytes);
    const auto cursor = short_string(*arguments, "c", cursor_bytes_max);
    const auto token = short_string(*arguments, "token", token_bytes_max);
    if (!nonce || (!nonce->empty() && nonce->size() != nonce_bytes) || !cursor || !token) {
        return Fault{ErrorCode::protocol, "argument of a wrong length"};
    }
    query.nonce = *nonce;
    query.cursor = *cursor;
    query.token = *token;
    if (const auto record = arguments->find("r"); record && record->is_dictionary()) {
        query.record = record->encoded();
    }
    if (query.method == Method::store && query.record.empty()) return Fault{ErrorCode::protocol, "no record"};
    read_want(*arguments, query);
    query.read_only = message.integer("ro") == 1;
    query.extended = message.integer("vd").value_or(0) >= extension_version;
    return query;
}

std::optional<Proof> read_proof(const Value& answer) {
    const auto key = answer.string("k");
    const auto signature = answer.string("s");
    Proof proof;
    if (!key || key->size() != proof.key.size()) return std::nullopt;
    if (!signature || signature->size() != proof.signature.size()) return std::nullopt;
    std::copy(key->begin(), key->end(), proof.key.begin());
    std::copy(signature->begin(), signature->end(), proof.signature.begin());
    return proof;
}

std::optional<Response> decode_response(const Value& message) {
    const auto answer = message.find("r");
    if (!answer) return std::nullopt;
    const auto id = node_id(answer->string("id"));
    if (!id) return std::nullopt;
    const auto token = short_string(*answer, "token", token_bytes_max);
    const auto cursor = short_string(*answer, "c", cursor_bytes_max);
    if (!token || !cursor) return std::nullopt;

    Response response{.id = *id};
    response.nodes = answer->string("nodes").value_or(std::string_view{});
    response.nodes6 = answer->string("nodes6").value_or(std::string_view{});
    response.token = *token;
    response.cursor = *cursor;
    response.proof = read_proof(*answer);
    if (const auto records = answer->find("v"); records && records->is_list()) response.records = records;
    response.extended = message.integer("vd").value_or(0) >= extension_version;
    return response;
}

Refusal decode_error(const Value& message) {
    const auto error = message.find("e");
    if (!error || !error->is_list()) return {};
    auto elements = error->elements();
    const auto code = elements.next();
    return {code ? code->integer().value_or(0) : 0};
}

void write_arguments(bencode::Writer& writer, const Query& query) {
    static constexpr std::array<char, datagram_bytes_max> zeroes{};
    const bool needs_target = query.method == Method::find_node || query.method == Method::find_value;
    writer.dictionary();
    if (!query.cursor.empty()) writer.entry("c", query.cursor);
    writer.entry("id", query.id.bytes());
    if (!query.nonce.empty()) writer.entry("n", query.nonce);
    if (query.padding > 0) {
        writer.entry("p", std::string_view{zeroes.data(), std::min(query.padding, zeroes.size())});
    }
    if (!query.record.empty()) writer.string("r").raw(query.record);
    if (needs_target) writer.entry("target", query.target.bytes());
    if (!query.token.empty()) writer.entry("token", query.token);
    if (query.want_v4 || query.want_v6) {
        writer.string("want").list();
        if (query.want_v4) writer.string("n4");
        if (query.want_v6) writer.string("n6");
        writer.end();
    }
    writer.end();
}

void write_tail(bencode::Writer& writer, std::string_view transaction, std::string_view type) {
    writer.entry("t", transaction).entry("vd", extension_version).entry("y", type).end();
}

}  // namespace

std::optional<Message> decode(std::string_view datagram) {
    const auto message = bencode::parse(datagram);
    if (!message || !message->is_dictionary()) return std::nullopt;
    const auto transaction = message->string("t");
    if (!transaction || transaction->size() > transaction_bytes_max) return std::nullopt;
    const auto type = message->string("y");
    if (type == "q") return Message{*transaction, decode_query(*message)};
    if (type == "e") return Message{*transaction, decode_error(*message)};
    if (type != "r") return std::nullopt;
    const auto response = decode_response(*message);
    if (!response) return std::nullopt;
    return Message{*transaction, *response};
}

Bytes encode(std::string_view transaction, const Query& query) {
    Bytes out;
    out.reserve(160 + query.padding + query.record.size());
    bencode::Writer writer{out};
    writer.dictionary().string("a");
    write_arguments(writer, query);
    writer.entry("q", name_of(query.method));
    if (query.read_only) writer.entry("ro", 1);
    write_tail(writer, transaction, "q");
    return out;
}

Bytes encode(std::string_view transaction, const Reply& reply) {
    Bytes out;
    out.reserve(encoded_bytes(transaction, reply));
    bencode::Writer writer{out};
    writer.dictionary().string("r").dictionary();
    if (!reply.cursor.empty()) writer.entry("c", reply.cursor);
    writer.entry("id", reply.id.bytes());
    if (reply.proof) writer.entry("k", text(reply.proof->key));
    if (reply.with_nodes || !reply.nodes.empty()) writer.entry("nodes", reply.nodes);
    if (!reply.nodes6.empty()) writer.entry("nodes6", reply.nodes6);
    if (reply.proof) writer.entry("s", text(reply.proof->signature));
    if (!reply.token.empty()) writer.entry("token", reply.token);
    if (reply.with_records) writer.string("v").list().raw(reply.records).end();
    writer.end();
    write_tail(writer, transaction, "r");
    return out;
}

std::size_t encoded_bytes(std::string_view transaction, const Reply& reply) {
    const auto string = [](std::size_t size) {
        const std::size_t digits = size < 10 ? 1 : size < 100 ? 2 : size < 1000 ? 3 : 4;
        return digits + 1 + size;
    };
    const auto entry = [&](std::string_view key, std::size_t size) {
        return string(key.size()) + string(size);
    };
    std::size_t out = std::string_view{"d1:rdee"}.size() + entry("id", NodeId::size);
    out += entry("t", transaction.size()) + std::string_view{"2:vdi1e1:y1:r"}.size();
    if (!reply.cursor.empty()) out += entry("c", reply.cursor.size());
    if (reply.proof) out += entry("k", reply.proof->key.size()) + entry("s", reply.proof->signature.size());
    if (reply.with_nodes || !reply.nodes.empty()) out += entry("nodes", reply.nodes.size());
    if (!reply.nodes6.empty()) out += entry("nodes6", reply.nodes6.size());
    if (!reply.token.empty()) out += entry("token", reply.token.size());
    if (reply.with_records) out += std::string_view{"1:vle"}.size() + reply.records.size();
    return out;
}

Bytes encode_error(std::string_view transaction, ErrorCode code, std::string_view reason) {
    Bytes out;
    bencode::Writer writer{out};
    writer.dictionary().string("e").list().integer(static_cast<std::int64_t>(code)).string(reason).end();
    write_tail(writer, transaction, "e");
    return out;
}

}  // namespace dht
