// SPDX-License-Identifier: GPL-3.0-or-later
/// What may change while a call is up: muting, caps, layers, recording, renegotiation.
#include <strings.h>

#include <algorithm>

#include "plugin/direct.h"
#include "plugin/json.h"
#include "plugin/session.h"
#include "plugin/simulcast_answer.h"

namespace plugin {

using federation::Json;

namespace {

/// Of a name in a file's name: what would lead into another folder.
std::string harmless(std::string name) {
    std::ranges::replace(name, '/', '_');
    return name;
}

}  // namespace

void Session::updated(const std::string& jsep, bool direct) {
    if (destroyed_ || phase_ != Phase::talking || direct != (way_ == Way::direct)) return;
    const Json json = load(jsep);
    if (direct) {
        const auto description = parse_description(json.get());
        if (const auto* text = std::get_if<std::string>(&description))
            push({}, result_event_with("update", {}, "description", *text));
        return;
    }
    const auto parsed = parse_jsep(json.get());
    if (!std::holds_alternative<Jsep>(parsed)) return;  // the core would not push it
    media_->renegotiated(*parse_mlines(std::get<Jsep>(parsed).sdp));
    push({}, result_event("update"), for_browser(jsep));
}

std::string Session::for_browser(const std::string& jsep) const {
    const auto parsed = parse_jsep(load(jsep).get());
    const auto* answer = std::get_if<Jsep>(&parsed);
    if (layered_offer_.empty() || !answer || strcasecmp(answer->type.c_str(), "answer") != 0) return jsep;
    Jsep amended = *answer;
    amended.sdp = with_layer_extensions(answer->sdp, layered_offer_);
    return amended.to_json();
}

void Session::on(const Set& request) {
    const bool direct = way_ == Way::direct && phase_ == Phase::talking;
    if (request.description && !direct)
        return fail({Code::no_call, "No direct call to describe anew", "no-call"});
    std::optional<Jsep> jsep;
    if (jsep_) {
        if (direct) return fail({Code::invalid_sdp, "A direct call's description is no JSEP", "invalid-sdp"});
        jsep = required_jsep();
        if (!jsep) return;
    }
    if (request.audio) media_->audio_active = *request.audio;
    if (request.video) {
        // The decoder at the other end has missed frames by now.
        if (*request.video && !media_->video_active) media_->send_pli();
        media_->video_active = *request.video;
    }
    if (request.bitrate) {
        media_->bitrate = *request.bitrate;
        media_->send_remb();
    }
    if (request.substream || request.temporal || request.fallback) {
        Media::Wish wish{request.substream, request.temporal, {}};
        if (request.fallback)
            wish.fallback = *request.fallback == 0 ? LayerSelector::Aim{}.fallback
                                                   : std::chrono::microseconds{*request.fallback};
        media_->aim(wish);
    }
    if (jsep && phase_ == Phase::talking) media_->renegotiated(*parse_mlines(jsep->sdp));
    if (request.record) record(request);
    if (request.description) {
        candidates_ = 0;
        host_.update(call_, *request.description, true);
    }
    if (jsep && jsep->update && phase_ == Phase::talking) host_.update(call_, jsep->to_json(), false);
    reply(result_event("set"));
    notify(configured());
}

void Session::record(const Set& request) {
    if (!*request.record) return media_->record(nullptr);
    if (!media_->connected()) return;  // as in VideoCall: there is nothing to record yet
    const std::string usual = "videocall-" + harmless(user_.empty() ? "unknown" : user_) + "-" +
                              harmless(remote_user_) + "-" + std::to_string(g_get_real_time());
    media_->record(host_.record(request.filename.value_or(""), usual, media_->mlines(), e2ee_));
    media_->send_pli();  // a recording that begins between two keyframes begins with nothing
}

Json Session::configured() const {
    Json event = handler_event("configured");
    json_object_set_new(event.get(), "audio_active", json_boolean(media_->audio_active));
    json_object_set_new(event.get(), "video_active", json_boolean(media_->video_active));
    json_object_set_new(event.get(), "bitrate", json_integer(media_->bitrate));
    if (const auto recording = media_->recording()) {
        json_t* names = json_object();
        for (const auto& [kind, name] : recording->names())
            json_object_set_new(names, kind.c_str(), json_string(name.c_str()));
        json_object_set_new(event.get(), "recording", names);
    }
    return event;
}

void Session::draining(bool draining) {
    if (destroyed_) return;
    auto event = result_event("draining");
    json_object_set_new(json_object_get(event.get(), "result"), "draining", json_boolean(draining));
    push({}, std::move(event));
}

void Session::slow_link(int /*mindex*/, bool video, bool uplink) {
    if (destroyed_) return;
    ++slow_links_;
    publish_facts();
    if (uplink) return;
    auto event = result_event("slow_link", {{"media", video ? "video" : "audio"}});
    if (video)
        json_object_set_new(json_object_get(event.get(), "result"), "current-bitrate",
                            json_integer(media_->bitrate));
    push({}, std::move(event));
}

}  // namespace plugin
