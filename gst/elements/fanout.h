// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "gst/lane_header.h"
#include "gst/trunks.h"

namespace elements {

struct FanoutStats {
    std::uint64_t packets = 0, octets = 0;  ///< taken, once each
    std::uint64_t dropped = 0;              ///< for want of room: the senders do not keep up
};

/// One encoded stream to many viewers: what is pushed goes into every viewer's lane. The pusher, who has an
/// encoder or a camera to serve, only waits for a copy; a thread of our own sends.
class Fanout {
public:
    /// A tenth of a second of 100 Mbit/s. The oldest are dropped: they are late already.
    static constexpr std::size_t packets_max = 1024;

    Fanout();
    ~Fanout();
    Fanout(const Fanout&) = delete;
    Fanout& operator=(const Fanout&) = delete;

    void add(const std::string& viewer, std::shared_ptr<gst::Lane> lane);
    /// The lane is let go of, if a packet is just being sent after that.
    void remove(const std::string& viewer);
    [[nodiscard]] std::size_t viewers() const;
    [[nodiscard]] gst::LaneStats lane_stats(const std::string& viewer) const;

    /// From any thread.
    void push(gst::PacketKind kind, std::uint8_t stream, std::vector<std::uint8_t> packet);
    [[nodiscard]] FanoutStats stats() const;

private:
    struct Packet {
        gst::PacketKind kind;
        std::uint8_t stream;
        std::vector<std::uint8_t> octets;
    };
    using Lanes = std::map<std::string, std::shared_ptr<gst::Lane>>;

    void send_all();

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::shared_ptr<const Lanes> lanes_ = std::make_shared<Lanes>();  ///< immutable, swapped whole
    std::vector<Packet> queue_;
    FanoutStats stats_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace elements
