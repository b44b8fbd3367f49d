// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dht/bytes.h"
#include "dht/endpoint.h"
#include "dht/node_id.h"
#include "federation/feed_message.h"
#include "federation/reason.h"

namespace federation {

// What two servers with members in one room say to each other (room.h).

/// Of what a person or a camera is called. VideoRoom sets no limit; a name fits.
constexpr std::size_t display_bytes_max = 256;
/// Of what one moderation request carries between servers.
constexpr std::size_t request_bytes_max = 4 * 1024;
/// Of a pin or a secret.
constexpr std::size_t pin_bytes_max = 128;
/// Whom one server names to another in a room: as many as it is connected to.
constexpr std::size_t room_servers_max = 64;
/// The policy of a room, encoded and signed: with the rest of a record it fits into one.
constexpr std::size_t policy_bytes_max = 420;
/// Of what it says in words of the floor above.
constexpr std::size_t rules_bytes_max = 240;
/// Where browsers reach a server.
constexpr std::size_t clients_bytes_max = 100;

/// Somebody in a room, at one server.
struct Participant {
    std::string id;  ///< unique among those of its server; a `valid_label`
    std::string display;
    /// A JSON object of at most `about_bytes_max`, which this floor carries unread: what is published (mid,
    /// type, codec, fmtp, payload type, extensions, simulcast). Empty: only attends, and cannot be
    /// subscribed to.
    std::string about;

    bool operator==(const Participant&) const = default;
};

/// "I have members here; do you?" Answered in kind. A visit is one stay of one server as the other knows it:
/// whoever has forgotten the other makes a new one, and then both say everything again.
struct RoomEnter {
    std::string room;
    std::string visit;       ///< 16 hexadecimal digits of chance
    std::string answer;      ///< the other's visit that is known; empty: none
    dht::Bytes policy;       ///< encoded (room_policy.h)
    bool keyholder = false;  ///< the sender made the room: it knows the secret, and can grant
    std::string clients;     ///< where browsers reach the sender; may be empty
    struct Server {
        dht::NodeId id;
        dht::Endpoint signalling;

        bool operator==(const Server&) const = default;
    };
    std::vector<Server> servers;  ///< others with members
};
/// Of the sender's own participants: some that are new or changed, some that are gone.
struct RoomRoster {
    std::string room;
    std::uint64_t seq = 0;  ///< one more each time: one that is missing makes the receiver ask for all
    bool begin = false;     ///< from here on all are listed …
    bool end = false;       ///< … until here: whoever was not, is gone
    std::vector<Participant> set;
    std::vector<std::string> gone;
};
struct RoomLeave {  ///< also the answer to a RoomEnter that is refused
    std::string room;
    Reason reason = Reason::none;
};
/// One step of proving to each other that both know the pin or the secret (pin_proof.h).
struct RoomProof {
    std::string room;
    std::string run;               ///< which proof: 16 hexadecimal digits of chance
    bool secret = false;           ///< of the secret, to be granted what needs it; else of the pin
    dht::Bytes share;              ///< first message and second
    dht::Bytes confirm;            ///< second message and third
    dht::Bytes grant;              ///< fourth, of a secret
    Reason reason = Reason::none;  ///< why there will be none
};
/// A newer policy of the same key. The pin only to servers that have proved the one before.
struct RoomPolicyNews {
    std::string room;
    dht::Bytes policy;
    std::string pin;
    dht::Bytes pin_signature{};  ///< by the room's key (room_policy.h): it may come from anybody
};
/// Somebody who has proved the secret wants something of the receiver.
struct RoomRequest {
    std::string request;  ///< 32 hexadecimal digits of chance
    std::string room;
    dht::Bytes grant;
    std::string body;  ///< a JSON object, carried whole
};
struct RoomAnswer {
    std::string request;
    std::string body;
    Reason reason = Reason::none;
};

}  // namespace federation
