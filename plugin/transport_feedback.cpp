// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/transport_feedback.h"

#include <algorithm>
#include <optional>

namespace plugin {

namespace {

using Octets = std::span<const std::uint8_t>;

constexpr std::size_t header_bytes = 4, fixed_bytes = 20;
constexpr std::uint8_t transport_layer = 205, transport_wide = 15;
constexpr std::chrono::microseconds delta_unit{250};
constexpr std::chrono::milliseconds reference_unit{64};

enum class Symbol { lost = 0, small = 1, large = 2, reserved = 3 };

std::uint16_t two(Octets octets, std::size_t at) {
    return static_cast<std::uint16_t>(octets[at] << 8U | octets[at + 1]);
}

/// What has become of each packet; of one chunk after the other. Calls `take` for each number's symbol, until
/// it has had `count` of them or returns false. Nothing when there are too few chunks.
template <class Take>
std::optional<Octets> read_chunks(Octets rest, unsigned count, Take take) {
    while (count > 0) {
        if (rest.size() < 2) return std::nullopt;
        const unsigned chunk = two(rest, 0);
        rest = rest.subspan(2);
        const bool run = (chunk & 0x8000U) == 0, wide = (chunk & 0x4000U) != 0;
        const unsigned here = std::min(count, run ? chunk & 0x1fffU : wide ? 7U : 14U);
        if (here == 0) return std::nullopt;  // it would never end
        for (unsigned i = 0; i < here; ++i)
            take(run ? chunk >> 13U & 3U : wide ? chunk >> (12 - 2 * i) & 3U : chunk >> (13 - i) & 1U);
        count -= here;
    }
    return rest;
}

std::optional<TransportFeedback> read_one(Octets packet) {
    TransportFeedback feedback;
    feedback.first = two(packet, 12);
    feedback.count = two(packet, 14);
    const unsigned reference = static_cast<unsigned>(packet[16]) << 16U | two(packet, 17);
    // The symbols come first, and then how much later each came than the one before.
    std::optional<Octets> deltas = read_chunks(packet.subspan(fixed_bytes), feedback.count, [](unsigned) {});
    if (!deltas) return std::nullopt;
    dht::Duration at = reference_unit * reference;
    std::uint16_t number = feedback.first;
    bool whole = true;
    read_chunks(packet.subspan(fixed_bytes), feedback.count, [&](unsigned what) {
        const auto symbol = static_cast<Symbol>(what);
        const std::size_t size = symbol == Symbol::small ? 1 : symbol == Symbol::large ? 2 : 0;
        whole = whole && symbol != Symbol::reserved && size <= deltas->size();
        if (whole && size > 0) {
            at += delta_unit * (size == 1 ? (*deltas)[0] : static_cast<std::int16_t>(two(*deltas, 0)));
            deltas = deltas->subspan(size);
            feedback.arrivals.push_back({number, at});
        }
        ++number;
    });
    if (!whole) return std::nullopt;
    return feedback;
}

}  // namespace

std::vector<TransportFeedback> TransportFeedback::read(Octets rtcp) {
    std::vector<TransportFeedback> all;
    while (rtcp.size() >= header_bytes) {
        const std::size_t size = 4 + 4 * static_cast<std::size_t>(two(rtcp, 2));
        if (rtcp[0] >> 6U != 2 || size > rtcp.size()) break;
        const auto packet = rtcp.first(size);
        if (packet[1] == transport_layer && (packet[0] & 0x1fU) == transport_wide && size >= fixed_bytes)
            if (auto feedback = read_one(packet)) all.push_back(std::move(*feedback));
        rtcp = rtcp.subspan(size);
    }
    return all;
}

}  // namespace plugin
