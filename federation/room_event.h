// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dht/node_id.h"
#include "dht/time.h"
#include "federation/reason.h"
#include "federation/room_message.h"

namespace federation {

/// What holds in a room wherever its members are.
struct RoomRules {
    std::string about;    ///< a JSON object that this floor carries unread: codecs, publishers, bitrate …
    bool pin = false;     ///< it has one
    bool secret = false;  ///< it has one

    bool operator==(const RoomRules&) const = default;
};

// What the floor above is told of rooms.
/// `create_room` has come to its end: the room is here, and can be found from elsewhere. With `token` it can
/// be made again, as the same room, after this server was restarted.
struct RoomCreated {
    std::string room;
    std::string token;
    RoomRules rules;
};
/// `enter_room` has: others are told in RoomPeerUp and ParticipantChanged, from now on.
struct RoomEntered {
    std::string room;
    RoomRules rules;
};
/// Of `create_room` or `enter_room`: it is not here.
struct RoomRefused {
    std::string room;
    Reason reason;
};
/// It was edited elsewhere; or another room of the same name, which is older, has turned out to be the same.
struct RoomRulesChanged {
    std::string room;
    RoomRules rules;
};
/// By whoever made it, at another server. It is not here any more, nor are its participants; no
/// RoomPeerDown comes for them.
struct RoomDestroyed {
    std::string room;
};
/// Another server has members in the room. ParticipantChanged follows for each of them.
struct RoomPeerUp {
    std::string room;
    dht::NodeId peer;
};
/// New, or another display or other streams than before.
struct ParticipantChanged {
    std::string room;
    dht::NodeId peer;
    Participant participant;
};
struct ParticipantGone {
    std::string room;
    dht::NodeId peer;
    std::string id;
};
/// All its participants are gone, without ParticipantGone. `none`: its last member left.
/// `server_unreachable`: it is dialled again until it is back or its record has gone.
struct RoomPeerDown {
    std::string room;
    dht::NodeId peer;
    Reason reason;
};
/// Where else a room is.
struct RoomServer {
    dht::NodeId id;
    std::string clients;                 ///< where browsers reach it, as its Config says; may be empty
    std::size_t members = 0;             ///< there, as its record says
    unsigned load = 0;                   ///< percent
    std::optional<dht::Duration> rtt{};  ///< unless nothing has been heard of it
};
struct RoomFound {  ///< answer to `lookup_room`
    std::uint64_t lookup = 0;
    std::string room;
    std::vector<RoomServer> servers;  ///< best first; this one among them
    RoomRules rules;
    Reason reason = Reason::none;  ///< why there is none
};
/// Somebody at `peer` has proved the room's secret and wants something. Answer with `answer_room`.
struct RoomRequested {
    std::string request;
    std::string room;
    dht::NodeId peer;
    std::string body;
};
/// Answer to `ask_room`, within `request_timeout`.
struct RoomAnswered {
    std::string request;
    std::string body;
    Reason reason = Reason::none;  ///< why there is none
};
/// After `drain`, for each room here: tell the members to go to one of `room_servers`; or that they may stay.
struct RoomDraining {
    std::string room;
    bool draining = true;
};

}  // namespace federation
