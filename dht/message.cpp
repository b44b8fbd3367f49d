// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/message.h"

#include <algorithm>
#include <array>

#include "dht/buffer.h"
#include "dht/certificate.h"
#include "dht/item.h"

namespace dht {

namespace {

using bencode::Value;

/// Longer ones are no transaction ids but somebody using us as a mirror.
constexpr std::size_t transaction_bytes_max = 32;
constexpr std::size_t nonce_bytes = std::tuple_size_v<Nonce>;
constexpr std::size_t key_bytes = std::tuple_size_v<PublicKey>;
constexpr std::size_t signature_bytes = std::tuple_size_v<Signature>;
constexpr std::size_t token_bytes_max = 64;
constexpr std::size_t cursor_bytes_max = 32;

/// What one walk over a dictionary has found, by the places in its keys.
template <std::size_t N>
struct Found {
    std::array<std::optional<Value>, N> values;

    /// Whether it is a dictionary at all.
    bool read(std::string_view encoded, const std::array<std::string_view, N>& keys) {
        return bencode::parse(encoded, keys, values);
    }
    [[nodiscard]] std::optional<std::string_view> string(std::size_t at) const {
        return values[at] ? values[at]->string() : std::nullopt;
    }
    [[nodiscard]] std::string_view string_or_empty(std::size_t at) const {
        return string(at).value_or(std::string_view{});
    }
    [[nodiscard]] std::optional<std::int64_t> integer(std::size_t at) const {
        return values[at] ? values[at]->integer() : std::nullopt;
    }
    [[nodiscard]] std::optional<NodeId> node_id(std::size_t at) const {
        const auto bytes = string(at);
        return bytes ? NodeId::from_bytes(view(*bytes)) : std::nullopt;
    }
};

namespace top {
enum : std::size_t { arguments, error, method, answer, read_only, transaction, version, type, count };
constexpr std::array<std::string_view, count> keys{"a", "e", "q", "r", "ro", "t", "vd", "y"};
}  // namespace top

namespace argument {
enum : std::size_t {
    cursor,
    cas,
    challenge,
    id,
    info_hash,
    key,
    nonce,
    certificate,
    proof_key,
    proof,
    record,
    salt,
    seq,
    sig,
    target,
    token,
    value,
    want,
    count
};
constexpr std::array<std::string_view, count> keys{"c",   "cas", "ch",     "id",    "info_hash", "k",
                                                   "n",   "pc",  "pk",     "ps",    "r",         "salt",
                                                   "seq", "sig", "target", "token", "v",         "want"};
}  // namespace argument

namespace result {
enum : std::size_t {
    cursor,
    challenge,
    date,
    id,
    key,
    nodes,
    nodes6,
    certificate,
    proof_key,
    proof,
    seq,
    sig,
    token,
    value,
    count
};
constexpr std::array<std::string_view, count> keys{"c",  "ch", "d",  "id",  "k",   "nodes", "nodes6",
                                                   "pc", "pk", "ps", "seq", "sig", "token", "v"};
}  // namespace result

using Top = Found<top::count>;
using Arguments = Found<argument::count>;
using Result = Found<result::count>;

constexpr std::array<std::pair<std::string_view, Method>, 6> methods{{{"find_node", Method::find_node},
                                                                      {"find_value", Method::find_value},
                                                                      {"get", Method::get},
                                                                      {"ping", Method::ping},
                                                                      {"put", Method::put},
                                                                      {"store", Method::store}}};

Method method_of(std::string_view name) {
    const auto* found = std::find_if(methods.begin(), methods.end(),
                                     [&](const auto& method) { return method.first == name; });
    return found == methods.end() ? Method::unknown : found->second;
}

std::string_view name_of(Method method) {
    const auto* found = std::find_if(methods.begin(), methods.end(),
                                     [&](const auto& candidate) { return candidate.second == method; });
    return found == methods.end() ? "unknown" : found->first;
}

bool needs_target(Method method) {
    return method == Method::find_node || method == Method::find_value || method == Method::get;
}

bool speaks_ours(const Top& message) {
    return message.integer(top::version).value_or(0) >= extension_version;
}

void read_want(const Value& want, Query& query) {
    auto families = want.elements();
    while (const auto family = families.next()) {
        query.want_v4 |= family->string() == "n4";
        query.want_v6 |= family->string() == "n6";
    }
}

/// BEP 44's arguments of `put`; what is wrong with them, if anything is.
std::optional<Fault> read_item(const Arguments& arguments, ItemFields& item) {
    const auto& value = arguments.values[argument::value];
    if (!value) return Fault{ErrorCode::protocol, "v is needed"};
    item.value = value->encoded();
    if (item.value.size() > Item::value_bytes_max) return Fault{ErrorCode::too_large, "v is too big"};
    item.key = arguments.string_or_empty(argument::key);
    if (item.key.empty()) return std::nullopt;

    item.signature = arguments.string_or_empty(argument::sig);
    item.salt = arguments.string_or_empty(argument::salt);
    item.seq = arguments.integer(argument::seq);
    item.cas = arguments.integer(argument::cas);
    if (item.salt.size() > Item::salt_bytes_max) return Fault{ErrorCode::salt_too_large, "salt is too big"};
    if (item.key.size() != key_bytes || item.signature.size() != signature_bytes) {
        return Fault{ErrorCode::protocol, "k must have 32 octets and sig 64"};
    }
    if (!item.seq || *item.seq < 0) return Fault{ErrorCode::protocol, "seq must be a number from 0"};
    return std::nullopt;
}

std::optional<Proof> read_proof(std::string_view key, std::string_view signature) {
    Proof proof;
    if (key.size() != key_bytes || signature.size() != signature_bytes) return std::nullopt;
    std::copy(key.begin(), key.end(), proof.key.begin());
    std::copy(signature.begin(), signature.end(), proof.signature.begin());
    return proof;
}

/// Whoever is challenged shows all of it or nothing.
std::optional<Credential> read_credential(const Arguments& arguments) {
    const auto proof = read_proof(arguments.string_or_empty(argument::proof_key),
                                  arguments.string_or_empty(argument::proof));
    const auto certificate = arguments.string_or_empty(argument::certificate);
    const auto challenge = arguments.string_or_empty(argument::challenge);
    if (!proof || certificate.size() > Certificate::bytes_max || challenge.size() > token_bytes_max)
        return std::nullopt;
    return Credential{*proof, certificate, challenge};
}

/// What our own queries may carry anywhere.
std::optional<Fault> read_ours(const Arguments& arguments, Query& query) {
    query.nonce = arguments.string_or_empty(argument::nonce);
    query.cursor = arguments.string_or_empty(argument::cursor);
    query.token = arguments.string_or_empty(argument::token);
    query.credential = read_credential(arguments);
    const auto& record = arguments.values[argument::record];
    if (record && record->is_dictionary()) query.record = record->encoded();
    if ((!query.nonce.empty() && query.nonce.size() != nonce_bytes) ||
        query.cursor.size() > cursor_bytes_max || query.token.size() > token_bytes_max) {
        return Fault{ErrorCode::protocol, "argument of a wrong length"};
    }
    return std::nullopt;
}

/// Into `query`, which is fresh; what is wrong with it, if anything is.
std::optional<Fault> read_query(const Top& message, Query& query) {
    const auto name = message.string(top::method);
    if (!message.values[top::arguments] || !name) return Fault{ErrorCode::protocol, "a and q are needed"};
    Arguments arguments;
    arguments.read(message.values[top::arguments]->encoded(), argument::keys);
    const auto id = arguments.node_id(argument::id);
    if (!id) return Fault{ErrorCode::protocol, "id must have 20 octets"};

    query.method = method_of(*name);
    query.id = *id;
    auto target = arguments.node_id(argument::target);
    // A query that nobody knows but that has a target is answered as find_node, as others do: so
    // new queries can be tried without being taken for dead. BEP 5's get_peers is one of them, and
    // names it otherwise; libtorrent joins by it.
    if (query.method == Method::unknown && !target) target = arguments.node_id(argument::info_hash);
    if (query.method == Method::unknown && target) query.method = Method::find_node;
    if (query.method == Method::unknown) return Fault{ErrorCode::unknown_method, "unknown method"};
    if (needs_target(query.method) && !target) {
        return Fault{ErrorCode::protocol, "target must have 20 octets"};
    }
    if (target) query.target = *target;
    if (const auto fault = read_ours(arguments, query)) return fault;
    if (query.method == Method::store && query.record.empty()) return Fault{ErrorCode::protocol, "no record"};
    if (query.method == Method::get) query.item.seq = arguments.integer(argument::seq);
    if (query.method == Method::put) {
        if (const auto fault = read_item(arguments, query.item)) return fault;
    }
    if (const auto& want = arguments.values[argument::want]) read_want(*want, query);
    query.read_only = message.integer(top::read_only) == 1;
    query.extended = speaks_ours(message);
    return std::nullopt;
}

ItemFields read_item(const Result& answer) {
    ItemFields out;
    out.seq = answer.integer(result::seq);
    if (const auto& value = answer.values[result::value]) out.value = value->encoded();
    out.key = answer.string_or_empty(result::key);
    out.signature = answer.string_or_empty(result::sig);
    return out;
}

bool read_response(const Top& message, Response& response) {
    if (!message.values[top::answer]) return false;
    Result answer;
    answer.read(message.values[top::answer]->encoded(), result::keys);
    const auto id = answer.node_id(result::id);
    if (!id) return false;

    response.id = *id;
    const auto date = answer.integer(result::date);
    if (date && *date >= 0 && *date <= date_max) response.date = date;
    response.nodes = answer.string_or_empty(result::nodes);
    response.nodes6 = answer.string_or_empty(result::nodes6);
    response.token = answer.string_or_empty(result::token);
    response.cursor = answer.string_or_empty(result::cursor);
    if (response.token.size() > token_bytes_max || response.cursor.size() > cursor_bytes_max) return false;
    response.proof =
        read_proof(answer.string_or_empty(result::proof_key), answer.string_or_empty(result::proof));
    response.certificate = answer.string_or_empty(result::certificate);
    response.challenge = answer.string_or_empty(result::challenge);
    if (response.certificate.size() > Certificate::bytes_max || response.challenge.size() > token_bytes_max)
        return false;
    const auto& value = answer.values[result::value];
    if (value && value->is_list()) response.records = value;
    response.item = read_item(answer);
    response.extended = speaks_ours(message);
    return true;
}

Refusal decode_error(const Top& message) {
    const auto& error = message.values[top::error];
    if (!error || !error->is_list()) return {};
    auto elements = error->elements();
    const auto code = elements.next();
    return {code ? code->integer().value_or(0) : 0};
}

template <class Writer>
void write_proof(Writer& writer, const Proof& proof) {
    writer.entry("pk", text(proof.key)).entry("ps", text(proof.signature));
}

void write_arguments(bencode::Writer& writer, const Query& query) {
    static constexpr std::array<char, datagram_bytes_max> zeroes{};
    const auto& item = query.item;
    writer.dictionary();
    if (!query.cursor.empty()) writer.entry("c", query.cursor);
    if (item.cas) writer.entry("cas", *item.cas);
    if (query.credential) writer.entry("ch", query.credential->challenge);
    writer.entry("id", query.id.bytes());
    if (!item.key.empty()) writer.entry("k", item.key);
    if (!query.nonce.empty()) writer.entry("n", query.nonce);
    if (query.padding > 0) {
        writer.entry("p", std::string_view{zeroes.data(), std::min(query.padding, zeroes.size())});
    }
    if (query.credential) {
        writer.entry("pc", query.credential->certificate);
        write_proof(writer, query.credential->proof);
    }
    if (!query.record.empty()) writer.string("r").raw(query.record);
    if (!item.salt.empty()) writer.entry("salt", item.salt);
    if (item.seq) writer.entry("seq", *item.seq);
    if (!item.signature.empty()) writer.entry("sig", item.signature);
    if (needs_target(query.method)) writer.entry("target", query.target.bytes());
    if (!query.token.empty()) writer.entry("token", query.token);
    if (!item.value.empty()) writer.string("v").raw(item.value);
    if (query.want_v4 || query.want_v6) {
        writer.string("want").list();
        if (query.want_v4) writer.string("n4");
        if (query.want_v6) writer.string("n6");
        writer.end();
    }
    writer.end();
}

template <class Writer>
void write_tail(Writer& writer, std::string_view transaction, std::string_view type) {
    writer.entry("t", transaction).entry("vd", extension_version).entry("y", type).end();
}

}  // namespace

std::optional<Message> decode(std::string_view datagram) {
    std::optional<Message> out;
    Top message;
    if (!message.read(datagram, top::keys)) return out;
    const auto transaction = message.string(top::transaction);
    if (!transaction || transaction->size() > transaction_bytes_max) return out;
    const auto type = message.string(top::type);
    // Filled in where it is: most of a message is empty, and it is large. It begins as a query.
    auto& body = out.emplace(*transaction).body;
    if (type == "q") {
        if (const auto fault = read_query(message, std::get<Query>(body))) body = *fault;
    } else if (type == "e") {
        body = decode_error(message);
    } else if (type != "r" || !read_response(message, body.emplace<Response>())) {
        out.reset();
    }
    return out;
}

Bytes encode(std::string_view transaction, const Query& query) {
    Bytes out;
    out.reserve((query.credential ? 400 : 160) + query.padding + query.record.size() +
                query.item.value.size());
    bencode::Writer writer{out};
    writer.dictionary().string("a");
    write_arguments(writer, query);
    writer.entry("q", name_of(query.method));
    if (query.read_only) writer.entry("ro", 1);
    write_tail(writer, transaction, "q");
    return out;
}

Bytes encode(std::string_view transaction, const Reply& reply) {
    const auto& item = reply.item;
    Buffer out;
    bencode::BasicWriter writer{out};
    writer.dictionary().string("r").dictionary();
    if (!reply.cursor.empty()) writer.entry("c", reply.cursor);
    if (!reply.challenge.empty()) writer.entry("ch", reply.challenge);
    if (reply.date) writer.entry("d", *reply.date);
    writer.entry("id", reply.id.bytes());
    if (!item.key.empty()) writer.entry("k", item.key);
    if (reply.with_nodes || !reply.nodes.empty()) writer.entry("nodes", reply.nodes);
    if (!reply.nodes6.empty()) writer.entry("nodes6", reply.nodes6);
    if (!reply.certificate.empty()) writer.entry("pc", reply.certificate);
    if (reply.proof) write_proof(writer, *reply.proof);
    if (item.seq) writer.entry("seq", *item.seq);
    if (!item.signature.empty()) writer.entry("sig", item.signature);
    if (!reply.token.empty()) writer.entry("token", reply.token);
    if (reply.with_records) writer.string("v").list().raw(reply.records).end();
    if (!item.value.empty()) writer.string("v").raw(item.value);
    writer.end();
    write_tail(writer, transaction, "r");
    return Bytes{out.text()};
}

std::size_t encoded_bytes(std::string_view transaction, const Reply& reply) {
    const auto digits = [](std::uint64_t number) {
        std::size_t out = 1;
        for (; number >= 10; number /= 10) ++out;
        return out;
    };
    const auto string = [&](std::size_t size) { return digits(size) + 1 + size; };
    const auto entry = [&](std::string_view key, std::size_t size) {
        return string(key.size()) + string(size);
    };
    const auto entry_if = [&](std::string_view key, std::size_t size) {
        return size == 0 ? 0 : entry(key, size);
    };
    const auto& item = reply.item;
    std::size_t out = std::string_view{"d1:rdee"}.size() + entry("id", NodeId::size);
    out += entry("t", transaction.size()) + std::string_view{"2:vdi1e1:y1:r"}.size();
    out += entry_if("c", reply.cursor.size()) + entry_if("k", item.key.size());
    if (reply.with_nodes || !reply.nodes.empty()) out += entry("nodes", reply.nodes.size());
    out += entry_if("nodes6", reply.nodes6.size());
    out += entry_if("ch", reply.challenge.size()) + entry_if("pc", reply.certificate.size());
    if (reply.proof) out += entry("pk", key_bytes) + entry("ps", signature_bytes);
    if (reply.date) out += std::string_view{"1:die"}.size() + digits(static_cast<std::uint64_t>(*reply.date));
    if (item.seq) out += std::string_view{"3:seqie"}.size() + digits(static_cast<std::uint64_t>(*item.seq));
    out += entry_if("sig", item.signature.size()) + entry_if("token", reply.token.size());
    if (reply.with_records) out += std::string_view{"1:vle"}.size() + reply.records.size();
    if (!item.value.empty()) out += std::string_view{"1:v"}.size() + item.value.size();
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
