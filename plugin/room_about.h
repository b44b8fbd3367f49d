// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "plugin/feed_stream.h"
#include "plugin/room.h"

namespace plugin {

/// What other servers are told of a participant beyond its name.
gst::FeedDescription about(const Participant& participant);
/// As signalling carries it: empty when there is nothing to tell.
std::string about_text(const Participant& participant);
/// Of what is published, to who has subscribed to it: without what only changes by the minute.
std::string about_feed(const Participant& participant);

/// Tells the room's local participants who began or stopped to talk, or was muted.
void tell_difference(const Room& room, const Participant& publisher, const FeedStream& before,
                     const FeedStream& now);
/// Whether nothing but that differs.
bool same_media(const std::vector<FeedStream>& a, const std::vector<FeedStream>& b);

}  // namespace plugin
