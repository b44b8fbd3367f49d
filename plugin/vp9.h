// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace plugin {

/// What stands in front of VP9's octets in each RTP payload (RFC 9628 §4.2), so far as layers go.
struct Vp9Descriptor {
    bool begins_frame = false, ends_frame = false;  ///< B, E: of one spatial layer's frame
    bool predicted = false;                         ///< P: from a picture before
    bool layered = false;                           ///< L: the rest is told
    int temporal = 0, spatial = 0;                  ///< TID, SID
    bool switching_up = false;                      ///< U: from here on more temporal layers may be taken

    /// Nothing when it does not lie within the payload. Hostile input.
    static std::optional<Vp9Descriptor> parse(std::span<const std::uint8_t> payload);
};

}  // namespace plugin
