// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "federation/json.h"
#include "federation/result.h"

namespace gst {

/// Of an m-line.
enum class MediaKind { audio, video, data, other };
/// "audio", "video", "data"
const char* kind_name(MediaKind kind);

/// One m-line of what somebody publishes, as who subscribes has to know it.
struct FeedStream {
    MediaKind kind = MediaKind::audio;
    int mindex = 0;  ///< its number in the lane header (docs/trunk.md §2)
    std::string mid;
    bool disabled = false;  ///< rejected, or not sent any more: nothing else below counts then
    std::string codec;      ///< of its rtpmap (RFC 8866 §6.6), lower case: "vp8"
    int payload_type = 0;
    int red = 0;  ///< the payload type of Opus RED; 0: it does not come
    int clock = 90'000;
    int channels = 0;
    std::string fmtp;
    std::string h264_profile, vp9_profile;  ///< as in fmtp
    std::string description;
    bool simulcast = false, svc = false;
    bool stereo = false, fec = false, dtx = false;
    bool moderated = false;
    std::optional<bool> talking;  ///< when somebody listens for it
    // Ids of header extensions as they come; 0: not agreed.
    int audio_level = 0, orientation = 0, playout_delay = 0, dependencies = 0;

    [[nodiscard]] bool video() const { return kind == MediaKind::video; }
    [[nodiscard]] bool data() const { return kind == MediaKind::data; }
    bool operator==(const FeedStream&) const = default;
};

/// What a publisher says of its feed: `about` of a participant, of `subscribed` and of `feed-changed`
/// (docs/signalling.md).
struct FeedDescription {
    /// Of one feed, as of one PeerConnection.
    static constexpr std::size_t streams_max = 64;

    /// Each at the place of its mindex; what is not told of is disabled.
    std::vector<FeedStream> streams{};
    std::string display{};               ///< for people; may be empty
    bool repairs = true;                 ///< what is lost on the way is sent again when it is asked for
    bool ended = false;                  ///< end of stream: nothing comes any more, and nobody need wait
    bool e2ee = false;                   ///< what is published is encrypted once more
    std::shared_ptr<json_t> metadata{};  ///< of a participant, an object of its own making

    /// Whether anything comes.
    [[nodiscard]] bool publishes() const;
    [[nodiscard]] std::string json() const;
    /// Hostile input; the error says what is wrong with it. Codecs may be any: who does not know one passes
    /// it over.
    static federation::Result<FeedDescription> parse(std::string_view json);
};

/// The value of a parameter in "key=value;key=value"; empty if it is not there.
std::string fmtp_value(std::string_view fmtp, std::string_view key);

/// As clients are told of it, too: what is not about the packets.
federation::Json to_json(const FeedStream& stream);

}  // namespace gst
