// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plugin/feed_stream.h"
#include "plugin/room_settings.h"
#include "plugin/sdp_lines.h"

namespace plugin {

/// What a room takes of an offer, and how it says so.
struct PublishAnswer {
    std::vector<FeedStream> streams;  ///< one for each m-line
    std::string sdp;
    std::string audio_codec, video_codec;  ///< the first of each that was taken; empty: none was
};

struct PublishWish {
    std::optional<std::string> audiocodec, videocodec;  ///< what the client prefers, if the room allows it
    /// Of m-lines that are sent in layers which depend on each other: Janus has read it from the offer.
    std::vector<int> svc{};
};

/// Of each m-line the room's most preferred codec that is offered is taken, and the header extensions that
/// the room wants.
PublishAnswer answer_offer(const std::vector<SdpLine>& offer, const RoomSettings& room,
                           const PublishWish& wish, std::uint64_t session, unsigned version);

}  // namespace plugin
