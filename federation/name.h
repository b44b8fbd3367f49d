// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dht/node_id.h"

namespace federation {

// The kinds of record that this floor publishes (dht/record.h).
constexpr std::string_view user_kind = "user";
constexpr std::string_view node_kind = "node";
constexpr std::string_view room_kind = "room";
constexpr std::string_view stream_kind = "stream";

/// Half of what a record's name may have, so that a prefix can still be put before it.
constexpr std::size_t user_bytes_max = 64;

/// 1 to 64 octets of UTF-8 that can be read aloud: no control or direction characters, which make two
/// names look alike; no '@', which parts a user from a server; no space at either end.
bool valid_user(std::string_view name);

/// Names of rooms and streams, and ids of participants: as users', but with any '@'.
bool valid_label(std::string_view name);

/// Whom to call: "alice", or "alice@<NodeID>" for the alice of one certain server.
struct UserAddress {
    std::string user;
    std::optional<dht::NodeId> server;

    static std::optional<UserAddress> parse(std::string_view text);
};

}  // namespace federation
