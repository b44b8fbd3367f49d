// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "federation/json.h"
#include "plugin/mlines.h"
#include "plugin/sdp_lines.h"

namespace plugin {

/// One m-line of what somebody publishes, as who subscribes has to know it.
struct FeedStream {
    SdpLine::Kind kind = SdpLine::Kind::audio;
    int mindex = 0;
    std::string mid;
    bool disabled = false;  ///< rejected, or not sent any more: nothing else below counts then
    std::string codec;
    int payload_type = 0;
    int red = 0;  ///< the payload type of Opus RED; 0: it does not come
    int clock = 90'000;
    int channels = 0;
    std::string fmtp;
    std::string h264_profile, vp9_profile;
    std::string description;
    bool simulcast = false, svc = false;
    bool stereo = false, fec = false, dtx = false;
    bool moderated = false;
    std::optional<bool> talking;  ///< when somebody listens for it
    // Ids of header extensions as they come; 0: not agreed.
    int audio_level = 0, orientation = 0, playout_delay = 0, dependencies = 0;

    [[nodiscard]] bool video() const { return kind == SdpLine::Kind::video; }
    [[nodiscard]] bool data() const { return kind == SdpLine::Kind::data; }
    /// As the readers of packets want it.
    [[nodiscard]] MLine mline() const;
    bool operator==(const FeedStream&) const = default;
};

/// "audio", "video", "data"
const char* kind_name(SdpLine::Kind kind);

/// As `publishers` tells it to clients.
federation::Json to_json(const FeedStream& stream);

/// What other servers must know of a feed, beyond what clients are told.
federation::Json about_of(const std::vector<FeedStream>& streams);
/// Hostile input: nothing when it is not such a list.
std::optional<std::vector<FeedStream>> streams_from(const json_t* about);

}  // namespace plugin
