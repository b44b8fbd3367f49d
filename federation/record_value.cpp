// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/record_value.h"

#include <algorithm>

#include "dht/bencode.h"
#include "dht/utf8.h"

namespace federation {

namespace {

std::optional<dht::Endpoint> signalling_of(const dht::bencode::Value& value) {
    const auto text = value.string("s");
    return text ? dht::Endpoint::parse(*text) : std::nullopt;
}

template <std::size_t octets>
bool read(std::optional<std::string_view> text, std::array<std::uint8_t, octets>& out) {
    if (!text || text->size() != octets) return false;
    std::ranges::copy(dht::view(*text), out.begin());
    return true;
}

std::optional<Owner> owner_of(const dht::bencode::Value& value) {
    Owner out;
    return read(value.string("o"), out.key) && read(value.string("os"), out.signature) ? std::optional{out}
                                                                                       : std::nullopt;
}

}  // namespace

std::uint64_t in_milliseconds(dht::Date date) {
    return static_cast<std::uint64_t>(std::chrono::milliseconds{date.time_since_epoch()}.count());
}

dht::Bytes encode(const UserValue& value) {
    dht::bencode::Dictionary out;
    out.set("s", value.signalling.to_string()).set("t", static_cast<std::int64_t>(value.registered));
    if (value.owner) {
        out.set("o", dht::text(value.owner->key)).set("os", dht::text(value.owner->signature));
    }
    return out.encode();
}

dht::Bytes encode(const StreamValue& value) {
    return dht::bencode::Dictionary{}
        .set("s", value.signalling.to_string())
        .set("t", static_cast<std::int64_t>(value.since))
        .encode();
}

dht::Bytes encode(const RoomValue& value) {
    return dht::bencode::Dictionary{}
        .set("c", value.clients)
        .set("l", static_cast<std::int64_t>(value.load))
        .set("n", static_cast<std::int64_t>(value.members))
        .set("p", dht::text(dht::view(value.policy)))
        .set("s", value.signalling.to_string())
        .encode();
}

dht::Bytes encode(const NodeValue& value) {
    return dht::bencode::Dictionary{}
        .set("s", value.signalling.to_string())
        .set("v", value.software)
        .encode();
}

dht::Bytes encode_item(const NodeValue& value, std::string_view federation) {
    return dht::bencode::Dictionary{}
        .set("f", federation)
        .set("s", value.signalling.to_string())
        .set("v", value.software)
        .encode();
}

std::optional<UserValue> decode_user(dht::BytesView bytes) {
    const auto value = dht::bencode::parse(dht::text(bytes));
    if (!value) return {};
    const auto signalling = signalling_of(*value);
    const auto registered = value->integer("t");
    if (!signalling || !registered || *registered < 0) return {};
    return UserValue{*signalling, static_cast<std::uint64_t>(*registered), owner_of(*value)};
}

std::optional<StreamValue> decode_stream(dht::BytesView bytes) {
    const auto value = dht::bencode::parse(dht::text(bytes));
    if (!value) return {};
    const auto signalling = signalling_of(*value);
    const auto since = value->integer("t");
    if (!signalling || !since || *since < 0) return {};
    return StreamValue{*signalling, static_cast<std::uint64_t>(*since)};
}

std::optional<RoomValue> decode_room(dht::BytesView bytes) {
    const auto value = dht::bencode::parse(dht::text(bytes));
    if (!value) return {};
    const auto signalling = signalling_of(*value);
    const auto clients = value->string("c");
    const auto load = value->integer("l");
    const auto members = value->integer("n");
    const auto policy = value->string("p");
    if (!signalling || !clients || !dht::is_utf8(*clients) || !policy) return {};
    if (!load || *load < 0 || *load > 100 || !members || *members < 0) return {};
    return RoomValue{*signalling, std::string{*clients}, static_cast<std::size_t>(*members),
                     static_cast<unsigned>(*load), dht::Bytes{*policy}};
}

std::optional<NodeValue> decode_node(dht::BytesView bytes) {
    const auto value = dht::bencode::parse(dht::text(bytes));
    if (!value) return {};
    const auto signalling = signalling_of(*value);
    if (!signalling) return {};
    return NodeValue{*signalling, std::string{value->string("v").value_or("")}};
}

}  // namespace federation
