// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/responder.h"

#include <algorithm>

#include "dht/compact.h"

namespace dht {

namespace {

/// What did not fit beside a proof can be asked for again, without one.
constexpr std::string_view rest_cursor = "v";

std::size_t room_for(const Peers& peers, const Endpoint& from, std::size_t query_bytes) {
    if (peers.is_real(from)) return datagram_bytes_max;
    return std::min(datagram_bytes_max, amplification_max * query_bytes);
}

ErrorCode code_of(RecordStore::Verdict verdict) {
    using Verdict = RecordStore::Verdict;
    switch (verdict) {
        case Verdict::stale:
            return ErrorCode::stale_seq;
        case Verdict::bad_signature:
            return ErrorCode::bad_signature;
        case Verdict::not_a_member:
            return ErrorCode::not_a_member;
        case Verdict::malformed:
        case Verdict::expired:
        case Verdict::too_long_lived:
            return ErrorCode::protocol;
        default:
            return ErrorCode::server;
    }
}

ErrorCode code_of(ItemStore::Verdict verdict) {
    using Verdict = ItemStore::Verdict;
    switch (verdict) {
        case Verdict::stale:
            return ErrorCode::stale_seq;
        case Verdict::cas_mismatch:
            return ErrorCode::cas_mismatch;
        case Verdict::bad_signature:
            return ErrorCode::bad_signature;
        case Verdict::malformed:
            return ErrorCode::protocol;
        default:
            return ErrorCode::server;
    }
}

/// The lengths were checked when the query was decoded.
Item read_item(const ItemFields& fields) {
    Item out{.value = Bytes{fields.value}};
    if (fields.key.empty()) return out;
    std::copy(fields.key.begin(), fields.key.end(), out.key.emplace().begin());
    std::copy(fields.signature.begin(), fields.signature.end(), out.signature.begin());
    out.salt = fields.salt;
    out.seq = fields.seq.value_or(0);
    return out;
}

/// What is said of an item to who has one of `known` already, or to who has none.
ItemFields fields_of(const Item& item, const std::optional<std::int64_t>& known) {
    ItemFields out;
    if (item.is_mutable()) {
        out.seq = item.seq;
        if (known && item.seq <= *known) return out;
        out.key = text(*item.key);
        out.signature = text(item.signature);
    }
    out.value = item.value;
    return out;
}

Bytes within(std::size_t room, Bytes datagram) {
    return datagram.size() <= room ? std::move(datagram) : Bytes{};
}

}  // namespace

Bytes Responder::answer(std::string_view transaction, const Query& query, const Endpoint& from,
                        std::size_t query_bytes, Now now) {
    const auto room = room_for(peers_, from, query_bytes);
    Reply reply{.id = identity_.node_id()};
    if (!query.nonce.empty()) {
        reply.proof = prove(identity_, members_.federation(), query.nonce, query.id);
        reply.certificate = members_.certificate();
    }
    switch (query.method) {
        case Method::find_node:
            return find_node(transaction, reply, query, from, room, now);
        case Method::find_value:
            return find_value(transaction, reply, query, from, room, now);
        case Method::store:
            return store(transaction, reply, query, from, room, now);
        case Method::get:
            return get(transaction, reply, query, from, room, now);
        case Method::put:
            return put(transaction, reply, query, from, room, now);
        default:
            return within(room, encode(transaction, reply));
    }
}

Bytes Responder::refuse(std::string_view transaction, const Fault& fault, std::size_t query_bytes) const {
    return within(amplification_max * query_bytes, encode_error(transaction, fault.code, fault.reason));
}

Bytes Responder::find_node(std::string_view transaction, Reply reply, const Query& query,
                           const Endpoint& from, std::size_t room, Now now) {
    TokenMint::Token token{};
    if (query.extended) {
        token = tokens_.mint(from, query.target, now.time);
        reply.token = text(token);
    }
    reply.with_nodes = true;
    add_nodes(transaction, reply, query, from, room);
    return within(room, encode(transaction, reply));
}

Bytes Responder::find_value(std::string_view transaction, Reply reply, const Query& query,
                            const Endpoint& from, std::size_t room, Now now) {
    const auto token = tokens_.mint(from, query.target, now.time);
    reply.token = text(token);
    reply.with_records = true;

    // The longest cursor is counted before it is known whether there is one.
    const PublicKey longest_cursor{};
    reply.cursor = text(longest_cursor);
    const auto taken = encoded_bytes(transaction, reply);
    if (taken > room) return {};
    const auto free = room - taken;
    const bool first = query.cursor.empty();
    const auto kept = first ? std::min(free, nodes_beside_records * compact_v4_bytes + 12) : 0;
    auto page = store_.page(query.target, query.cursor, free - kept, now.date);
    if (page.records.empty() && !page.cursor.empty()) {
        page = store_.page(query.target, query.cursor, free, now.date);
    }
    reply.records = page.records;
    reply.cursor = page.cursor;
    if (first) add_nodes(transaction, reply, query, from, room);
    return within(room, encode(transaction, reply));
}

Bytes Responder::store(std::string_view transaction, const Reply& reply, const Query& query,
                       const Endpoint& from, std::size_t room, Now now) {
    using Verdict = RecordStore::Verdict;
    const auto record = decode_record(view(query.record));
    if (!record) return within(room, encode_error(transaction, ErrorCode::protocol, "malformed record"));
    const auto key = key_of(members_.federation(), record->kind, record->name);
    if (!tokens_.valid(query.token, from, key, now.time)) {
        return within(room, encode_error(transaction, ErrorCode::protocol, "bad token"));
    }
    const auto verdict = store_.put(*record, from, now.date);
    if (verdict == Verdict::stored || verdict == Verdict::known)
        return within(room, encode(transaction, reply));
    return within(room, encode_error(transaction, code_of(verdict), reason(verdict)));
}

void Responder::shorten(std::string_view transaction, Reply& reply, std::size_t room) {
    if (encoded_bytes(transaction, reply) <= room) return;
    // The largest items leave no room for a token or nodes. Who wants to write says which seq it has,
    // and then the item is not sent.
    Reply bare = reply;
    bare.token = {};
    bare.with_nodes = false;
    if (!reply.proof && encoded_bytes(transaction, bare) <= room) {
        reply = bare;
        return;
    }
    reply.item = {.seq = reply.item.seq};
    if (reply.proof) reply.cursor = rest_cursor;
}

Bytes Responder::get(std::string_view transaction, Reply reply, const Query& query, const Endpoint& from,
                     std::size_t room, Now now) {
    const auto token = tokens_.mint(from, query.target, now.time);
    reply.token = text(token);
    reply.with_nodes = true;
    if (const Item* item = items_.find(query.target, now.time)) {
        reply.item = fields_of(*item, query.item.seq);
        shorten(transaction, reply, room);
    }
    add_nodes(transaction, reply, query, from, room);
    return within(room, encode(transaction, reply));
}

Bytes Responder::put(std::string_view transaction, const Reply& reply, const Query& query,
                     const Endpoint& from, std::size_t room, Now now) {
    using Verdict = ItemStore::Verdict;
    const Item item = read_item(query.item);
    if (!tokens_.valid(query.token, from, target_of(item), now.time)) {
        return within(room, encode_error(transaction, ErrorCode::protocol, "bad token"));
    }
    const auto verdict = items_.put(item, query.item.cas, from, now.time);
    if (verdict == Verdict::stored || verdict == Verdict::known)
        return within(room, encode(transaction, reply));
    return within(room, encode_error(transaction, code_of(verdict), reason(verdict)));
}

void Responder::add_nodes(std::string_view transaction, Reply& reply, const Query& query,
                          const Endpoint& from, std::size_t room) {
    const bool unsaid = !query.want_v4 && !query.want_v6;  // BEP 32: then as the query came
    const bool v4 = query.want_v4 || (unsaid && from.is_v4());
    const bool v6 = query.want_v6 || (unsaid && !from.is_v4());
    constexpr std::size_t header_bytes = sizeof "6:nodes6" + sizeof "1200:";
    const auto taken = encoded_bytes(transaction, reply) + (v4 ? header_bytes : 0) + (v6 ? header_bytes : 0);
    nodes_.clear();
    nodes6_.clear();
    // More than fit need not be looked for; one of them may be the asker.
    const auto fit = room > taken ? (room - taken) / compact_v4_bytes + 1 : 0;
    table_.closest(query.target, std::min(k_, fit), {v4, v6}, closest_);
    for (const Contact& contact : closest_) {
        const bool is_v4 = contact.endpoint.is_v4();
        if (contact.id == query.id) continue;
        const auto size = is_v4 ? compact_v4_bytes : compact_v6_bytes;
        if (taken + nodes_.size() + nodes6_.size() + size > room) break;
        append_compact(is_v4 ? nodes_ : nodes6_, contact);
    }
    reply.nodes = nodes_;
    reply.nodes6 = nodes6_;
}

}  // namespace dht
