// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace plugin {

/// What the media path must know of one m-line of the negotiated SDP. An id is 0 when the header
/// extension was not agreed (RFC 8285 ids begin at 1).
struct MLine {
    bool video = false;
    bool data = false;
    int audio_level = 0;
    int orientation = 0;
};

/// Most of a PeerConnection; more is refused.
constexpr std::size_t mlines_max = 64;

/// Nothing if it is no SDP, or has no m-line.
std::optional<std::vector<MLine>> parse_mlines(const std::string& sdp);

}  // namespace plugin
