// SPDX-License-Identifier: GPL-3.0-or-later
/// The requests that are answered at once.
#include <algorithm>

#include "plugin/forwarder.h"
#include "plugin/rooms.h"

namespace plugin {

using namespace room_request;

Rooms::Answer Rooms::on(const Create& request) {
    if (!config_.admin_key.empty() && !knows_key(request.admin_key))
        return unauthorized("wrong admin_key", "wrong-admin-key");
    auto refusal = closed();
    if (rooms_.size() >= rooms_max) refusal = RoomError{RoomCode::unknown, "Too many rooms", "too-many"};
    if (refusal) {
        if (network_) refusal->alternates = {network_->neighbours().release(), json_decref};
        return *refusal;
    }
    Id id = request.room.value_or(Id{});
    while (id.empty() || (!request.room && find(id))) id = Id{(host_.chance() & 0xffffffffU) + 1};
    if (find(id))
        return RoomError{RoomCode::room_exists, "Room " + id.text() + " already exists", "room-exists"};
    const auto room = make(id, request.settings);
    if (room->settings.description.empty()) room->settings.description = "Room " + id.text();
    if (request.allowed) room->allowed.emplace(request.allowed->begin(), request.allowed->end());
    if (room->settings.federated && network_) network_->share(room);
    Json answer = room_event("created", id);
    json_object_set_new(answer.get(), "permanent", json_false());
    return answer;
}

Rooms::Answer Rooms::on(const Edit& request) {
    auto found = managed(request);
    if (auto* error = std::get_if<RoomError>(&found)) return std::move(*error);
    const auto& room = std::get<std::shared_ptr<Room>>(found);
    RoomSettings changed = room->settings;
    ElementReader reader{request.changes.get()};
    read_settings(reader, changed, "new_");
    std::swap(room->settings, changed);
    if (room->elsewhere && network_ && !network_->edit(*room)) {
        std::swap(room->settings, changed);
        return RoomError{RoomCode::unauthorized, "The room was made at another server: edit it there",
                         "made-elsewhere"};
    }
    Json answer = room_event("edited", room->id);
    json_object_set_new(answer.get(), "permanent", json_false());
    return answer;
}

Rooms::Answer Rooms::on(const Destroy& request) {
    auto found = managed(request);
    if (auto* error = std::get_if<RoomError>(&found)) return std::move(*error);
    const auto room = std::get<std::shared_ptr<Room>>(found);
    rooms_.erase(room->id);
    if (room->elsewhere && network_) network_->destroy(*room);
    room->destroy();
    Json answer = room_event("destroyed", room->id);
    json_object_set_new(answer.get(), "permanent", json_false());
    return answer;
}

Rooms::Answer Rooms::on(const Exists& request) {
    Json answer = room_event("success", request.room);
    json_object_set_new(answer.get(), "exists", json_boolean(find(request.room) != nullptr));
    return answer;
}

Rooms::Answer Rooms::on(const List& request) {
    const bool all = knows_key(request.admin_key);
    json_t* list = json_array();
    for (const auto& [id, room] : rooms_) {
        if (room->settings.is_private && !all) continue;
        Json info = to_json(room->settings);
        json_object_set_new(info.get(), "room", id.json());
        json_object_set_new(info.get(), "num_participants",
                            json_integer(static_cast<json_int_t>(room->participants().size())));
        json_array_append_new(list, info.release());
    }
    Json answer{json_object()};
    json_object_set_new(answer.get(), "videoroom", json_string("success"));
    json_object_set_new(answer.get(), "list", list);
    return answer;
}

Rooms::Answer Rooms::on(const ListParticipants& request) {
    const auto room = find(request.room);
    if (!room) return no_such_room(request.room);
    json_t* list = json_array();
    for (const auto& [id, participant] : room->participants()) {
        Json info = attendee_info(*participant);
        json_object_set_new(info.get(), "publisher", json_boolean(participant->feed != nullptr));
        for (const auto& stream :
             participant->feed ? participant->feed->streams() : std::vector<FeedStream>{})
            if (stream.talking) json_object_set_new(info.get(), "talking", json_boolean(*stream.talking));
        if (!participant->is_local()) json_object_set_new(info.get(), "remote", json_true());
        json_array_append_new(list, info.release());
    }
    Json answer = room_event("participants", room->id);
    json_object_set_new(answer.get(), "participants", list);
    return answer;
}

Rooms::Answer Rooms::on(const Allowed& request) {
    auto found = managed(request);
    if (auto* error = std::get_if<RoomError>(&found)) return std::move(*error);
    auto& allowed = std::get<std::shared_ptr<Room>>(found)->allowed;
    Json answer = room_event("success", request.room);
    if (request.action == Allowed::Action::disable) {
        allowed.reset();
        return answer;
    }
    if (!allowed) allowed.emplace();
    for (const auto& token : request.tokens) {
        if (request.action == Allowed::Action::remove)
            allowed->erase(token);
        else if (request.action == Allowed::Action::add && allowed->size() < tokens_max)
            allowed->insert(token);
    }
    json_t* list = json_array();
    for (const auto& token : *allowed) json_array_append_new(list, json_stringn(token.data(), token.size()));
    json_object_set_new(answer.get(), "allowed", list);
    return answer;
}

namespace {

Json success() {
    Json answer{json_object()};
    json_object_set_new(answer.get(), "videoroom", json_string("success"));
    return answer;
}

RoomError no_such_participant(const Id& id) {
    return {RoomCode::no_such_feed, "No such user " + id.text(), "no-such-user"};
}

}  // namespace

bool Rooms::is_elsewhere(const Room& room, const Participant* participant) const {
    if (!room.elsewhere || !network_) return false;
    return (participant && !participant->is_local()) || network_->proves_elsewhere(room);
}

namespace {

RoomNetwork::Asked answering(const Rooms::Answered& done) {
    return
        [done](const std::optional<RoomError>& refusal) { done(refusal ? error_of(*refusal) : success()); };
}

RoomError no_such_mid(const std::string& mid) {
    return {RoomCode::no_such_feed, "No such mid '" + mid + "'", "no-such-mid"};
}

}  // namespace

bool Rooms::ask_elsewhere(const Kick& request, const Answered& done) {
    const auto room = find(request.room);
    const auto participant = room ? room->find(request.id) : nullptr;
    if (!room || !is_elsewhere(*room, participant.get())) return false;
    if (!participant) return done(error_of(no_such_participant(request.id))), true;
    network_->ask(*room, *participant, request.secret, Json{json_pack("{ss}", "request", "kick")},
                  answering(done));
    return true;
}

Rooms::Answer Rooms::on(const Kick& request) {
    auto found = managed(request);
    if (auto* error = std::get_if<RoomError>(&found)) return std::move(*error);
    const auto participant = std::get<std::shared_ptr<Room>>(found)->find(request.id);
    if (!participant || !participant->kick()) return no_such_participant(request.id);
    return success();
}

bool Rooms::ask_elsewhere(const Moderate& request, const Answered& done) {
    const auto room = find(request.room);
    const auto participant = room ? room->find(request.id) : nullptr;
    if (!room || !is_elsewhere(*room, participant.get())) return false;
    if (!participant) return done(error_of(no_such_participant(request.id))), true;
    if (!participant->feed || !participant->feed->stream(request.mid))
        return done(error_of(no_such_mid(request.mid))), true;
    network_->ask(*room, *participant, request.secret,
                  Json{json_pack("{sssssb}", "request", "moderate", "mid", request.mid.c_str(), "mute",
                                 static_cast<int>(request.mute))},
                  answering(done));
    return true;
}

Rooms::Answer Rooms::on(const Moderate& request) {
    auto found = managed(request);
    if (auto* error = std::get_if<RoomError>(&found)) return std::move(*error);
    const auto participant = std::get<std::shared_ptr<Room>>(found)->find(request.id);
    if (!participant) return no_such_participant(request.id);
    if (!participant->moderate(request.mid, request.mute)) return no_such_mid(request.mid);
    return success();
}

Rooms::Answer Rooms::on(const EnableRecording& request) {
    auto found = managed(request);
    if (auto* error = std::get_if<RoomError>(&found)) return std::move(*error);
    const auto& room = std::get<std::shared_ptr<Room>>(found);
    room->settings.record = request.record;
    for (const auto& [id, participant] : room->participants()) participant->record(request.record);
    Json answer = success();
    json_object_set_new(answer.get(), "record", json_boolean(request.record));
    return answer;
}

namespace {

json_t* forwarder_info(std::uint32_t number, const FeedStream& stream, const Forwarder::To& to) {
    json_t* info = json_object();
    json_object_set_new(info, "stream_id", json_integer(number));
    json_object_set_new(info, "type", json_string(kind_name(stream.kind)));
    json_object_set_new(info, "mid", json_string(stream.mid.c_str()));
    json_object_set_new(info, "host", json_string(to.host.c_str()));
    json_object_set_new(info, "port", json_integer(to.port));
    if (to.ssrc != 0) json_object_set_new(info, "ssrc", json_integer(to.ssrc));
    if (to.payload_type) json_object_set_new(info, "pt", json_integer(*to.payload_type));
    if (to.layer) json_object_set_new(info, "substream", json_integer(*to.layer));
    json_object_set_new(info, "srtp", json_false());
    return info;
}

}  // namespace

Rooms::Answer Rooms::on(const Forward& request) {
    if (config_.lock_rtp_forward && !knows_key(request.admin_key))
        return unauthorized("wrong admin_key", "wrong-admin-key");
    auto found = managed(request);
    if (auto* error = std::get_if<RoomError>(&found)) return std::move(*error);
    const auto& room = std::get<std::shared_ptr<Room>>(found);
    const auto publisher = room->find(request.publisher);
    if (!publisher || !publisher->feed)
        return RoomError{RoomCode::no_such_feed, "No such feed (" + request.publisher.text() + ")",
                         "no-such-feed"};
    // First all that could be wrong.
    for (const auto& wanted : request.streams)
        if (!publisher->feed->stream(wanted.mid))
            return RoomError{RoomCode::no_such_feed, "No such mid '" + wanted.mid + "'", "no-such-mid"};
    if (room->forwards.size() + 3 * request.streams.size() > 1024)
        return RoomError{RoomCode::unknown, "Too many forwarders in this room", "too-many"};
    json_t* list = json_array();
    Json answer = room_event("rtp_forward", room->id);
    json_object_set_new(answer.get(), "publisher_id", request.publisher.json());
    json_object_set_new(answer.get(), "forwarders", list);
    for (const auto& wanted : request.streams) {
        const FeedStream stream = *publisher->feed->stream(wanted.mid);
        for (std::size_t i = 0; i < wanted.to.size(); ++i) {
            Forwarder::To to{wanted.host, wanted.to[i].port, wanted.to[i].ssrc.value_or(0),
                             wanted.to[i].payload_type};
            if (stream.simulcast && wanted.simulcast)
                to.selects = true;
            else if (stream.simulcast)
                to.layer = static_cast<int>(i);
            if (to.port == 0 || (i > 0 && (!stream.simulcast || to.selects))) continue;
            const auto forwarder = Forwarder::make(to);
            if (!forwarder)
                return RoomError{RoomCode::invalid_element, "Invalid element (host should be an IP address)",
                                 "invalid-element"};
            std::uint32_t number = 0;
            while (number == 0 || room->forwards.contains(number))
                number = static_cast<std::uint32_t>(host_.chance() >> 33U);
            room->forwards[number] = {request.publisher, stream.mid, publisher->feed, forwarder};
            publisher->feed->attach(stream.mindex, forwarder);
            if (stream.video()) publisher->feed->want_keyframe(stream.mindex);
            json_array_append_new(list, forwarder_info(number, stream, to));
        }
    }
    return answer;
}

Rooms::Answer Rooms::on(const StopForward& request) {
    if (config_.lock_rtp_forward && !knows_key(request.admin_key))
        return unauthorized("wrong admin_key", "wrong-admin-key");
    auto found = managed(request);
    if (auto* error = std::get_if<RoomError>(&found)) return std::move(*error);
    const auto& room = std::get<std::shared_ptr<Room>>(found);
    const auto forward = room->forwards.find(request.stream);
    if (forward == room->forwards.end() || forward->second.publisher != request.publisher)
        return RoomError{RoomCode::no_such_feed, "No such stream (" + std::to_string(request.stream) + ")",
                         "no-such-stream"};
    if (const auto feed = forward->second.feed.lock()) feed->detach(forward->second.forwarder);
    room->forwards.erase(forward);
    Json answer = room_event("stop_rtp_forward", room->id);
    json_object_set_new(answer.get(), "publisher_id", request.publisher.json());
    json_object_set_new(answer.get(), "stream_id", json_integer(request.stream));
    return answer;
}

Rooms::Answer Rooms::on(const ListForwarders& request) {
    auto found = managed(request);
    if (auto* error = std::get_if<RoomError>(&found)) return std::move(*error);
    const auto& room = std::get<std::shared_ptr<Room>>(found);
    std::map<Id, Json> publishers;
    for (const auto& [number, forward] : room->forwards) {
        const auto feed = forward.feed.lock();
        if (!feed) continue;
        auto& info = publishers[forward.publisher];
        if (!info) {
            info.reset(json_object());
            json_object_set_new(info.get(), "publisher_id", forward.publisher.json());
            json_object_set_new(info.get(), "forwarders", json_array());
        }
        FeedStream stream;
        for (const auto& each : feed->streams())
            if (each.mid == forward.mid) stream = each;
        json_array_append_new(json_object_get(info.get(), "forwarders"),
                              forwarder_info(number, stream, forward.forwarder->to()));
    }
    json_t* list = json_array();
    for (auto& [id, info] : publishers) json_array_append_new(list, info.release());
    Json answer = room_event("forwarders", room->id);
    json_object_set_new(answer.get(), "publishers", list);
    return answer;
}

Rooms::Answer Rooms::on(const Remote& request) {
    return RoomError{RoomCode::invalid_request,
                     "Unknown request '" + request.name +
                         "': make the room with \"federated\": true, and join it "
                         "at any server",
                     "federated-instead"};
}

}  // namespace plugin
