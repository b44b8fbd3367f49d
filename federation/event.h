// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "dht/endpoint.h"
#include "dht/node_id.h"
#include "federation/feed_event.h"
#include "federation/protocol.h"
#include "federation/reason.h"
#include "federation/room_event.h"

namespace federation {

// What the floor above is told.
struct UserRegistered {
    std::string user;
    std::string token;  ///< with it the same user may be registered at further servers (owner.h)
};
/// Also some time after UserRegistered: an earlier claim turned up (two networks that were parted met).
struct UserRefused {
    std::string user;
    Reason reason;
};
/// At the callee's server. Answer with `ringing`, then `accept`; or `bye`.
struct CallIncoming {
    CallId call;
    std::string caller;
    std::string callee;
    dht::NodeId peer;  ///< this very node for a call within one server
    LaneId lane;
    std::string jsep;
    bool direct = false;  ///< `jsep` is for the other browser itself
};
/// At the caller's server: it is known where the callee is, and the trunk may be made meanwhile. Comes for
/// each of several places, and once more for the one that accepts.
struct CallProceeding {
    CallId call;
    dht::NodeId peer;
    LaneId lane;
};
struct CallRinging {
    CallId call;
};
struct CallAccepted {
    CallId call;
    std::string jsep;
    bool direct = false;
};
struct CallUpdated {
    CallId call;
    std::string jsep;
    bool direct = false;
};
/// Of a direct call: where the other browser can be reached. Empty: it has found all.
struct CallCandidate {
    CallId call;
    std::string candidate;
};
/// A direct call is to go through the servers. At the caller without a jsep: offer, with `bridge`. At the
/// callee with the offer. At the caller with the answer; but before the call is accepted, that is
/// CallAccepted.
struct CallBridge {
    CallId call;
    std::string jsep;
};
/// Told once, at each side that did not end the call itself.
struct CallEnded {
    CallId call;
    Reason reason;
    std::string text;
};
struct TrunkSignalled {
    dht::NodeId peer;
    TrunkSignal signal;
};
/// The signalling connection opened or went. Calls outlive it while their trunk lives.
struct PeerUp {
    dht::NodeId peer;
};
struct PeerDown {
    dht::NodeId peer;
    Reason reason;
};
struct UserFound {  ///< answer to `lookup`
    std::uint64_t lookup;
    std::string user;
    std::optional<dht::NodeId> server;
    Reason reason = Reason::none;  ///< why there is none
};
/// One line for the log, from a floor that logs nothing itself.
struct Note {
    std::string text;
    bool warning = false;
};
struct NodeJoined {
    std::size_t contacts;
};
/// Other servers are told another address from now on: give trunks those of this machine anew.
struct Moved {
    dht::Endpoint signalling;
};
using Event =
    std::variant<Moved, UserRegistered, UserRefused, CallIncoming, CallProceeding, CallRinging, CallAccepted,
                 CallUpdated, CallCandidate, CallBridge, CallEnded, TrunkSignalled, PeerUp, PeerDown,
                 UserFound, Note, NodeJoined, StreamOffered, StreamRefused, StreamFound,
                 SubscriptionProceeding, SubscriptionAccepted, SubscriptionChanged, FeedWanted,
                 SubscriptionWish, SubscriptionEnded, RoomCreated, RoomEntered, RoomRefused, RoomRulesChanged,
                 RoomDestroyed, RoomPeerUp, ParticipantChanged, ParticipantGone, RoomPeerDown, RoomFound,
                 RoomRequested, RoomAnswered, RoomDraining>;

}  // namespace federation
