// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/keyframes.h"

#include <utility>

namespace plugin {

namespace {

using Octets = std::span<const std::uint8_t>;

/// The first packet of a compound (RFC 3550 §6.1); empty when its length lies.
Octets first_packet(Octets rtcp) {
    if (rtcp.size() < 4 || rtcp[0] >> 6U != 2) return {};
    const std::size_t length = 4 + 4 * static_cast<std::size_t>(rtcp[2] << 8U | rtcp[3]);
    return length <= rtcp.size() ? rtcp.first(length) : Octets{};
}

bool is_request(Octets packet) {
    constexpr unsigned old_fir = 192, payload_feedback = 206, pli = 1, fir = 4;
    const unsigned format = packet[0] & 0x1fU, type = packet[1];
    return type == old_fir || (type == payload_feedback && (format == pli || format == fir));
}

}  // namespace

bool KeyframeRequests::ask(int mindex, dht::Time now) {
    const std::lock_guard lock{mutex_};
    const auto [line, first] = lines_.try_emplace(mindex, Line{now});
    const bool was_held = std::exchange(line->second.held, false);
    const bool allowed = first || now - line->second.asked >= least_interval;
    if (allowed) line->second.asked = now;
    line->second.held = !allowed;
    held_ += int{line->second.held} - int{was_held};
    return allowed;
}

bool KeyframeRequests::due(int mindex, dht::Time now) {
    if (!any_held()) return false;
    const std::lock_guard lock{mutex_};
    const auto line = lines_.find(mindex);
    if (line == lines_.end() || !line->second.held || now - line->second.asked < least_interval) return false;
    line->second = {now};
    --held_;
    return true;
}

void KeyframeRequests::came(int mindex) {
    const std::lock_guard lock{mutex_};
    const auto line = lines_.find(mindex);
    if (line != lines_.end() && std::exchange(line->second.held, false)) --held_;
}

bool asks_for_keyframe(Octets rtcp) {
    for (Octets packet = first_packet(rtcp); !packet.empty(); packet = first_packet(rtcp)) {
        if (is_request(packet)) return true;
        rtcp = rtcp.subspan(packet.size());
    }
    return false;
}

std::vector<std::uint8_t> without_keyframe_requests(Octets rtcp) {
    std::vector<std::uint8_t> rest;
    for (Octets packet = first_packet(rtcp); !packet.empty(); packet = first_packet(rtcp)) {
        if (!is_request(packet)) rest.insert(rest.end(), packet.begin(), packet.end());
        rtcp = rtcp.subspan(packet.size());
    }
    return rest;
}

}  // namespace plugin
