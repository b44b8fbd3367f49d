// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/room_about.h"

#include "federation/room_message.h"

namespace plugin {

gst::FeedDescription about(const Participant& participant) {
    gst::FeedDescription about;
    about.metadata = participant.metadata;
    if (!participant.feed) return about;
    about.streams = participant.feed->streams();
    about.e2ee = participant.e2ee;
    return about;
}

std::string about_text(const Participant& participant) {
    const auto text = about(participant).json();
    return text == gst::FeedDescription{}.json() ? std::string{} : text;
}

std::string about_feed(const Participant& participant) {
    auto feed = about(participant);
    feed.metadata.reset();
    feed.display = participant.display.substr(0, federation::display_bytes_max);
    for (auto& stream : feed.streams) {
        stream.talking.reset();
        stream.moderated = false;
    }
    return feed.json();
}

void tell_difference(const Room& room, const Participant& publisher, const FeedStream& before,
                     const FeedStream& now) {
    if (before.talking != now.talking && now.talking) {
        Json event = room_event(*now.talking ? "talking" : "stopped-talking", room.id);
        json_object_set_new(event.get(), "id", publisher.id.json());
        json_object_set_new(event.get(), "mindex", json_integer(now.mindex));
        set_string(event.get(), "mid", now.mid);
        room.tell_others(publisher, event.get());
    }
    if (before.moderated == now.moderated) return;
    Json event = room_event("event", room.id);
    json_object_set_new(event.get(), "id", publisher.id.json());
    set_string(event.get(), "mid", now.mid);
    json_object_set_new(event.get(), "moderation", json_string(now.moderated ? "muted" : "unmuted"));
    room.tell_others(publisher, event.get());
}

bool same_media(const std::vector<FeedStream>& a, const std::vector<FeedStream>& b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        FeedStream left = a[i], right = b[i];
        left.talking = right.talking = std::nullopt;
        left.moderated = right.moderated = false;
        if (!(left == right)) return false;
    }
    return true;
}

}  // namespace plugin
