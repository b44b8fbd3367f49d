// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "plugin/feed_stream.h"
#include "plugin/room.h"

namespace plugin {

/// What other servers are told of a participant beyond its name.
std::string about_participant(const Participant& participant);

struct ParticipantAbout {
    std::vector<FeedStream> streams;  ///< empty: publishes nothing
    std::shared_ptr<json_t> metadata;
    bool e2ee = false;
};
/// Hostile input: what is not understood is left out.
ParticipantAbout read_about(const std::string& text);

/// Tells the room's local participants who began or stopped to talk, or was muted.
void tell_difference(const Room& room, const Participant& publisher, const FeedStream& before,
                     const FeedStream& now);
/// Whether nothing but that differs.
bool same_media(const std::vector<FeedStream>& a, const std::vector<FeedStream>& b);

}  // namespace plugin
