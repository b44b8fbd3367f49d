// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dht/bytes.h"
#include "dht/endpoint.h"
#include "dht/time.h"
#include "federation/owner.h"

namespace federation {

/// What the record `user/NAME` says: its publisher has this user.
struct UserValue {
    dht::Endpoint signalling;      ///< saves asking for the descriptor
    std::uint64_t registered = 0;  ///< milliseconds since 1970; the earliest keeps the name
    std::optional<Owner> owner{};  ///< not checked here
};

/// What the record `node/<NodeID>` says: how to reach its publisher.
struct NodeValue {
    dht::Endpoint signalling;
    std::string software;
};

/// What the record `stream/NAME` says: its publisher offers a stream of this name.
struct StreamValue {
    dht::Endpoint signalling;
    std::uint64_t since = 0;  ///< milliseconds since 1970
};

/// What the record `room/NAME` says: its publisher has the room.
struct RoomValue {
    dht::Endpoint signalling;
    std::string clients;      ///< where browsers reach it; may be empty
    std::size_t members = 0;  ///< of its own
    unsigned load = 0;        ///< percent
    dht::Bytes policy;        ///< encoded (room_policy.h), not checked here
};

std::uint64_t in_milliseconds(dht::Date date);

dht::Bytes encode(const UserValue& value);
dht::Bytes encode(const StreamValue& value);
dht::Bytes encode(const RoomValue& value);
dht::Bytes encode(const NodeValue& value);
/// What other implementations find at a server's NodeID, where there is no federation's name in the key:
/// the same, and the federation. `decode_node` reads it.
dht::Bytes encode_item(const NodeValue& value, std::string_view federation);
/// What is there when the server has left: an empty dictionary.
constexpr std::string_view item_of_who_left = "de";
// Hostile input. Unknown keys are let pass: newer servers may say more.
std::optional<UserValue> decode_user(dht::BytesView bytes);
std::optional<StreamValue> decode_stream(dht::BytesView bytes);
std::optional<RoomValue> decode_room(dht::BytesView bytes);
std::optional<NodeValue> decode_node(dht::BytesView bytes);

}  // namespace federation
