// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/rooms.h"

#include <janus/debug.h>

#include <charconv>

namespace plugin {

RoomError no_such_room(const Id& id) {
    return {RoomCode::no_such_room, "No such room (" + id.text() + ")", "no-such-room"};
}

RoomError unauthorized(const std::string& why, const std::string& reason) {
    return {RoomCode::unauthorized, "Unauthorized (" + why + ")", reason};
}

Json error_of(const RoomError& error) {
    Json event{json_object()};
    json_object_set_new(event.get(), "videoroom", json_string("event"));
    json_object_set_new(event.get(), "error_code", json_integer(static_cast<int>(error.code)));
    set_string(event.get(), "error", error.text);
    set_string(event.get(), "reason", error.reason);
    if (error.alternates) json_object_set(event.get(), "alternates", error.alternates.get());
    return event;
}

Json draining_event(const Id& room, bool draining, Json alternates) {
    Json event = room_event("event", room);
    json_object_set_new(event.get(), "draining", json_boolean(draining));
    if (draining) json_object_set_new(event.get(), "alternates", alternates.release());
    return event;
}

namespace {

/// Compares in a time that tells nothing of where they differ.
bool same_secret(const std::string& a, const std::string& b) {
    unsigned difference = a.size() != b.size();
    for (std::size_t i = 0; i < a.size(); ++i)
        difference |= static_cast<unsigned>(a[i] ^ (b.empty() ? 0 : b[i % b.size()]));
    return difference == 0;
}

/// The configuration has text only: what is a number is one.
Id configured_id(const std::string& text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc{} && end == text.data() + text.size() && number <= Id::number_max;
    return whole && std::to_string(number) == text ? Id{number} : Id{text};
}

}  // namespace

Rooms::Rooms(RoomHost& host, RoomsConfig config) : host_(host), config_(std::move(config)) {
    for (auto& [name, settings] : config_.rooms) make(configured_id(name), settings);
}

void Rooms::share_configured() {
    for (const auto& [id, room] : rooms_)
        if (network_ && room->settings.federated && !room->elsewhere) network_->share(room);
}

std::shared_ptr<Room> Rooms::find(const Id& id) const {
    const auto found = rooms_.find(id);
    return found == rooms_.end() ? nullptr : found->second;
}

std::shared_ptr<Room> Rooms::add(const Id& id, RoomSettings settings) {
    auto room = std::make_shared<Room>(id, std::move(settings));
    rooms_[id] = room;
    return room;
}

std::shared_ptr<Room> Rooms::make(const Id& id, RoomSettings settings) {
    if (settings.signed_tokens && !host_.signs_tokens()) {
        JANUS_LOG(LOG_WARN,
                  "[viaduct] room %s cannot require signed tokens: Janus has no token_auth_secret\n",
                  id.text().c_str());
        settings.signed_tokens = false;
    }
    return add(id, std::move(settings));
}

void Rooms::drain(bool draining) {
    if (std::exchange(draining_, draining) == draining) return;
    for (const auto& [id, room] : rooms_) {
        if (room->elsewhere) continue;
        const Json event = draining_event(id, draining, Json{json_array()});
        for (const auto& [name, participant] : room->participants()) participant->tell(event.get());
    }
}

std::optional<RoomError> Rooms::closed() const {
    if (draining_) return RoomError{RoomCode::unknown, "The server takes in nobody new", "draining"};
    if (population().members_here >= config_.members_max)
        return RoomError{RoomCode::unknown, "The server is full", "server-full"};
    return std::nullopt;
}

Rooms::Population Rooms::population() const {
    Population count;
    for (const auto& [id, room] : rooms_) {
        ++(room->elsewhere ? count.federated_rooms : count.local_rooms);
        count.subscribers += room->watchers();
        for (const auto& [name, participant] : room->participants()) {
            const bool local = participant->is_local();
            ++(local ? count.members_here : count.members_elsewhere);
            if (participant->feed) ++(local ? count.feeds_here : count.feeds_elsewhere);
        }
    }
    return count;
}

std::optional<RoomError> Rooms::admit(const Room& room, const std::string& pin,
                                      const std::string& token) const {
    if (room.settings.signed_tokens) {
        if (!host_.signs_tokens())
            return unauthorized("this server cannot check signed tokens", "tokens-not-signed");
        if (!host_.is_signed(token, "room=" + room.id.text()))
            return unauthorized("wrong token", "wrong-token");
    }
    const bool right = room.elsewhere && network_
                           ? network_->pin_matches(room, pin)
                           : room.settings.pin.empty() || same_secret(pin, room.settings.pin);
    if (!right) return unauthorized("wrong pin", "wrong-pin");
    if (room.allowed && !room.allowed->contains(token))
        return unauthorized("not in the allowed list", "not-allowed");
    return std::nullopt;
}

Id Rooms::new_id(const Room& room) {
    while (true) {
        const std::uint64_t number = host_.chance() & Id::number_max;
        char digits[17];
        std::snprintf(digits, sizeof digits, "%014llx", static_cast<unsigned long long>(number));
        Id id = config_.string_ids ? Id{std::string{digits}} : Id{number};
        if (number != 0 && !room.find(id)) return id;
    }
}

bool Rooms::knows_key(const std::string& key) const {
    return !config_.admin_key.empty() && same_secret(key, config_.admin_key);
}

std::variant<std::shared_ptr<Room>, RoomError> Rooms::managed(const room_request::OfRoom& request) const {
    auto room = find(request.room);
    if (!room) return no_such_room(request.room);
    const auto& secret = room->settings.secret;
    const bool right = room->elsewhere && network_ ? network_->secret_matches(*room, request.secret)
                                                   : secret.empty() || same_secret(request.secret, secret);
    if (!right) return unauthorized("wrong secret", "wrong-secret");
    return room;
}

void Rooms::administer(const json_t* message, const Answered& done) {
    auto parsed = room_request::parse_administration(message);
    if (const auto* error = std::get_if<RoomError>(&parsed)) return done(error_of(*error));
    const auto serve = [&](const auto& request) {
        if constexpr (requires { ask_elsewhere(request, done); })
            if (ask_elsewhere(request, done)) return;
        auto answer = on(request);
        if (const auto* error = std::get_if<RoomError>(&answer)) return done(error_of(*error));
        done(std::move(std::get<Json>(answer)));
    };
    std::visit(serve, std::get<room_request::Administration>(parsed));
}

Json Rooms::administer(const json_t* message) {
    const auto answer = std::make_shared<Json>();  // may come when nobody waits any more
    administer(message, [answer](Json told) { *answer = std::move(told); });
    return *answer ? std::move(*answer) : Json{json_pack("{ss}", "videoroom", "success")};
}

}  // namespace plugin
