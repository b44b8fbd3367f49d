// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/videoroom.h"

#include <utility>

namespace plugin {

using room_request::Configure;
using room_request::Join;
using room_request::Leave;
using room_request::Pause;
using room_request::Publish;
using room_request::Start;
using room_request::Switch;
using room_request::Unpublish;
using room_request::Update;

namespace {

RoomError join_first() {
    return {RoomCode::join_first, "Join a room first", "join-first"};
}

RoomError not_for(const char* role) {
    return {RoomCode::invalid_request, std::string{"A "} + role + " can't do that", "wrong-role"};
}

}  // namespace

VideoRoom::VideoRoom(Rooms& rooms, Gateway& gateway, Outbox& outbox, std::shared_ptr<Handle> handle,
                     std::shared_ptr<Outbox::Queue> queue)
    : rooms_(rooms),
      line_(std::make_shared<ClientLine>(gateway, outbox, std::move(handle), std::move(queue))),
      publisher_media_(line_),
      subscriber_media_(line_) {}

void VideoRoom::handle(const std::string& transaction, const Json& message, const Json& jsep) {
    if (destroyed_) return;
    transaction_ = transaction;
    jsep_ = jsep.get();
    auto parsed = room_request::parse(message.get());
    if (const auto* error = std::get_if<RoomError>(&parsed))
        reply(transaction, *error);
    else
        reply(transaction, std::visit([this](const auto& request) { return on(request); },
                                      std::get<room_request::Request>(parsed)));
    jsep_ = nullptr;
    publish_facts();
}

void VideoRoom::reply(const std::string& transaction, Answer answer) {
    if (const auto* error = std::get_if<RoomError>(&answer))
        return line_->push(transaction, error_of(*error));
    auto& told = std::get<Subscriber::Told>(answer);
    if (told.event) line_->push(transaction, std::move(told.event), std::move(told.jsep));
}

// ---- Joining

VideoRoom::Answer VideoRoom::on(const Join& request) {
    if (engaged())
        return RoomError{RoomCode::already_joined, "Already in a room on this handle", "already-joined"};
    const auto here = rooms_.find(request.room);
    if (auto refusal = rooms_.closed(); refusal && !is_member(request, here.get())) {
        if (rooms_.draining() || !request.subscriber)
            return send_elsewhere(request.room, *std::move(refusal));
    }
    if (here) return enter(request, here);
    if (!rooms_.network()) return no_such_room(request.room);
    joining_ = true;
    const std::shared_ptr<json_t> jsep{json_incref(const_cast<json_t*>(jsep_)), json_decref};
    rooms_.network()->enter(
        request.room, request.pin,
        [weak = weak_from_this(), transaction = transaction_, request, jsep](auto entered) {
            const auto self = weak.lock();
            if (!self || self->destroyed_) return;
            self->joining_ = false;
            self->jsep_ = jsep.get();
            if (auto* error = std::get_if<RoomError>(&entered))
                self->reply(transaction, std::move(*error));
            else
                self->reply(transaction, self->enter(request, std::get<std::shared_ptr<Room>>(entered)));
            self->jsep_ = nullptr;
            self->publish_facts();
        });
    return later();
}

bool VideoRoom::is_member(const Join& request, const Room* room) {
    return request.subscriber && room && request.private_id &&
           room->private_ids.contains(*request.private_id);
}

VideoRoom::Answer VideoRoom::send_elsewhere(const Id& room, RoomError refusal) {
    if (!rooms_.network()) return refusal;
    rooms_.network()->alternates(room, [weak = weak_from_this(), transaction = transaction_,
                                        refusal = std::move(refusal)](Json alternates) mutable {
        const auto self = weak.lock();
        if (!self || self->destroyed_) return;
        refusal.alternates = {alternates.release(), json_decref};
        self->reply(transaction, std::move(refusal));
    });
    return later();
}

VideoRoom::Answer VideoRoom::enter(const Join& request, const std::shared_ptr<Room>& room) {
    const auto own =
        request.private_id ? room->private_ids.find(*request.private_id) : room->private_ids.end();
    const bool known = request.subscriber && own != room->private_ids.end();
    if (request.subscriber && room->settings.require_pvtid && !known)
        return unauthorized("this room requires a valid private_id", "private-id-required");
    // Whoever is in the room has shown its pin.
    if (!known)
        if (auto error = rooms_.admit(*room, request.pin, request.token)) return std::move(*error);
    return request.subscriber ? enter_subscriber(request, room) : enter_publisher(request, room);
}

VideoRoom::Answer VideoRoom::enter_publisher(const Join& request, const std::shared_ptr<Room>& room) {
    const auto publisher =
        std::make_shared<Publisher>(rooms_.host(), line_, publisher_media_, room, [this] { left(); });
    publisher->id = request.id.value_or(Id{});
    if (publisher->id.empty()) publisher->id = rooms_.new_id(*room);
    publisher->display = request.publish.display.value_or("");
    publisher->metadata = request.publish.metadata;
    if (!room->add(publisher))
        return RoomError{RoomCode::id_exists, "User ID " + publisher->id.text() + " already exists",
                         "id-exists"};
    do publisher->private_id = static_cast<std::uint32_t>(rooms_.host().chance() >> 33U);
    while (publisher->private_id == 0 || room->private_ids.contains(publisher->private_id));
    room->private_ids[publisher->private_id] = publisher->id;
    publisher_ = publisher;
    take_port(&publisher_media_);

    Subscriber::Told told{room_event("joined", room->id), nullptr};
    if (request.configures) {
        auto configured = publisher->configure(request.publish, jsep_);
        if (auto* error = std::get_if<RoomError>(&configured)) {
            publisher->leave();
            publisher_ = nullptr;
            return std::move(*error);
        }
        auto& ready = std::get<Publisher::Configured>(configured);
        for (const char* key : {"audio_codec", "video_codec", "streams"})
            if (json_t* value = json_object_get(ready.event.get(), key))
                json_object_set(told.event.get(), key, value);
        told.jsep = std::move(ready.jsep);
    }
    set_string(told.event.get(), "description", room->settings.description);
    json_object_set_new(told.event.get(), "id", publisher->id.json());
    json_object_set_new(told.event.get(), "private_id", json_integer(publisher->private_id));
    json_object_set_new(told.event.get(), "publishers", room->publishers(publisher.get()).release());
    if (room->settings.notify_joining)
        json_object_set_new(told.event.get(), "attendees", room->attendees(publisher.get()).release());
    if (room->elsewhere && rooms_.network())
        json_object_set_new(told.event.get(), "alternates", rooms_.network()->alternates(*room).release());
    Json event = room_event("joined", room->id);
    json_object_del(event.get(), "videoroom");
    json_object_set_new(event.get(), "event", json_string("joined"));
    json_object_set_new(event.get(), "id", publisher->id.json());
    line_->notify(std::move(event));
    return told;
}

VideoRoom::Answer VideoRoom::enter_subscriber(const Join& request, const std::shared_ptr<Room>& room) {
    const auto subscriber =
        std::make_shared<Subscriber>(rooms_.host(), line_, subscriber_media_, room, [this] { left(); });
    auto outcome = subscriber->join(request);
    if (auto* error = std::get_if<RoomError>(&outcome)) return std::move(*error);
    subscriber_ = subscriber;
    take_port(&subscriber_media_);
    return outcome;
}

void VideoRoom::left() {
    publisher_ = nullptr;
    subscriber_ = nullptr;
    take_port(nullptr);
    publish_facts();
}

// ---- In a room

VideoRoom::Answer VideoRoom::on(const Publish& request) {
    if (!publisher_) return subscriber_ ? not_for("subscriber") : join_first();
    auto configured = publisher_->configure(request, jsep_);
    if (auto* error = std::get_if<RoomError>(&configured)) return std::move(*error);
    auto& ready = std::get<Publisher::Configured>(configured);
    return Subscriber::Told{std::move(ready.event), std::move(ready.jsep)};
}

VideoRoom::Answer VideoRoom::on(const Configure& request) {
    if (publisher_) return on(request.publish);
    if (!subscriber_) return join_first();
    return subscriber_->configure(request);
}

VideoRoom::Answer VideoRoom::on(const Unpublish& /*request*/) {
    if (!publisher_) return subscriber_ ? not_for("subscriber") : join_first();
    if (auto error = publisher_->unpublish()) return std::move(*error);
    Subscriber::Told told{room_event("event", publisher_->room()->id), nullptr};
    json_object_set_new(told.event.get(), "unpublished", json_string("ok"));
    return told;
}

VideoRoom::Answer VideoRoom::on(const Leave& /*request*/) {
    if (publisher_) {
        Subscriber::Told told{room_event("event", publisher_->room()->id), nullptr};
        json_object_set_new(told.event.get(), "leaving", json_string("ok"));
        std::exchange(publisher_, nullptr)->leave();
        take_port(nullptr);
        return told;
    }
    if (!subscriber_) return join_first();
    auto outcome = std::exchange(subscriber_, nullptr)->leave();
    take_port(nullptr);
    return outcome;
}

VideoRoom::Answer VideoRoom::on(const Start& /*request*/) {
    if (!subscriber_) return publisher_ ? not_for("publisher") : join_first();
    return subscriber_->start(jsep_);
}

VideoRoom::Answer VideoRoom::on(const Pause& /*request*/) {
    if (!subscriber_) return publisher_ ? not_for("publisher") : join_first();
    return subscriber_->pause();
}

VideoRoom::Answer VideoRoom::on(const Update& request) {
    if (!subscriber_) return publisher_ ? not_for("publisher") : join_first();
    return subscriber_->update(request);
}

VideoRoom::Answer VideoRoom::on(const Switch& request) {
    if (!subscriber_) return publisher_ ? not_for("publisher") : join_first();
    return subscriber_->change(request);
}

VideoRoom::Answer VideoRoom::on(const room_request::Lookup& request) {
    if (!rooms_.network()) return no_such_room(request.room);
    rooms_.network()->lookup(
        request.room, [weak = weak_from_this(), transaction = transaction_, room = request.room](auto found) {
            const auto self = weak.lock();
            if (!self || self->destroyed_) return;
            if (auto* error = std::get_if<RoomError>(&found))
                return self->reply(transaction, std::move(*error));
            Subscriber::Told told{room_event("event", room), nullptr};
            json_object_set_new(told.event.get(), "found", json_string("ok"));
            json_object_set_new(told.event.get(), "servers", std::get<Json>(found).release());
            self->reply(transaction, std::move(told));
        });
    return later();
}

// ---- From Janus

void VideoRoom::media_up() {
    if (publisher_) publisher_->media_up();
    if (subscriber_) subscriber_->media_up();
    publish_facts();
}

void VideoRoom::media_gone() {
    if (publisher_) publisher_->media_gone();
    if (subscriber_) {
        std::exchange(subscriber_, nullptr)->media_gone();
        take_port(nullptr);
    }
    publish_facts();
}

void VideoRoom::slow_link(int mindex, bool video, bool uplink) {
    if (publisher_) publisher_->slow_link(mindex, video, uplink);
    if (subscriber_) subscriber_->slow_link(mindex, video, uplink);
}

void VideoRoom::stop_media() {
    take_port(nullptr);
    publisher_media_.disconnect();
    subscriber_media_.streams({});
}

void VideoRoom::destroy() {
    if (std::exchange(destroyed_, true)) return;
    take_port(nullptr);
    if (publisher_) std::exchange(publisher_, nullptr)->leave();
    if (subscriber_) std::exchange(subscriber_, nullptr)->destroy();
    stop_media();
}

void VideoRoom::incoming_rtp(janus_plugin_rtp& packet) {
    if (auto* port = port_.load(std::memory_order_acquire)) port->incoming_rtp(packet);
}

void VideoRoom::incoming_rtcp(const janus_plugin_rtcp& packet) {
    if (auto* port = port_.load(std::memory_order_acquire)) port->incoming_rtcp(packet);
}

void VideoRoom::incoming_data(const janus_plugin_data& message) {
    if (auto* port = port_.load(std::memory_order_acquire)) port->incoming_data(message);
}

void VideoRoom::data_ready() {
    if (auto* port = port_.load(std::memory_order_acquire)) port->data_ready();
}

void VideoRoom::data_closed() {
    subscriber_media_.data_closed();
}

// ---- For handle_info

void VideoRoom::publish_facts() {
    Json facts{json_object()};
    if (publisher_ || subscriber_) {
        const auto& room = publisher_ ? publisher_->room() : subscriber_->room();
        json_object_set_new(facts.get(), "type", json_string(publisher_ ? "publisher" : "subscriber"));
        json_object_set_new(facts.get(), "room", room->id.json());
        if (room->settings.federated || room->elsewhere)
            json_object_set_new(facts.get(), "federated", json_true());
    }
    if (publisher_) {
        json_object_set_new(facts.get(), "id", publisher_->id.json());
        json_object_set_new(facts.get(), "private_id", json_integer(publisher_->private_id));
        if (!publisher_->display.empty()) set_string(facts.get(), "display", publisher_->display);
        json_object_set_new(facts.get(), "publishing", json_boolean(publisher_->publishes()));
        if (publisher_->feed) {
            const Json known = publisher_info(*publisher_);
            json_object_set(facts.get(), "streams", json_object_get(known.get(), "streams"));
        }
        if (const auto recording = publisher_->media().recording()) {
            json_t* names = json_object();
            for (const auto& [kind, name] : recording->names()) set_string(names, kind.c_str(), name);
            json_object_set_new(facts.get(), "recording", names);
        }
    }
    if (subscriber_) json_object_set_new(facts.get(), "streams", subscriber_->streams().release());
    std::shared_ptr<json_t> next{facts.release(), json_decref};
    const std::lock_guard lock{facts_mutex_};
    facts_.swap(next);
}

Json VideoRoom::info() const {
    const std::lock_guard lock{facts_mutex_};
    return Json{facts_ ? json_deep_copy(facts_.get()) : json_object()};
}

}  // namespace plugin
