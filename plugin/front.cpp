// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/front.h"

#include <strings.h>

#include <algorithm>
#include <array>

namespace plugin {

using federation::Json;

namespace {

constexpr std::array<std::string_view, 19> synchronous = {"create",
                                                          "edit",
                                                          "destroy",
                                                          "exists",
                                                          "list",
                                                          "allowed",
                                                          "kick",
                                                          "moderate",
                                                          "rtp_forward",
                                                          "listforwarders",
                                                          "stop_rtp_forward",
                                                          "enable_recording",
                                                          "listremotes",
                                                          "publish_remotely",
                                                          "unpublish_remotely",
                                                          "listparticipants",
                                                          "add_remote_publisher",
                                                          "update_remote_publisher",
                                                          "remove_remote_publisher"};

constexpr std::array<std::string_view, 12> asynchronous = {
    "join",  "joinandconfigure", "configure", "publish",   "unpublish",   "start",
    "pause", "switch",           "leave",     "subscribe", "unsubscribe", "update"};

bool is_one_of(std::string_view request, const auto& names) {
    return std::ranges::any_of(names, [&](std::string_view name) {
        return name.size() == request.size() && strncasecmp(name.data(), request.data(), name.size()) == 0;
    });
}

/// Empty if there is none.
std::string_view name_of(const json_t* message) {
    const json_t* name = json_object_get(message, "request");
    return json_is_string(name) ? std::string_view{json_string_value(name), json_string_length(name)}
                                : std::string_view{};
}

}  // namespace

bool is_streaming(std::string_view request) {
    return is_one_of(request, std::array<std::string_view, 2>{"watch", "stop"});
}

bool is_synchronous(std::string_view request) {
    return is_one_of(request, synchronous);
}

bool is_videoroom(std::string_view request) {
    return is_synchronous(request) || is_one_of(request, asynchronous);
}

Front::Front(const Apis& apis, janus_plugin_session* handle)
    : apis_(apis), handle_(std::make_shared<Handle>(handle)) {}

bool Front::answer(const Json& message, const Answered& done) {
    const auto name = name_of(message.get());
    if (!is_synchronous(name) || (in_call() && is_one_of(name, std::array{std::string_view{"list"}})))
        return false;
    apis_.administer(message.get(), done);
    return true;
}

Conversation* Front::choose(const json_t* message) {
    const auto is_engaged = [](const auto& one) { return one && one->engaged(); };
    const auto name = name_of(message);
    // A room may be looked up as a user may.
    const bool of_rooms = is_videoroom(name) || json_object_get(message, "room");
    const bool in_room = is_engaged(videoroom_);
    const bool streaming = is_engaged(streaming_) || (!in_room && !in_call() && is_streaming(name));
    const bool videoroom = in_room || (!in_call() && of_rooms);
    auto& chosen = streaming ? streaming_ : videoroom ? videoroom_ : videocall_;
    const auto& make = streaming ? apis_.streaming : videoroom ? apis_.videoroom : apis_.videocall;
    if (!chosen) chosen = make(handle_, queue_);
    return chosen.get();
}

void Front::handle(const std::string& transaction, const Json& message, const Json& jsep) {
    if (destroyed_) return;
    Conversation* chosen = choose(message.get());
    current_.store(chosen, std::memory_order_release);
    chosen->handle(transaction, message, jsep);
}

void Front::media_up() {
    if (auto* current = current_.load()) current->media_up();
}

void Front::media_gone() {
    if (auto* current = current_.load()) current->media_gone();
}

void Front::slow_link(int mindex, bool video, bool uplink) {
    if (auto* current = current_.load()) current->slow_link(mindex, video, uplink);
}

void Front::stop_media() {
    if (videocall_) videocall_->stop_media();
    if (videoroom_) videoroom_->stop_media();
    if (streaming_) streaming_->stop_media();
}

void Front::destroy() {
    destroyed_ = true;
    if (videocall_) videocall_->destroy();
    if (videoroom_) videoroom_->destroy();
    if (streaming_) streaming_->destroy();
}

Json Front::info() const {
    const auto* current = current_.load(std::memory_order_acquire);
    return current ? current->info() : Json{json_object()};
}

MediaPort* Front::media() const {
    auto* current = current_.load(std::memory_order_acquire);
    return current ? &current->media() : nullptr;
}

}  // namespace plugin
