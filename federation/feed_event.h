// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dht/node_id.h"
#include "federation/feed_message.h"
#include "federation/lane.h"
#include "federation/reason.h"

namespace federation {

/// What one publisher sends: its m-lines. `room` empty: a stream, and `feed` its name; otherwise `feed` is
/// the id of a participant that `server` has in the room.
struct FeedAddress {
    dht::NodeId server;
    std::string room;
    std::string feed;

    bool operator==(const FeedAddress&) const = default;
};

// What the floor above is told of streams.
/// It can be found by its name: others hold the record. By NodeID and name it can be subscribed to from
/// `offer_stream` on. Comes once.
struct StreamOffered {
    std::string stream;
};
struct StreamRefused {
    std::string stream;
    Reason reason;
};
struct StreamFound {  ///< answer to `lookup_stream`
    std::uint64_t lookup = 0;
    std::string stream;
    std::vector<dht::NodeId> servers;  ///< whoever offers one of this name, the earliest first
    Reason reason = Reason::none;      ///< why there is none
};

// What the floor above is told of feeds that cross between servers.
/// At the subscriber's server, first of all: open the lane. The request is on its way.
struct SubscriptionProceeding {
    SubscriptionId subscription;
    dht::NodeId peer;
    LaneId lane;
};
/// At the subscriber's: what the feed is.
struct SubscriptionAccepted {
    SubscriptionId subscription;
    std::string about;
};
/// At the subscriber's: it is another one now.
struct SubscriptionChanged {
    SubscriptionId subscription;
    std::string about;
};
/// At the publisher's server: somebody there wants to see what is offered here. Open the lane and answer
/// with `accept_subscription`, within `answer_timeout`; or with `end_subscription`. `feed.server` is this
/// node.
struct FeedWanted {
    SubscriptionId subscription;
    dht::NodeId peer;  ///< this very node for a subscription within one server
    LaneId lane;
    FeedAddress feed;
    std::string wish;
};
/// At the publisher's: another wish, of an accepted subscription.
struct SubscriptionWish {
    SubscriptionId subscription;
    std::string wish;
};
/// Told once, at each side that did not end it itself: close the lane.
struct SubscriptionEnded {
    SubscriptionId subscription;
    Reason reason;
};

}  // namespace federation
