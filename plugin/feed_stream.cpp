// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/feed_stream.h"

namespace plugin {

MLine mline_of(const FeedStream& stream) {
    MLine line;
    line.video = stream.video();
    line.data = stream.data();
    line.rejected = stream.disabled;
    line.audio_level = stream.audio_level;
    line.orientation = stream.orientation;
    line.playout_delay = stream.playout_delay;
    line.dependencies = stream.dependencies;
    if (stream.red != 0) line.formats.push_back({static_cast<std::uint8_t>(stream.red), "red"});
    line.formats.push_back({static_cast<std::uint8_t>(stream.payload_type), stream.codec});
    return line;
}

}  // namespace plugin
