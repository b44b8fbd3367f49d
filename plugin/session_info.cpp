// SPDX-License-Identifier: GPL-3.0-or-later
/// What handle_info tells, from any thread.
#include "plugin/json.h"
#include "plugin/session.h"

namespace plugin {

using federation::Json;

void Session::publish_facts() {
    static constexpr const char* names[] = {"idle", "resolving", "ringing-out", "ringing-in", "talking"};
    Facts facts{registered_ ? user_ : "",
                names[static_cast<int>(phase_)],
                call_,
                remote_user_,
                phase_ == Phase::idle ? "" : peer_.hex(),
                phase_ == Phase::idle   ? ""
                : way_ == Way::direct   ? "direct"
                : way_ == Way::bridging ? "bridging"
                                        : "bridged",
                lane_,
                slow_links_};
    const std::lock_guard lock{facts_mutex_};
    std::swap(facts_, facts);
}

Json Session::info() const {
    Facts facts;
    {
        const std::lock_guard lock{facts_mutex_};
        facts = facts_;
    }
    Json info{json_object()};
    const auto set = [&](const char* key, const std::string& value) {
        if (!value.empty()) json_object_set_new(info.get(), key, json_stringn(value.data(), value.size()));
    };
    set("username", facts.user);
    set("state", facts.state);
    set("call", facts.call);
    set("peer", facts.remote_user);
    set("server", facts.server);
    set("media", facts.media);
    json_object_set_new(info.get(), "audio_active", json_boolean(media_->audio_active));
    json_object_set_new(info.get(), "video_active", json_boolean(media_->video_active));
    json_object_set_new(info.get(), "bitrate", json_integer(media_->bitrate));
    json_object_set_new(info.get(), "slowlink_count", json_integer(facts.slow_links));
    for (const auto& [mindex, layers] : media_->layers()) {
        json_object_set_new(info.get(), "simulcast-peer", json_true());
        json_object_set_new(info.get(), "substream", json_integer(layers.first));
        json_object_set_new(info.get(), "temporal-layer", json_integer(layers.second));
    }
    if (const auto recording = media_->recording()) {
        json_t* names = json_object();
        for (const auto& [kind, name] : recording->names())
            json_object_set_new(names, kind.c_str(), json_string(name.c_str()));
        json_object_set_new(info.get(), "recording", names);
    }
    if (media_->connected()) {
        const auto stats = media_->stats();
        json_t* lane = json_pack("{sI}", "id", static_cast<json_int_t>(facts.lane));
        const auto count = [&](const char* key, std::uint64_t number) {
            json_object_set_new(lane, key, json_integer(static_cast<json_int_t>(number)));
        };
        count("packets-sent", stats.packets_sent);
        count("packets-received", stats.packets_received);
        count("packets-dropped", stats.packets_dropped);
        count("packets-lost", stats.packets_lost);
        count("packets-repaired", stats.packets_repaired);
        count("repairs-sent", stats.repairs_sent);
        json_object_set_new(info.get(), "lane", lane);
    }
    return info;
}

}  // namespace plugin
