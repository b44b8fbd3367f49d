// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "dht/time.h"
#include "gst/lane_header.h"

namespace gst {

/// The last packets that a lane has sent, for whoever asks for one again. Slots keep their room: once a lane
/// runs, nothing is allocated. From any thread.
class SentPackets {
public:
    /// A second of audio and video, half a second of 4 Mbit/s; 0.35 MB at most, of 1,400 octets each.
    static constexpr std::size_t packets_max = 256;
    /// Afterwards no receiver wants it: LaneGaps::useful, and as much for the way.
    static constexpr dht::Duration age_max = std::chrono::seconds{1};
    /// Of one packet: what a receiver asks for (LaneGaps::tries_max), and copies of the question.
    static constexpr unsigned repeats_max = 8;

    /// Numbers the packet and keeps it.
    LaneHeader keep(LaneHeader header, std::span<const std::uint8_t> packet, dht::Time now);
    struct Packet {
        LaneHeader header;
        std::vector<std::uint8_t> bytes{};
    };
    /// False when it is there no more, or was sent too often. `into` keeps its room.
    bool again(std::uint16_t sequence, dht::Time now, Packet& into);

private:
    struct Slot {
        Packet packet;
        dht::Time sent{};
        unsigned repeats = 0;
    };

    std::mutex mutex_;  ///< held for a copy
    std::uint16_t next_ = 0;
    std::array<Slot, packets_max> slots_{};
};

}  // namespace gst
