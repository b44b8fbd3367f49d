// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "federation/protocol.h"

namespace gst {

/// What one packet of a lane is. The values are on the wire (docs/trunk.md).
enum class PacketKind : std::uint8_t { control = 0, rtp = 1, rtcp = 2, data = 3, data_ack = 4 };

constexpr std::uint8_t lane_header_version = 1;
constexpr std::size_t lane_header_bytes = 8;
/// The trunk's own lane: heartbeat and other control messages.
constexpr federation::LaneId control_lane = 0;

/// What stands in front of each inner packet, big-endian:
///
///      0                   1                   2                   3
///     +-------+-------+---------------+-------------------------------+
///     |version| kind  |    stream     |         lane sequence         |
///     +-------+-------+---------------+-------------------------------+
///     |                             lane                              |
///     +---------------------------------------------------------------+
struct LaneHeader {
    PacketKind kind = PacketKind::rtp;
    std::uint8_t stream = 0;
    std::uint16_t sequence = 0;
    federation::LaneId lane = 0;

    bool operator==(const LaneHeader&) const = default;
};

struct LanePacket {
    LaneHeader header;
    std::span<const std::uint8_t> body;  ///< a view of what was decoded
};

std::array<std::uint8_t, lane_header_bytes> encode(const LaneHeader& header);
/// Hostile input. Nothing for another version, an unknown kind, an empty body, and for control
/// messages outside lane 0 or anything else inside it.
std::optional<LanePacket> decode_lane_packet(std::span<const std::uint8_t> payload);

}  // namespace gst
