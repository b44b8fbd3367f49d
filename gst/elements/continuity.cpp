// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/elements/continuity.h"

#include <gst/gst.h>

namespace elements {

namespace {

constexpr std::size_t header_bytes = 12, sequence_at = 2, timestamp_at = 4, ssrc_at = 8;

}  // namespace

bool Continuity::rewrite(std::span<std::uint8_t> packet, dht::Time now) {
    if (packet.size() < header_bytes || packet[0] >> 6U != 2) return false;
    const std::uint32_t ssrc = GST_READ_UINT32_BE(&packet[ssrc_at]);
    const std::uint16_t sequence = GST_READ_UINT16_BE(&packet[sequence_at]);
    const std::uint32_t timestamp = GST_READ_UINT32_BE(&packet[timestamp_at]);
    if (source_ != ssrc) begin(ssrc, sequence, timestamp, now);
    const auto our_sequence = static_cast<std::uint16_t>(sequence + sequence_offset_);
    const auto our_timestamp = timestamp + timestamp_offset_;
    GST_WRITE_UINT32_BE(&packet[ssrc_at], ssrc_);
    GST_WRITE_UINT16_BE(&packet[sequence_at], our_sequence);
    GST_WRITE_UINT32_BE(&packet[timestamp_at], our_timestamp);
    // One that comes late leaves the end where it is.
    if (static_cast<std::int16_t>(our_sequence - last_sequence_) >= 0) {
        last_sequence_ = our_sequence;
        last_timestamp_ = our_timestamp;
        last_time_ = now;
    }
    return true;
}

void Continuity::begin(std::uint32_t ssrc, std::uint16_t sequence, std::uint32_t timestamp, dht::Time now) {
    if (source_) {
        const auto passed = std::chrono::duration_cast<std::chrono::microseconds>(now - last_time_).count();
        const auto ticks = static_cast<std::uint32_t>(passed * clock_rate_ / 1'000'000);
        sequence_offset_ = static_cast<std::uint16_t>(last_sequence_ + 1 - sequence);
        timestamp_offset_ = last_timestamp_ + (ticks > 0 ? ticks : 1) - timestamp;
    }
    last_sequence_ = static_cast<std::uint16_t>(sequence + sequence_offset_);
    source_ = ssrc;
}

std::optional<SenderReport> Continuity::translate(SenderReport report) const {
    if (source_ != report.ssrc) return std::nullopt;
    report.ssrc = ssrc_;
    report.timestamp += timestamp_offset_;
    return report;
}

}  // namespace elements
