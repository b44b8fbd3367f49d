// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>

#include "federation/server.h"
#include "gst/trunks.h"

namespace plugin {

/// What feeds that cross between servers need of the member of the federation. On the loop.
class Membership {
public:
    virtual ~Membership() = default;
    virtual void change(const std::function<void(federation::Server&, dht::Now)>& task) = 0;
    [[nodiscard]] virtual const federation::Server& server() const = 0;
    /// Null when there can be none.
    virtual std::shared_ptr<gst::Lane> open_feed_lane(const dht::NodeId& peer, federation::LaneId lane,
                                                      std::shared_ptr<gst::LaneReceiver> receiver) = 0;
    /// Makes the trunk, in time.
    virtual void require_trunk(const dht::NodeId& peer) = 0;
    /// There may soon be a first one: what it takes long to make is made now, once.
    virtual void expect_trunks() = 0;
};

}  // namespace plugin
