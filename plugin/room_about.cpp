// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/room_about.h"

namespace plugin {

std::string about_participant(const Participant& participant) {
    const Json about{json_object()};
    if (participant.metadata) json_object_set(about.get(), "metadata", participant.metadata.get());
    if (participant.feed) {
        json_object_set_new(about.get(), "streams", about_of(participant.feed->streams()).release());
        if (participant.e2ee) json_object_set_new(about.get(), "e2ee", json_true());
    }
    return json_object_size(about.get()) == 0 ? std::string{} : dump(about.get());
}

ParticipantAbout read_about(const std::string& text) {
    ParticipantAbout about;
    const Json json = load(text);
    if (auto streams = streams_from(json_object_get(json.get(), "streams")))
        about.streams = std::move(*streams);
    if (json_t* metadata = json_object_get(json.get(), "metadata"); json_is_object(metadata))
        about.metadata = {json_incref(metadata), json_decref};
    about.e2ee = json_is_true(json_object_get(json.get(), "e2ee"));
    return about;
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
