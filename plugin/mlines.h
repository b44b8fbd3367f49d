// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plugin {

/// One encoding that may be sent.
struct Format {
    std::uint8_t payload_type = 0;
    std::string name;  ///< of its rtpmap, in lower case: "vp8", "opus", "rtx"
};

/// What the media path must know of one m-line of the negotiated SDP. An id is 0 when the header
/// extension was not agreed (RFC 8285 ids begin at 1).
struct MLine {
    bool video = false;
    bool data = false;
    bool rejected = false;  ///< its port is 0
    int audio_level = 0;
    int orientation = 0;
    int playout_delay = 0;
    int dependencies = 0;           ///< AV1's dependency descriptor
    std::vector<Format> formats{};  ///< in the order of preference

    /// Empty when there is none of this number.
    [[nodiscard]] std::string_view format(std::uint8_t payload_type) const;
};

/// Most of a PeerConnection; more is refused.
constexpr std::size_t mlines_max = 64;

/// Whether an answer leaves anything of the offer: an m-line with a format that was offered, or data
/// channels.
[[nodiscard]] bool have_something_in_common(const std::vector<MLine>& offer,
                                            const std::vector<MLine>& answer);

/// Nothing if it is no SDP, or has no m-line.
std::optional<std::vector<MLine>> parse_mlines(const std::string& sdp);

}  // namespace plugin
