// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/subscriber.h"

#include <algorithm>

#include "plugin/request.h"

namespace plugin {

using namespace room_request;

Subscriber::Subscriber(RoomHost& host, std::shared_ptr<const ClientLine> line, SubscriberMedia& media,
                       std::shared_ptr<Room> room, std::function<void()> left)
    : host_(host),
      line_(std::move(line)),
      media_(media),
      room_(std::move(room)),
      left_(std::move(left)),
      session_(host.chance() >> 2U) {
    room_->watch(*this);
}

Subscriber::~Subscriber() {
    destroy();
}

void Subscriber::destroy() {
    if (std::exchange(over_, true)) return;
    for (auto& line : lines_) disconnect(line);
    media_.on_estimate({});
    media_.streams({});
    room_->unwatch(*this);
}

// ---- What it watches

Subscriber::Line* Subscriber::find(const std::string& mid) {
    const auto found = std::ranges::find(lines_, mid, &Line::mid);
    return found == lines_.end() ? nullptr : &*found;
}

Subscriber::Line& Subscriber::line_for(Kind kind) {
    const auto free =
        std::ranges::find_if(lines_, [&](const Line& line) { return line.kind == kind && !line.active; });
    if (free != lines_.end()) {
        free->send = true;
        free->aim = {};
        free->least_delay = free->most_delay = -1;
        return *free;
    }
    Line line;
    line.kind = kind;
    line.mid = std::to_string(lines_.size());
    if (kind != Kind::data) {
        const auto told = [&host = host_, weak = weak_from_this(), line = line_, room = room_->id,
                           mid = line.mid](const char* what, int layer) {
            host.post_to_loop([weak, mid] {
                const auto self = weak.lock();
                const auto* which = self ? self->find(mid) : nullptr;
                if (const auto feed = which ? which->feed.lock() : nullptr) feed->reconsider();
            });
            Json event = room_event("event", room);
            set_string(event.get(), "mid", mid);
            json_object_set_new(event.get(), what, json_integer(layer));
            line->push_soon(std::move(event));
        };
        line.sink = std::make_shared<SubscriberStream>(line_, static_cast<int>(lines_.size()),
                                                       kind == Kind::video, told, estimate_);
    }
    lines_.push_back(std::move(line));
    return lines_.back();
}

void Subscriber::connect(Line& line, const std::shared_ptr<Feed>& feed) {
    line.feed = feed;
    line.payload_type = types_.of(line.source);
    line.red = line.source.red != 0 ? types_.of("red", "") : -1;
    line.sink->payload_types({line.payload_type, line.red});
    line.sink->take(feed, line.source.mindex, e2ee_);
    line.sink->aim(aim_of(line));
    line.sink->playout_delay(line.least_delay, line.most_delay);
    feed->attach(line.source.mindex, line.sink);
}

void Subscriber::disconnect(Line& line) {
    line.active = line.ready = false;
    if (line.sink) {
        line.sink->open(false);
        if (const auto feed = line.feed.lock()) feed->detach(line.sink);
    }
    for (const auto& [id, weak] : line.data_sources)
        if (const auto feed = weak.lock()) feed->detach(media_.data());
    line.data_sources.clear();
    line.feed.reset();
}

void Subscriber::add(const Participant& publisher, const FeedStream& stream, const Source& source) {
    e2ee_ |= publisher.e2ee;
    Line& line = line_for(stream.kind);
    line.active = true;
    line.ready = false;
    line.publisher = publisher.id;
    line.display = publisher.display;
    line.source = stream;
    line.crossrefid = source.crossrefid;
    apply(line, source);
    connect(line, publisher.feed);
}

void Subscriber::add_data(const Participant& publisher, const FeedStream& stream) {
    // All channels of a PeerConnection are in one m-line.
    const auto existing = std::ranges::find(lines_, Kind::data, &Line::kind);
    Line& line = existing == lines_.end() ? line_for(Kind::data) : *existing;
    if (!line.data_sources.try_emplace(publisher.id, publisher.feed).second) return;
    pending_ |= !line.active;
    line.active = true;
    line.publisher = publisher.id;
    line.display = publisher.display;
    line.source = stream;
    publisher.feed->attach(stream.mindex, media_.data());
}

bool Subscriber::subscribe(const Source& source) {
    const auto publisher = room_->find(source.feed);
    if (!publisher || !publisher->feed) return false;
    bool found = false;
    for (const auto& stream : publisher->feed->streams()) {
        if (source.mid && *source.mid != stream.mid) continue;
        found = true;
        if (stream.disabled) continue;
        if (lines_.size() >= mlines_max) return found;
        if (stream.data())
            add_data(*publisher, stream);
        else {
            add(*publisher, stream, source);
            pending_ = true;
        }
    }
    publish_sinks();
    return found;
}

void Subscriber::unsubscribe(const Sink& sink) {
    for (auto& line : lines_) {
        if (!line.active || (sink.sub_mid && *sink.sub_mid != line.mid)) continue;
        if (line.kind == Kind::data && sink.feed) {
            const auto source = line.data_sources.find(*sink.feed);
            if (source == line.data_sources.end()) continue;
            if (const auto feed = source->second.lock()) feed->detach(media_.data());
            line.data_sources.erase(source);
            continue;  // the channel stays: its end would be a negotiation for nothing
        }
        if (sink.feed && *sink.feed != line.publisher) continue;
        if (sink.feed && sink.mid && *sink.mid != line.source.mid) continue;
        disconnect(line);
        pending_ = true;
    }
    publish_sinks();
}

void Subscriber::publish_sinks() {
    std::vector<std::shared_ptr<SubscriberStream>> sinks;
    sinks.reserve(lines_.size());
    for (const auto& line : lines_) sinks.push_back(line.sink);
    media_.streams(std::move(sinks));
}

void Subscriber::apply(Line& line, const Target& target) {
    line.send = target.send.value_or(line.send);
    line.aim.substream = target.substream.value_or(target.spatial_layer.value_or(line.aim.substream));
    line.aim.temporal = target.temporal.value_or(target.temporal_layer.value_or(line.aim.temporal));
    if (target.fallback)
        line.aim.fallback = target.fallback->count() == 0 ? LayerSelector::Aim{}.fallback : *target.fallback;
    if (target.min_delay) line.least_delay = static_cast<int>(*target.min_delay);
    if (target.max_delay) line.most_delay = static_cast<int>(*target.max_delay);
}

LayerSelector::Aim Subscriber::aim_of(const Line& line) {
    auto aim = line.aim;
    // Clients name a layer in space as they name a substream.
    int& size = line.source.svc ? aim.spatial : aim.substream;
    size = std::min(line.aim.substream, line.fits.size);
    aim.temporal = std::min(aim.temporal, line.fits.temporal);
    return aim;
}

void Subscriber::estimated(ReceiverLimit::By by, std::uint32_t bits_per_second, dht::Time now) {
    if (over_ || paused_) return;
    limit_.take(by, bits_per_second, now);
    std::uint64_t rest = 0;
    std::vector<Line*> pictures;
    std::vector<LayerBudget::Picture> asked;
    for (auto& line : lines_) {
        if (!line.sink || !line.active || !line.ready || !line.send) continue;
        const auto& rates = line.sink->rates(now);
        if (line.kind != Kind::video) {
            rest += rates.bits[0];
            continue;
        }
        pictures.push_back(&line);
        const bool sized = line.source.simulcast || line.source.svc;
        asked.push_back({rates, {line.aim.substream, line.aim.temporal}, line.source.svc, sized});
    }
    const auto shares = budget_.share(limit_.bits_per_second(now), rest, asked, now);
    for (std::size_t i = 0; i < shares.size(); ++i) {
        auto& line = *pictures[i];
        if (std::exchange(line.fits, shares[i]) == shares[i]) continue;
        line.sink->aim(aim_of(line));
        if (const auto feed = line.feed.lock()) feed->reconsider();
    }
}

void Subscriber::set_open(Line& line) const {
    if (!line.sink) return;
    line.sink->wants(line.send && !paused_);
    line.sink->open(up_ && line.active && line.ready && line.send && !paused_);
    if (const auto feed = line.feed.lock()) feed->reconsider();
}

// ---- Offers

Json Subscriber::make_offer() {
    answered_ = false;
    pending_ = false;
    std::vector<OfferedStream> offered;
    for (const auto& line : lines_) {
        OfferedStream stream{line.kind,
                             line.mid,
                             line.active,
                             line.source,
                             line.payload_type,
                             line.red,
                             room_->settings.transport_wide_cc_ext};
        if (use_msid_) stream.msid = "janus" + line.publisher.text() + " janus" + line.mid;
        offered.push_back(std::move(stream));
    }
    Json jsep = make_jsep("offer", subscribe_offer(offered, session_, ++version_));
    if (e2ee_) json_object_set_new(jsep.get(), "e2ee", json_true());
    if (std::exchange(restart_, false)) json_object_set_new(jsep.get(), "restart", json_true());
    return jsep;
}

Subscriber::Told Subscriber::offer(const char* name, bool changed) {
    Told told{room_event(name, room_->id), nullptr};
    if (!changed) return told;
    if (!answered_) {
        told.event = room_event("updating", room_->id);
        return told;
    }
    told.jsep = make_offer();
    json_object_set_new(told.event.get(), "streams", streams().release());
    return told;
}

void Subscriber::offer_again() {
    if (!pending_ || !answered_ || over_) return;
    auto told = offer("updated", true);
    line_->push({}, std::move(told.event), std::move(told.jsep));
}

Json Subscriber::info(const Line& line, int mindex) const {
    Json info{json_object()};
    json_t* object = info.get();
    json_object_set_new(object, "type", json_string(kind_name(line.kind)));
    json_object_set_new(object, "active", json_boolean(line.active));
    json_object_set_new(object, "mindex", json_integer(mindex));
    set_string(object, "mid", line.mid);
    if (!line.crossrefid.empty()) set_string(object, "crossrefid", line.crossrefid);
    json_object_set_new(object, "ready", json_boolean(line.ready));
    json_object_set_new(object, "send", json_boolean(line.send));
    if (!line.active) return info;
    if (line.kind == Kind::data) {
        json_t* ids = json_array();
        for (const auto& [id, feed] : line.data_sources) json_array_append_new(ids, id.json());
        json_object_set_new(object, "sources",
                            json_integer(static_cast<json_int_t>(line.data_sources.size())));
        json_object_set_new(object, "source_ids", ids);
        return info;
    }
    json_object_set_new(object, "feed_id", line.publisher.json());
    if (!line.display.empty()) set_string(object, "feed_display", line.display);
    set_string(object, "feed_mid", line.source.mid);
    if (!line.source.description.empty()) set_string(object, "feed_description", line.source.description);
    set_string(object, "codec", line.source.codec);
    if (!line.source.h264_profile.empty()) set_string(object, "h264-profile", line.source.h264_profile);
    if (!line.source.vp9_profile.empty()) set_string(object, "vp9-profile", line.source.vp9_profile);
    if (line.source.simulcast)
        json_object_set_new(object, "simulcast",
                            json_pack("{sisisisi}", "substream", line.sink->substream(), "substream-target",
                                      line.aim.substream, "temporal-layer", line.sink->temporal(),
                                      "temporal-layer-target", line.aim.temporal));
    if (line.source.svc)
        json_object_set_new(object, "svc",
                            json_pack("{sisisisi}", "spatial-layer", line.sink->spatial(),
                                      "spatial-layer-target", line.aim.substream, "temporal-layer",
                                      line.sink->temporal(), "temporal-layer-target", line.aim.temporal));
    return info;
}

Json Subscriber::streams() const {
    Json list{json_array()};
    for (std::size_t i = 0; i < lines_.size(); ++i)
        json_array_append_new(list.get(), info(lines_[i], static_cast<int>(i)).release());
    return list;
}

// ---- From Janus

void Subscriber::media_up() {
    up_ = true;
    for (auto& line : lines_) set_open(line);
}

void Subscriber::media_gone() {
    up_ = false;
    destroy();
}

void Subscriber::slow_link(int mindex, bool video, bool uplink) {
    if (!uplink) return;  // it is we who send
    Json event = room_event("slow_link", room_->id);
    json_object_set_new(event.get(), "media", json_string(video ? "video" : "audio"));
    json_object_set_new(event.get(), "mindex", json_integer(mindex));
    line_->push({}, std::move(event));
}

// ---- From the room

void Subscriber::feed_changed(const Participant& publisher) {
    bool gone = false;
    for (auto& line : lines_) {
        if (!line.active || line.publisher != publisher.id || line.kind == Kind::data) continue;
        line.display = publisher.display;
        const auto* stream = publisher.feed->stream(line.source.mid);
        if (!stream || stream->disabled) {
            disconnect(line);
            gone = pending_ = true;
            continue;
        }
        line.source.description = stream->description;
    }
    if (gone && autoupdate_) offer_again();
}

void Subscriber::feed_gone(const Id& publisher) {
    bool gone = false;
    for (auto& line : lines_) {
        line.data_sources.erase(publisher);
        if (!line.active || line.publisher != publisher || line.kind == Kind::data) continue;
        disconnect(line);
        gone = pending_ = true;
    }
    publish_sinks();
    if (gone && autoupdate_) offer_again();
}

void Subscriber::room_gone() {
    const auto keep = shared_from_this();
    if (over_) return;
    destroy();
    line_->close_pc();
    left_();
}

}  // namespace plugin
