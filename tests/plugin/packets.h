// SPDX-License-Identifier: GPL-3.0-or-later
/// Packets as browsers send them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

namespace tests {

using Octets = std::vector<std::uint8_t>;

/// Of zeros and ones.
inline Octets bits(std::string_view text) {
    Octets octets((text.size() + 7) / 8);
    for (std::size_t i = 0; i < text.size(); ++i)
        if (text[i] == '1') octets[i / 8] |= static_cast<std::uint8_t>(0x80U >> (i % 8));
    return octets;
}

struct Rtp {
    std::uint8_t payload_type = 96;
    bool marker = false;
    std::uint16_t sequence = 0;
    std::uint32_t timestamp = 0, ssrc = 3;
    Octets elements{};               ///< of the header extension
    std::uint16_t profile = 0xbede;  ///< its form: one octet
    Octets payload = {0x42};

    [[nodiscard]] Octets octets() const {
        Octets packet = {static_cast<std::uint8_t>(elements.empty() ? 0x80 : 0x90),
                         static_cast<std::uint8_t>((marker ? 0x80 : 0) | payload_type)};
        const auto put = [&](std::uint32_t number, int octets) {
            for (int i = octets - 1; i >= 0; --i)
                packet.push_back(static_cast<std::uint8_t>(number >> (8 * i)));
        };
        put(sequence, 2);
        put(timestamp, 4);
        put(ssrc, 4);
        if (!elements.empty()) {
            const auto words = (elements.size() + 3) / 4;
            put(profile, 2);
            put(static_cast<std::uint32_t>(words), 2);
            packet.insert(packet.end(), elements.begin(), elements.end());
            packet.resize(16 + 4 * words);
        }
        packet.insert(packet.end(), payload.begin(), payload.end());
        return packet;
    }
};

/// A VP8 payload with a 15-bit picture number, TL0PICIDX and a temporal layer.
struct Vp8 {
    bool keyframe = false, begins = true;
    std::uint16_t picture = 0;
    std::uint8_t base_picture = 0, temporal = 0;
    bool sync = false;

    [[nodiscard]] Octets octets() const {
        return {static_cast<std::uint8_t>(0x80 | (begins ? 0x10 : 0)),
                0xe0,
                static_cast<std::uint8_t>(0x80 | picture >> 8),
                static_cast<std::uint8_t>(picture),
                base_picture,
                static_cast<std::uint8_t>(temporal << 6 | (sync ? 0x20 : 0)),
                static_cast<std::uint8_t>(keyframe ? 0x10 : 0x11),
                0x99};
    }
};

/// A VP9 payload with a 15-bit picture number and layers, of one packet.
struct Vp9 {
    bool keyframe = false;
    std::uint16_t picture = 0;
    int spatial = 0, temporal = 0;
    bool switching_up = false, begins = true, ends = true;

    [[nodiscard]] Octets octets() const {
        // Larger sizes of a keyframe are predicted from the smaller ones only.
        return {static_cast<std::uint8_t>(0xa0 | (keyframe ? 0 : 0x40) | (begins ? 8 : 0) | (ends ? 4 : 0)),
                static_cast<std::uint8_t>(0x80 | picture >> 8),
                static_cast<std::uint8_t>(picture),
                static_cast<std::uint8_t>(temporal << 5 | (switching_up ? 0x10 : 0) | spatial << 1),
                0,
                0x99};
    }
};

}  // namespace tests
