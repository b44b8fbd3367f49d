// SPDX-License-Identifier: GPL-3.0-or-later
/// Transport-wide feedback as browsers write it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "dht/time.h"
#include "tests/plugin/packets.h"

namespace tests {

/// One packet of RTCP: when each number from `first` on came, or nothing if it did not.
inline Octets transport_feedback(std::uint16_t first, const std::vector<std::optional<dht::Duration>>& came) {
    using std::chrono::microseconds;
    constexpr microseconds unit{250}, reference_unit{64'000};
    const auto put = [](Octets& to, std::uint32_t number, int octets) {
        for (int i = octets - 1; i >= 0; --i) to.push_back(static_cast<std::uint8_t>(number >> (8 * i)));
    };
    std::optional<dht::Duration> earliest;
    for (const auto& at : came)
        if (at && !earliest) earliest = *at;
    const auto reference = earliest.value_or(dht::Duration{}) / reference_unit;
    dht::Duration before = reference * reference_unit;

    Octets chunks, deltas;
    for (std::size_t i = 0; i < came.size(); i += 7) {
        unsigned chunk = 0xc000;  // a vector of seven symbols
        for (std::size_t j = i; j < std::min(i + 7, came.size()); ++j) {
            if (!came[j]) continue;
            const auto delta = (*came[j] - before) / unit;
            before += delta * unit;
            const bool small = delta >= 0 && delta < 256;
            chunk |= (small ? 1U : 2U) << (12 - 2 * (j - i));
            put(deltas, static_cast<std::uint32_t>(delta), small ? 1 : 2);
        }
        put(chunks, chunk, 2);
    }
    Octets packet = {0x8f, 205, 0, 0, 0, 0, 0, 1, 0, 0, 0, 3};
    put(packet, first, 2);
    put(packet, static_cast<std::uint32_t>(came.size()), 2);
    put(packet, static_cast<std::uint32_t>(reference), 3);
    packet.push_back(0);
    packet.insert(packet.end(), chunks.begin(), chunks.end());
    packet.insert(packet.end(), deltas.begin(), deltas.end());
    packet.resize((packet.size() + 3) / 4 * 4);
    packet[2] = static_cast<std::uint8_t>((packet.size() / 4 - 1) >> 8U);
    packet[3] = static_cast<std::uint8_t>(packet.size() / 4 - 1);
    return packet;
}

}  // namespace tests
