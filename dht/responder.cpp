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
    Asked asked{transaction, query, from, room_for(peers_, from, query_bytes), now};
    Reply reply;
    reply.id = identity_.node_id();
    if (query.extended) reply.date = asked.now.date.time_since_epoch().count();
    if (!query.nonce.empty()) {
        reply.proof = prove(identity_, members_.federation(), query.nonce, query.id);
        reply.certificate = members_.certificate();
    }
    switch (query.method) {
        case Method::find_node:
            find_node(asked, reply);
            break;
        case Method::find_value:
            if (!find_value(asked, reply)) return {};
            break;
        case Method::store:
            return store(asked, reply);
        case Method::get:
            get(asked, reply);
            break;
        case Method::put:
            return put(asked, reply);
        default:
            break;
    }
    return within(asked.room, encode(transaction, reply));
}

Bytes Responder::refuse(std::string_view transaction, const Fault& fault, std::size_t query_bytes) const {
    return within(amplification_max * query_bytes, encode_error(transaction, fault.code, fault.reason));
}

Bytes Responder::error(const Asked& asked, ErrorCode code, std::string_view reason) {
    return within(asked.room, encode_error(asked.transaction, code, reason));
}

void Responder::add_token(Asked& asked, Reply& reply) const {
    asked.token = tokens_.mint(asked.from, asked.query.target, asked.now.time);
    reply.token = text(asked.token);
}

void Responder::find_node(Asked& asked, Reply& reply) const {
    if (asked.query.extended) add_token(asked, reply);
    reply.with_nodes = true;
    add_nodes(asked, reply);
}

bool Responder::find_value(Asked& asked, Reply& reply) {
    const Query& query = asked.query;
    add_token(asked, reply);
    reply.with_records = true;

    // The longest cursor is counted before it is known whether there is one.
    const PublicKey longest_cursor{};
    reply.cursor = text(longest_cursor);
    const auto taken = encoded_bytes(asked.transaction, reply);
    if (taken > asked.room) return false;
    const auto free = asked.room - taken;
    const bool first = query.cursor.empty();
    const auto kept = first ? std::min(free, nodes_beside_records * compact_v4_bytes + 12) : 0;
    reply.cursor = store_.page(query.target, query.cursor, free - kept, asked.now.date, asked.records);
    if (asked.records.size() == 0 && !reply.cursor.empty()) {
        reply.cursor = store_.page(query.target, query.cursor, free, asked.now.date, asked.records);
    }
    reply.records = asked.records.text();
    if (first) add_nodes(asked, reply);
    return true;
}

Bytes Responder::store(const Asked& asked, const Reply& reply) {
    using Verdict = RecordStore::Verdict;
    const auto record = decode_record(view(asked.query.record));
    if (!record) return error(asked, ErrorCode::protocol, "malformed record");
    const auto key = key_of(members_.federation(), record->kind, record->name);
    if (!tokens_.valid(asked.query.token, asked.from, key, asked.now.time)) {
        return error(asked, ErrorCode::protocol, "bad token");
    }
    const auto verdict = store_.put(*record, asked.from, asked.now.date);
    if (verdict == Verdict::stored || verdict == Verdict::known)
        return within(asked.room, encode(asked.transaction, reply));
    return error(asked, code_of(verdict), reason(verdict));
}

void Responder::shorten(const Asked& asked, Reply& reply) {
    if (encoded_bytes(asked.transaction, reply) <= asked.room) return;
    // The largest items leave no room for a token or nodes. Who wants to write says which seq it has,
    // and then the item is not sent.
    Reply bare = reply;
    bare.token = {};
    bare.with_nodes = false;
    if (!reply.proof && encoded_bytes(asked.transaction, bare) <= asked.room) {
        reply = bare;
        return;
    }
    reply.item = {.seq = reply.item.seq};
    if (reply.proof) reply.cursor = rest_cursor;
}

void Responder::get(Asked& asked, Reply& reply) {
    add_token(asked, reply);
    reply.with_nodes = true;
    if (const Item* item = items_.find(asked.query.target, asked.now.time)) {
        reply.item = fields_of(*item, asked.query.item.seq);
        shorten(asked, reply);
    }
    add_nodes(asked, reply);
}

Bytes Responder::put(const Asked& asked, const Reply& reply) {
    using Verdict = ItemStore::Verdict;
    const Item item = read_item(asked.query.item);
    if (!tokens_.valid(asked.query.token, asked.from, target_of(item), asked.now.time)) {
        return error(asked, ErrorCode::protocol, "bad token");
    }
    const auto verdict = items_.put(item, asked.query.item.cas, asked.from, asked.now.time);
    if (verdict == Verdict::stored || verdict == Verdict::known)
        return within(asked.room, encode(asked.transaction, reply));
    return error(asked, code_of(verdict), reason(verdict));
}

void Responder::add_nodes(Asked& asked, Reply& reply) const {
    const Query& query = asked.query;
    const bool unsaid = !query.want_v4 && !query.want_v6;  // BEP 32: then as the query came
    const bool v4 = query.want_v4 || (unsaid && asked.from.is_v4());
    const bool v6 = query.want_v6 || (unsaid && !asked.from.is_v4());
    constexpr std::size_t header_bytes = sizeof "6:nodes6" + sizeof "1200:";
    auto taken = encoded_bytes(asked.transaction, reply) + (v4 ? header_bytes : 0) + (v6 ? header_bytes : 0);
    // More than fit need not be looked for; one of them may be the asker.
    const auto fit = asked.room > taken ? (asked.room - taken) / compact_v4_bytes + 1 : 0;
    for (const auto& near : table_.closest(query.target, std::min(k_, fit), {v4, v6})) {
        const Contact& contact = *near.contact;
        if (contact.id == query.id) continue;
        const bool is_v4 = contact.endpoint.is_v4();
        taken += is_v4 ? compact_v4_bytes : compact_v6_bytes;
        if (taken > asked.room) break;
        append_compact(is_v4 ? asked.nodes : asked.nodes6, contact);
    }
    reply.nodes = asked.nodes.text();
    reply.nodes6 = asked.nodes6.text();
}

}  // namespace dht
