// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "dht/time.h"
#include "gst/elements/rtcp.h"

namespace elements {

/// Makes one RTP stream of those that a publisher sends one after another, when it was restarted or an
/// encoder begins anew: SSRC, sequence numbers and timestamps go on, so that whoever plays it sees a gap and
/// no more.
class Continuity {
public:
    Continuity(std::uint32_t ssrc, int clock_rate) : ssrc_(ssrc), clock_rate_(clock_rate) {}

    /// Renumbers a packet. False for what is no RTP packet.
    bool rewrite(std::span<std::uint8_t> packet, dht::Time now);
    /// What a sender report says, in our numbers. Nothing if it is not of the stream that is there now.
    [[nodiscard]] std::optional<SenderReport> translate(SenderReport report) const;
    /// The SSRC at the publisher, once there was a packet.
    [[nodiscard]] std::optional<std::uint32_t> source() const { return source_; }

private:
    void begin(std::uint32_t ssrc, std::uint16_t sequence, std::uint32_t timestamp, dht::Time now);

    std::uint32_t ssrc_;
    int clock_rate_;
    std::optional<std::uint32_t> source_;
    std::uint16_t sequence_offset_ = 0, last_sequence_ = 0;  ///< the last: ours
    std::uint32_t timestamp_offset_ = 0, last_timestamp_ = 0;
    dht::Time last_time_{};
};

}  // namespace elements
