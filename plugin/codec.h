// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace plugin {

/// Whether a decoder can begin with this RTP payload. `codec` is an rtpmap's name in lower case: vp8, vp9,
/// h264, h265 or av1; of another nothing is known, and nothing is a keyframe. Hostile input.
bool begins_keyframe(std::string_view codec, std::span<const std::uint8_t> payload);

}  // namespace plugin
