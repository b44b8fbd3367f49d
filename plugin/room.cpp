// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/room.h"

#include <algorithm>

#include "plugin/forwarder.h"

namespace plugin {

void set_string(json_t* object, const char* key, const std::string& value) {
    // Text that came from outside may be no UTF-8; jansson would refuse it, and the event be lost.
    json_t* text = json_stringn(value.data(), value.size());
    json_object_set_new(object, key, text ? text : json_string("?"));
}

Json room_event(const char* name, const Id& room) {
    Json event{json_object()};
    json_object_set_new(event.get(), "videoroom", json_string(name));
    json_object_set_new(event.get(), "room", room.json());
    return event;
}

Json attendee_info(const Participant& participant) {
    Json info{json_object()};
    json_object_set_new(info.get(), "id", participant.id.json());
    if (!participant.display.empty()) set_string(info.get(), "display", participant.display);
    if (participant.metadata) json_object_set(info.get(), "metadata", participant.metadata.get());
    return info;
}

Json publisher_info(const Participant& participant) {
    Json info = attendee_info(participant);
    json_t* streams = json_array();
    bool talking = false, listens = false, simulcasts = false;
    for (const auto& stream : participant.feed->streams()) {
        json_array_append_new(streams, to_json(stream).release());
        listens |= stream.talking.has_value();
        talking |= stream.talking.value_or(false);
        simulcasts |= stream.simulcast;
        // As before there were several streams to a publisher.
        const char* key = stream.video() ? "video_codec" : "audio_codec";
        if (!stream.disabled && !stream.data() && !json_object_get(info.get(), key))
            set_string(info.get(), key, stream.codec);
    }
    json_object_set_new(info.get(), "streams", streams);
    if (simulcasts) json_object_set_new(info.get(), "simulcast", json_true());
    if (listens) json_object_set_new(info.get(), "talking", json_boolean(talking));
    return info;
}

std::shared_ptr<Participant> Room::find(const Id& participant) const {
    const auto found = participants_.find(participant);
    return found == participants_.end() ? nullptr : found->second;
}

bool Room::add(const std::shared_ptr<Participant>& participant) {
    if (!participants_.try_emplace(participant->id, participant).second) return false;
    if (settings.notify_joining) {
        Json event = room_event("event", id);
        json_object_set_new(event.get(), "joining", attendee_info(*participant).release());
        tell_others(*participant, event.get());
    }
    if (elsewhere && participant->is_local()) elsewhere->set(*participant);
    return true;
}

void Room::remove(const Participant& participant, const char* why) {
    const auto found = participants_.find(participant.id);
    if (found == participants_.end() || found->second.get() != &participant) return;
    const auto kept = found->second;
    if (kept->feed) unpublished(*kept);
    participants_.erase(found);
    std::erase_if(private_ids, [&](const auto& entry) { return entry.second == kept->id; });
    Json event = room_event("event", id);
    json_object_set_new(event.get(), why, kept->id.json());
    if (!kept->display.empty()) set_string(event.get(), "display", kept->display);
    if (kept->metadata) json_object_set(event.get(), "metadata", kept->metadata.get());
    tell_others(*kept, event.get());
    if (!elsewhere || !kept->is_local()) return;
    elsewhere->remove(*kept);
    if (!has_locals()) elsewhere->emptied();
}

void Room::published(Participant& participant) {
    json_t* list = json_array();
    json_array_append_new(list, publisher_info(participant).release());
    Json event = room_event("event", id);
    json_object_set_new(event.get(), "publishers", list);
    tell_others(participant, event.get());
    const auto watchers = watchers_;
    for (auto* watcher : watchers) watcher->feed_changed(participant);
    if (elsewhere && participant.is_local()) elsewhere->set(participant);
}

void Room::renamed(const Participant& participant) {
    if (elsewhere && participant.is_local()) elsewhere->set(participant);
}

void Room::stop_forwards(const Id& publisher) {
    std::erase_if(forwards, [&](const auto& entry) {
        if (entry.second.publisher != publisher) return false;
        if (const auto feed = entry.second.feed.lock()) feed->detach(entry.second.forwarder);
        return true;
    });
}

void Room::unpublished(Participant& participant) {
    const auto feed = std::move(participant.feed);
    participant.feed = nullptr;
    if (!feed) return;
    stop_forwards(participant.id);
    feed->detach_all();
    // Subscriptions first, as in VideoRoom: at "unpublished" pages detach the handle that "updated" is for.
    const auto watchers = watchers_;
    for (auto* watcher : watchers) watcher->feed_gone(participant.id);
    Json event = room_event("event", id);
    json_object_set_new(event.get(), "unpublished", participant.id.json());
    tell_others(participant, event.get());
    if (elsewhere && participant.is_local()) elsewhere->set(participant);
}

void Room::destroy() {
    destroyed = true;
    const Json event = room_event("destroyed", id);
    const auto leaving = std::exchange(participants_, {});
    const auto watchers = std::exchange(watchers_, {});
    for (const auto& [name, participant] : leaving) {
        if (participant->feed) participant->feed->detach_all();
        participant->tell(event.get());
    }
    for (auto* watcher : watchers) watcher->room_gone();
    forwards.clear();
}

std::size_t Room::publishing() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(participants_, [](const auto& entry) { return entry.second->publishes(); }));
}

void Room::tell_others(const Participant& but, const json_t* event) const {
    for (const auto& [name, participant] : participants_)
        if (participant.get() != &but) participant->tell(event);
}

Json Room::publishers(const Participant* but) const {
    Json list{json_array()};
    for (const auto& [name, participant] : participants_)
        if (participant.get() != but && participant->feed)
            json_array_append_new(list.get(), publisher_info(*participant).release());
    return list;
}

Json Room::attendees(const Participant* but) const {
    Json list{json_array()};
    for (const auto& [name, participant] : participants_)
        if (participant.get() != but && !participant->feed)
            json_array_append_new(list.get(), attendee_info(*participant).release());
    return list;
}

bool Room::has_locals() const {
    return !watchers_.empty() ||
           std::ranges::any_of(participants_, [](const auto& entry) { return entry.second->is_local(); });
}

void Room::unwatch(Watcher& watcher) {
    if (watchers_.erase(&watcher) > 0 && elsewhere && !has_locals()) elsewhere->emptied();
}

}  // namespace plugin
