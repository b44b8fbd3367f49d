// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "dht/bytes.h"
#include "dht/crypto.h"
#include "dht/time.h"
#include "federation/owner.h"
#include "federation/room_event.h"

namespace federation {

/// What a room's maker has laid down, signed by a key of the room's own: so it holds wherever the room has
/// members, outlives its maker, and nobody else can change it. It says that there is a pin or a secret and
/// nothing else of them, so nobody can try any without asking a server.
struct RoomPolicy {
    dht::PublicKey key{};
    std::uint64_t created = 0;  ///< milliseconds since 1970
    std::uint64_t version = 0;  ///< a greater one of the same key supersedes
    bool destroyed = false;
    RoomRules rules;
    dht::Signature signature{};

    /// The room made first is the room: then its key decides.
    [[nodiscard]] auto rank() const { return std::tie(created, key); }
    bool operator==(const RoomPolicy&) const = default;
};

/// The token (as users have one, owner.h) is the seed of the room's key. Fills in key and signature.
void sign(RoomPolicy& policy, std::string_view federation, std::string_view room, const OwnerToken& token);
bool verify(const RoomPolicy& policy, std::string_view federation, std::string_view room);

dht::Bytes encode(const RoomPolicy& policy);
/// Hostile input. Does not verify the signature.
std::optional<RoomPolicy> decode_policy(dht::BytesView bytes);

/// What two policies under one name mean to each other.
enum class Kinship {
    same,      ///< one room: of one key, or with no pin in either
    pin,       ///< one room if the pins are the same
    stranger,  ///< a room with a pin and one without: each goes on by itself
};
Kinship kinship(const RoomPolicy& ours, const RoomPolicy& theirs);
/// Of one room, the other holds rather than ours.
bool supersedes(const RoomPolicy& theirs, const RoomPolicy& ours);

/// Which of those found somebody enters: the earliest with a pin for who shows one, so that nobody draws him
/// into a room without; else the earliest without, if there is one.
const RoomPolicy* choose(const std::vector<RoomPolicy>& found, bool has_pin);

/// The pin of one version of a policy, as its maker tells those who may know it: whoever passes it on cannot
/// make it another. The pin could be guessed from this; it is shown to nobody else.
dht::Signature sign_pin(std::string_view pin, std::uint64_t version, std::string_view federation,
                        std::string_view room, const OwnerToken& token);
bool is_pin(std::string_view pin, const RoomPolicy& policy, std::string_view federation,
            std::string_view room, dht::BytesView signature);

/// So long a server may do what needs the secret, once it has proved it: time for a few requests.
constexpr std::chrono::seconds grant_lifetime{30};
dht::Bytes grant(const OwnerToken& token, std::string_view federation, std::string_view room,
                 const dht::NodeId& grantee, dht::Date now);
bool grants(dht::BytesView grant, const dht::PublicKey& key, std::string_view federation,
            std::string_view room, const dht::NodeId& grantee, dht::Date now);

}  // namespace federation
