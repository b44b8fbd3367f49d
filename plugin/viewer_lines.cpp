// SPDX-License-Identifier: GPL-3.0-or-later
/// The m-lines of who watches a stream.
#include <algorithm>
#include <utility>

#include "plugin/viewer.h"

namespace plugin {

Viewer::Line& Viewer::line_for(Kind kind) {
    const auto free = std::ranges::find_if(
        lines_, [&](const Line& line) { return line.source.kind == kind && !line.active; });
    if (free != lines_.end()) return *free;
    Line line;
    line.source.kind = kind;
    line.sink = std::make_shared<SubscriberStream>(
        line_, static_cast<int>(lines_.size()), kind == Kind::video,
        [](const char* /*what*/, int /*layer*/) {}, estimate_);
    lines_.push_back(std::move(line));
    return lines_.back();
}

bool Viewer::match(const std::vector<FeedStream>& streams) {
    const auto sent = [](const FeedStream& stream) {
        return !stream.disabled && (stream.kind == Kind::audio || stream.kind == Kind::video);
    };
    bool changed = false;
    for (auto& line : lines_) {
        if (!line.active) continue;
        const auto same = std::ranges::find(streams, line.source.mindex, &FeedStream::mindex);
        // Its browser was offered one codec; another would be another picture to it.
        const bool stays = same != streams.end() && sent(*same) && same->kind == line.source.kind &&
                           types_.of(*same) == line.payload_type;
        if (!stays) disconnect(line);
        if (stays) line.source = *same;
        line.active = stays;
        line.ready = line.ready && stays;
        changed = changed || !stays;
    }
    for (const auto& stream : streams) {
        const auto served = std::ranges::find_if(
            lines_, [&](const Line& line) { return line.active && line.source.mindex == stream.mindex; });
        if (!sent(stream) || served != lines_.end() || lines_.size() >= mlines_max) continue;
        const int payload_type = types_.of(stream);
        if (payload_type < 0) continue;
        Line& line = line_for(stream.kind);
        line.source = stream;
        line.payload_type = payload_type;
        line.red = stream.red != 0 ? types_.of("red", "") : -1;
        line.active = true;
        changed = true;
    }
    std::vector<std::shared_ptr<SubscriberStream>> sinks;
    for (auto& line : lines_) {
        sinks.push_back(line.sink);
        if (line.active && !line.connected) connect(line);
    }
    media_.streams(std::move(sinks));
    return changed;
}

void Viewer::connect(Line& line) {
    const auto& feed = stream_->source->feed();
    line.sink->payload_types({line.payload_type, line.red});
    line.sink->take(feed, line.source.mindex, stream_->about.e2ee);
    feed->attach(line.source.mindex, line.sink);
    line.connected = true;
    set_open(line);
    if (line.ready && line.source.video()) line.sink->want_keyframe();
}

void Viewer::disconnect(Line& line) {
    if (stream_ && line.connected) stream_->source->feed()->detach(line.sink);
    line.connected = false;
    line.sink->open(false);
}

void Viewer::set_open(Line& line) const {
    line.sink->open(up_ && line.active && line.ready && !paused_);
}

Json Viewer::lines() const {
    Json list{json_array()};
    for (std::size_t i = 0; i < lines_.size(); ++i) {
        const auto& line = lines_[i];
        Json info = line.active ? to_json(line.source) : Json{json_object()};
        json_object_set_new(info.get(), "type", json_string(kind_name(line.source.kind)));
        json_object_set_new(info.get(), "mindex", json_integer(static_cast<json_int_t>(i)));
        json_object_set_new(info.get(), "mid", json_string(std::to_string(i).c_str()));
        json_object_set_new(info.get(), "active", json_boolean(line.active));
        json_array_append_new(list.get(), info.release());
    }
    return list;
}

void Viewer::offer(const std::string& transaction, const char* status) {
    answered_ = pending_ = false;
    std::vector<OfferedStream> offered;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
        const auto& line = lines_[i];
        offered.push_back(
            {line.source.kind, std::to_string(i), line.active, line.source, line.payload_type, line.red});
        offered.back().transport_wide = true;
    }
    Json jsep = make_jsep("offer", subscribe_offer(offered, session_, ++version_));
    const bool e2ee = stream_ && stream_->about.e2ee;
    if (e2ee) json_object_set_new(jsep.get(), "e2ee", json_true());
    Json event = status_event(status);
    json_object_set_new(json_object_get(event.get(), "result"), "streams", lines().release());
    push(transaction, std::move(event), std::move(jsep));
}

}  // namespace plugin
