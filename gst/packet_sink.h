// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace gst {

/// What the outer RTP header says of a packet's way.
struct OuterPacket {
    std::uint16_t sequence = 0;
    std::uint32_t timestamp = 0;  ///< when it was sent, in outer_clock_rate, by the sender's clock
    std::size_t bytes = 0;        ///< on the wire, with all headers; 0: not known
};

/// What SRTP's tag, UDP and IPv4 add to an outer packet.
constexpr std::size_t outer_overhead_bytes = 10 + 8 + 20;

/// Takes what arrives: the payloads of a link's outer stream, on a streaming thread. Called by one
/// thread at a time, except while a link is being replaced.
class PacketSink {
public:
    virtual ~PacketSink() = default;
    virtual void received(std::span<const std::uint8_t> payload, const OuterPacket& outer) = 0;
};

}  // namespace gst
