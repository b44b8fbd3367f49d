// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "gst/heartbeat.h"
#include "gst/lane_table.h"
#include "gst/trunks.h"
#include "gst/webrtc_link.h"
#include "gst/worker.h"

namespace gst {

/// One connection of the trunk with a peer: which attempts are made to make it, which link is live, when it
/// is given up. Everything on the loop.
class Trunk {
public:
    struct World {
        glib::Loop& loop;
        Worker& worker;
        const dht::NodeId& self;
        const TrunkConfig& config;
    };
    /// Whose lanes, and which of the connections with that peer this is.
    struct Place {
        dht::NodeId peer;
        unsigned shard = 0;
        std::shared_ptr<LaneTable> lanes;
    };
    /// Called inside the functions below.
    struct Callbacks {
        std::function<void(federation::TrunkSignal)> signal;
        std::function<void()> up;
        std::function<void(federation::Reason)> failed;
        std::function<void()> ended;  ///< nothing more happens here: forget it, but not inside the call
    };

    Trunk(World world, Place place, Callbacks callbacks);
    /// Says goodbye if it has no lanes. With lanes the peer learns from signalling why they end.
    ~Trunk();

    void require();
    /// Gives an attempt up that nobody waits for.
    void release();
    /// Leaves at once.
    void abandon() { end(federation::Reason::none); }
    /// The caller has limited how often this happens.
    void offered(const std::string& id, const std::string& sdp);
    void answered(const std::string& id, const std::string& sdp);
    /// The peer has left the link or attempt of this name.
    void closed(const std::string& id);

    [[nodiscard]] bool is_up() const { return live_.has_value() && !silent_; }
    [[nodiscard]] bool has_ended() const { return ended_; }
    /// Whether an offer of this name would be answered: it is neither known already, nor does ours win.
    [[nodiscard]] bool wants_offer(const std::string& id);
    /// What is known of the connection; not of the lanes.
    [[nodiscard]] TrunkStats stats() const;

private:
    /// One try to connect, and when it has succeeded the live link.
    struct Attempt {
        std::string id;
        SdpKind role = SdpKind::offer;
        dht::Time deadline{};             ///< of the set-up
        std::optional<dht::Time> repeat;  ///< when our offer is sent again
        std::string sdp;                  ///< ours, once it is made
        bool answered = false;
        std::shared_ptr<Heartbeat> heartbeat{};
        std::unique_ptr<WebrtcLink> link{};
        std::shared_ptr<Outlet> outlet{};  ///< once it is connected
    };

    Attempt make_attempt(std::string id, SdpKind role);
    void begin_offer(dht::Time now);
    void send_description(const Attempt& attempt);
    void described(const std::string& id, std::string sdp);
    void connected(const std::string& id, std::shared_ptr<Outlet> outlet);
    void link_failed(const std::string& id);

    void tick();
    void tick_live(dht::Time now);
    void tick_attempt(dht::Time now);
    void arm(dht::Time now);
    void tick_silent(dht::Time now);
    void fell_silent(dht::Time now);
    void revived(dht::Time now);
    void lost(dht::Time now);
    void replace(dht::Time now);
    void close_idle();
    void end(federation::Reason reason);
    void leave_lanes();
    bool peer_uses_it();
    [[nodiscard]] bool is_wanted(dht::Time now) const;
    [[nodiscard]] SdpPolicy policy() const;

    [[nodiscard]] std::size_t lanes() const { return lanes_->size(shard_); }
    [[nodiscard]] std::string new_id() const;

    const World world_;
    const dht::NodeId peer_;
    const unsigned shard_;
    const std::shared_ptr<LaneTable> lanes_;
    const Callbacks callbacks_;
    glib::Timer timer_;
    /// For what is posted from other threads: gone when we are.
    const std::shared_ptr<std::function<void()>> woken_;

    std::optional<Attempt> attempt_;  ///< at most one, beside the live link when the peer replaces that
    std::optional<Attempt> live_;
    std::deque<std::string> seen_;  ///< the peer's offers: a late copy of an old one must not win
    bool silent_ =
        false;  ///< nothing is heard of the live link; it may come back sooner than another is made
    std::uint64_t lane_packets_ = 0;  ///< of the live link, when last looked at
    bool was_up_ = false;
    bool ended_ = false;
    dht::Time down_since_{};  ///< when there is no live link
    dht::Time next_try_{};
    dht::Time next_ping_{};
    dht::Time wanted_until_{};  ///< without a lane; each lane and `require` pushes it on
};

}  // namespace gst
