// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gst/feed_description.h"

namespace plugin {

/// What one m-line of a description says, as far as a room must know. Read by GStreamer.
struct SdpLine {
    using Kind = gst::MediaKind;
    struct Format {
        int payload_type = 0;
        std::string codec;  ///< of its rtpmap, in lower case
        int clock = 0, channels = 0;
        std::string fmtp;
    };

    Kind kind = Kind::other;
    std::string mid;
    std::string protocol;   ///< "UDP/TLS/RTP/SAVPF"
    bool rejected = false;  ///< its port is 0
    bool sends = true, receives = true;
    std::vector<Format> formats{};                          ///< in the order of preference
    std::vector<std::pair<int, std::string>> extensions{};  ///< ids of header extensions and their names

    [[nodiscard]] const Format* format(std::string_view codec) const;
    /// 0: it does not have it.
    [[nodiscard]] int extension(std::string_view uri) const;
};

/// Nothing if it is no SDP, has no m-line or more than `mlines_max`. Hostile input.
std::optional<std::vector<SdpLine>> parse_sdp_lines(const std::string& sdp);

using gst::fmtp_value;

namespace extension {
constexpr std::string_view mid = "urn:ietf:params:rtp-hdrext:sdes:mid";
constexpr std::string_view rid = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
constexpr std::string_view repaired_rid = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";
constexpr std::string_view audio_level = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
constexpr std::string_view orientation = "urn:3gpp:video-orientation";
constexpr std::string_view playout_delay = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay";
constexpr std::string_view transport_wide =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
constexpr std::string_view dependencies =
    "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension";
constexpr std::string_view send_time = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
}  // namespace extension

}  // namespace plugin
