// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/lane_header.h"

namespace gst {

std::array<std::uint8_t, lane_header_bytes> encode(const LaneHeader& header) {
    const auto octet = [](std::uint32_t number, int shift) {
        return static_cast<std::uint8_t>(number >> shift);
    };
    const auto kind = static_cast<std::uint8_t>(header.kind);
    return {static_cast<std::uint8_t>(lane_header_version << 4 | kind),
            header.stream,
            octet(header.sequence, 8),
            octet(header.sequence, 0),
            octet(header.lane, 24),
            octet(header.lane, 16),
            octet(header.lane, 8),
            octet(header.lane, 0)};
}

std::optional<LanePacket> decode_lane_packet(std::span<const std::uint8_t> payload) {
    if (payload.size() <= lane_header_bytes || payload[0] >> 4 != lane_header_version) return std::nullopt;
    const unsigned kind = payload[0] & 0x0f;
    if (kind > static_cast<unsigned>(PacketKind::data_ack)) return std::nullopt;

    LaneHeader header;
    header.kind = static_cast<PacketKind>(kind);
    header.stream = payload[1];
    header.sequence = static_cast<std::uint16_t>(payload[2] << 8 | payload[3]);
    header.lane = static_cast<federation::LaneId>(payload[4]) << 24 |
                  static_cast<federation::LaneId>(payload[5]) << 16 |
                  static_cast<federation::LaneId>(payload[6]) << 8 | payload[7];
    if ((header.lane == control_lane) != (header.kind == PacketKind::control)) return std::nullopt;
    return LanePacket{header, payload.subspan(lane_header_bytes)};
}

}  // namespace gst
