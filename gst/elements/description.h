// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gst/feed_description.h"
#include "gst/ptr.h"

namespace elements {

constexpr std::size_t streams_max = gst::FeedDescription::streams_max;

/// What a viewer must know of one RTP stream to play it, as caps have it: one m-line of a feed.
struct StreamDescription {
    std::uint8_t mindex = 0;  ///< the number in the lane header
    bool video = false;
    std::string codec{};  ///< as in caps: "H264"
    std::uint8_t payload_type = 0;
    int clock_rate = 0;
    int channels = 0;      ///< of audio; 0: not told
    std::uint8_t red = 0;  ///< the payload type in which packets repeat earlier ones; 0: none
    std::map<std::string, std::string> fmtp{};  ///< the codec's parameters

    /// Of fixed caps "application/x-rtp". Nothing if something is missing.
    static std::optional<StreamDescription> from_caps(const GstCaps* caps, std::uint8_t mindex);
    [[nodiscard]] gst::Ptr<GstCaps> caps() const;

    bool operator==(const StreamDescription&) const = default;
};

/// What a publisher tells its viewers, as far as elements make something of it.
struct FeedDescription {
    std::vector<StreamDescription> streams{};
    std::string display{};  ///< for people; may be empty
    bool repairs = true;    ///< what is lost on the way is sent again when it is asked for
    bool ended = false;     ///< end of stream: nothing comes any more, and nobody need wait

    [[nodiscard]] std::string json() const;
    /// Hostile input. Streams that carry no RTP are left out; those of codecs that are not understood here
    /// are passed over later.
    static federation::Result<FeedDescription> parse(std::string_view json);

    bool operator==(const FeedDescription&) const = default;
};

}  // namespace elements
