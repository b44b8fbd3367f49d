// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>

#include "dht/time.h"
#include "gst/bandwidth_estimate.h"
#include "gst/control_message.h"
#include "gst/lane_table.h"

namespace gst {

/// What comes out of one link: lane 0 it hears itself, the rest goes to the lanes. webrtcbin never
/// reports that the peer is gone, so that silence is the only sign.
class Heartbeat final : public PacketSink {
public:
    /// Of one of the trunk's connections. `on_close` is called on a streaming thread, once.
    Heartbeat(std::shared_ptr<LaneTable> lanes, unsigned shard, std::function<void()> on_close);

    /// The link is up: its way out. The silence is measured from here.
    void start(std::shared_ptr<Outlet> outlet);
    void ping() { send(Ping{static_cast<std::uint64_t>(now().time_since_epoch().count())}); }
    void send(const ControlMessage& message);

    /// When anything came last: under loss, media is heartbeat enough.
    [[nodiscard]] dht::Time heard() const { return dht::Time{dht::Duration{heard_}}; }
    [[nodiscard]] double rtt_ms() const { return static_cast<double>(rtt_us_) / 1000; }

    /// Streaming thread. Hostile input, as far as the peer may be.
    void received(std::span<const std::uint8_t> payload, const OuterPacket& outer) override;
    /// What the path towards us carries.
    [[nodiscard]] std::uint32_t carries() const { return carries_; }
    /// Of lanes, so far: somebody uses the link.
    [[nodiscard]] std::uint64_t lane_packets() const { return lane_packets_; }

private:
    static dht::Time now();
    void control(const ControlMessage& message);
    void measure(const OuterPacket& outer, bool yields, dht::Time time);

    const std::shared_ptr<LaneTable> lanes_;
    const unsigned shard_;
    const std::function<void()> on_close_;
    std::atomic<dht::Duration::rep> heard_ = 0;
    std::atomic<std::int64_t> rtt_us_ = 0;
    std::atomic<std::uint16_t> sequence_ = 0;
    std::atomic<bool> closed_ = false;
    std::atomic<unsigned> pongs_ = 0;
    std::atomic<std::uint64_t> lane_packets_ = 0;
    std::atomic<std::uint32_t> carries_ = no_bandwidth_limit;
    BandwidthEstimate estimate_;  ///< of the streaming thread

    std::mutex mutex_;
    std::shared_ptr<Outlet> outlet_;
};

}  // namespace gst
