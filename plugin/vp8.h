// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace plugin {

/// What stands in front of VP8's octets in each RTP payload (RFC 7741 §4.2).
struct Vp8Descriptor {
    bool begins_frame = false;                 ///< S, in partition 0
    std::optional<std::uint16_t> picture;      ///< PictureID, of 7 or 15 bits
    bool long_picture = false;                 ///< it has 15
    std::optional<std::uint8_t> base_picture;  ///< TL0PICIDX
    std::optional<std::uint8_t> temporal;      ///< TID
    bool layer_sync = false;                   ///< Y: refers to the base layer only
    std::size_t size = 0;                      ///< octets of the descriptor

    /// Nothing when it does not lie within the payload. Hostile input.
    static std::optional<Vp8Descriptor> parse(std::span<const std::uint8_t> payload);
};

/// Writes other numbers over those that the descriptor has, in as many bits. The payload is one that `parse`
/// has taken.
void renumber_vp8(std::span<std::uint8_t> payload, std::uint16_t picture, std::uint8_t base_picture);

}  // namespace plugin
