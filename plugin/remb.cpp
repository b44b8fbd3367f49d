// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/remb.h"

#include <algorithm>
#include <array>
#include <bit>

#include "gst/bandwidth_estimate.h"

namespace plugin {

namespace {

constexpr std::size_t header_bytes = 4, remb_bytes = 20;
constexpr std::uint8_t payload_specific = 206, application_layer = 15;
constexpr std::array<std::uint8_t, 4> name = {'R', 'E', 'M', 'B'};
constexpr std::size_t name_at = 12, exponent_at = 17;
constexpr unsigned mantissa_bits = 18;

constexpr double falls = 0.9;  // less is the estimate's own breath

std::uint32_t bits_of(std::span<const std::uint8_t> packet) {
    const unsigned exponent = packet[exponent_at] >> 2U;
    const std::uint64_t mantissa = (packet[exponent_at] & 3U) << 16U |
                                   static_cast<unsigned>(packet[exponent_at + 1]) << 8U |
                                   packet[exponent_at + 2];
    if (mantissa == 0) return 0;
    if (exponent >= 32 || mantissa << exponent > UINT32_MAX) return UINT32_MAX;
    return static_cast<std::uint32_t>(mantissa << exponent);
}

}  // namespace

std::optional<std::uint32_t> read_remb(std::span<const std::uint8_t> rtcp) {
    while (rtcp.size() >= header_bytes) {
        const std::size_t size = 4 + 4 * (static_cast<std::size_t>(rtcp[2]) << 8U | rtcp[3]);
        if (rtcp[0] >> 6U != 2 || size > rtcp.size()) return std::nullopt;
        const auto packet = rtcp.first(size);
        if (packet[1] == payload_specific && (packet[0] & 0x1fU) == application_layer && size >= remb_bytes &&
            std::ranges::equal(packet.subspan(name_at, name.size()), name))
            return bits_of(packet);
        rtcp = rtcp.subspan(size);
    }
    return std::nullopt;
}

std::array<std::uint8_t, 20> write_remb(std::uint32_t bits_per_second) {
    const auto width = static_cast<unsigned>(std::bit_width(bits_per_second));
    const unsigned exponent = width > mantissa_bits ? width - mantissa_bits : 0;
    const std::uint32_t mantissa = bits_per_second >> exponent;
    std::array<std::uint8_t, 20> packet = {0x80 | application_layer, payload_specific, 0, remb_bytes / 4 - 1};
    std::ranges::copy(name, packet.begin() + name_at);
    packet.at(exponent_at) = static_cast<std::uint8_t>(exponent << 2U | mantissa >> 16U);
    packet.at(exponent_at + 1) = static_cast<std::uint8_t>(mantissa >> 8U);
    packet.at(exponent_at + 2) = static_cast<std::uint8_t>(mantissa);
    return packet;
}

void ReceiverLimit::take(By by, std::uint32_t bits_per_second, dht::Time now) {
    by == By::remb ? told(bits_per_second, now) : measured(bits_per_second, now);
}

void ReceiverLimit::told(std::uint32_t bits_per_second, dht::Time now) {
    if (now >= told_ + good_for) *this = {};
    if (!full_ && static_cast<double>(bits_per_second) < falls * static_cast<double>(highest_)) full_ = true;
    was_full_ = was_full_ || full_;
    if (full_ && bits_per_second >= highest_) full_ = false;
    highest_ = std::max(highest_, bits_per_second);
    last_ = bits_per_second;
    told_ = now;
}

std::optional<std::uint32_t> ReceiverLimit::bits_per_second(dht::Time now) const {
    std::optional<std::uint32_t> least;
    if (full_ && now < told_ + good_for) least = last_;
    if (measured_ && now < measured_at_ + good_for) least = std::min(*measured_, least.value_or(*measured_));
    return least;
}

void ReceiverLimit::measured(std::uint32_t bits_per_second, dht::Time now) {
    measured_.reset();
    if (bits_per_second != gst::no_bandwidth_limit) measured_ = bits_per_second;
    measured_at_ = now;
}

std::optional<std::uint32_t> ReceiverLimit::ceiling(dht::Time now) const {
    const auto limit = bits_per_second(now);
    if (limit || !was_full_ || now >= told_ + good_for) return limit;
    return highest_;
}

}  // namespace plugin
