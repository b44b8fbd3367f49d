// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <limits>
#include <set>
#include <utility>

#include "dht/node_id.h"
#include "federation/lane.h"

namespace federation {

/// Which lanes are in use with which server, by calls and feeds alike.
class Lanes {
public:
    explicit Lanes(const dht::NodeId& self) : self_(self) {}

    /// One of our own, not in use.
    LaneId allocate(const dht::NodeId& peer) {
        // Lane 0 is the trunk's own. After two thousand million the oldest numbers come again.
        do {
            last_ = last_ % (std::numeric_limits<LaneId>::max() / 2) + 1;
        } while (!used_.insert({peer, numbered(peer)}).second);
        return numbered(peer);
    }

    /// One that the peer has allocated. False: it is not its to allocate, or in use. Within this server both
    /// ends are one, and it is.
    bool take(const dht::NodeId& peer, LaneId lane) {
        if (peer == self_) return true;
        const bool theirs = (lane & 1U) == (peer > self_ ? 1 : 0);
        return theirs && used_.insert({peer, lane}).second;
    }

    void release(const dht::NodeId& peer, LaneId lane) { used_.erase({peer, lane}); }

    [[nodiscard]] std::size_t used() const { return used_.size(); }

private:
    [[nodiscard]] LaneId numbered(const dht::NodeId& peer) const {
        return last_ * 2 + (self_ > peer ? 1 : 0);
    }

    dht::NodeId self_;
    LaneId last_ = 0;
    std::set<std::pair<dht::NodeId, LaneId>> used_;
};

}  // namespace federation
