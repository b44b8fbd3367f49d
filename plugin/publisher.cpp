// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/publisher.h"

#include <strings.h>

#include <algorithm>

#include "plugin/publish_answer.h"

namespace plugin {

using room_request::Publish;

namespace {

/// What Janus has read of layers that depend on each other: [{"mindex":…,"svc":"L3T3"},…]
std::vector<int> svc_of(const json_t* jsep) {
    std::vector<int> mindexes;
    const json_t* list = json_object_get(jsep, "svc");
    for (std::size_t i = 0; i < std::min(json_array_size(list), mlines_max); ++i)
        mindexes.push_back(
            static_cast<int>(json_integer_value(json_object_get(json_array_get(list, i), "mindex"))));
    return mindexes;
}

/// Of a name in a file's name: what would lead into another folder.
std::string harmless(std::string name) {
    std::ranges::replace(name, '/', '_');
    return name;
}

}  // namespace

Publisher::Publisher(RoomHost& host, std::shared_ptr<const ClientLine> line, PublisherMedia& media,
                     std::shared_ptr<Room> room, std::function<void()> left)
    : host_(host),
      line_(std::move(line)),
      media_(media),
      room_(std::move(room)),
      left_(std::move(left)),
      session_(host.chance() >> 2U),
      bitrate_(room_->settings.bitrate),
      record_(room_->settings.record) {}

std::variant<Publisher::Configured, RoomError> Publisher::configure(const Publish& request,
                                                                    const json_t* jsep) {
    if (request.publishes && own_)
        return RoomError{RoomCode::already_published, "Can't publish, already published",
                         "already-published"};
    if (request.publishes && !jsep) return RoomError{RoomCode::invalid_sdp, "Missing SDP", "missing-sdp"};
    if (auto error = apply(request)) return std::move(*error);
    if (jsep) return negotiate(request, jsep);
    Configured configured{room_event("event", room_->id), nullptr};
    json_object_set_new(configured.event.get(), "configured", json_string("ok"));
    return configured;
}

std::optional<RoomError> Publisher::apply(const Publish& request) {
    const auto& settings = room_->settings;
    if (request.record && settings.lock_record && request.secret != settings.secret)
        return RoomError{RoomCode::unauthorized, "Recording is locked: show the room's secret",
                         "unauthorized"};
    if (request.bitrate) {
        const bool capped = settings.bitrate_cap && settings.bitrate > 0;
        bitrate_ = *request.bitrate;
        if (capped) bitrate_ = bitrate_ == 0 ? settings.bitrate : std::min(bitrate_, settings.bitrate);
        media_.cap(bitrate_);
    }
    if (request.filename) filename_ = *request.filename;
    if (request.audio_active_packets) active_packets_ = request.audio_active_packets;
    if (request.audio_level_average) level_average_ = request.audio_level_average;
    if (request.display) display = *request.display;
    if (request.metadata) metadata = request.metadata;
    for (const auto& [mid, text] : request.descriptions) descriptions_[mid] = text;
    if (request.keyframe) ask_keyframes();
    for (const auto& stream : own_ ? own_->streams() : std::vector<FeedStream>{}) {
        const auto& kind = stream.kind == SdpLine::Kind::audio ? request.audio
                           : stream.video()                    ? request.video
                                                               : request.data;
        if (kind)
            *kind ? static_cast<void>(muted_.erase(stream.mid))
                  : static_cast<void>(muted_.insert(stream.mid));
        for (const auto& [mid, keyframe, send] : request.streams) {
            if (mid != stream.mid) continue;
            if (keyframe && stream.video()) line_->send_pli(stream.mindex);
            if (send) *send ? static_cast<void>(muted_.erase(mid)) : static_cast<void>(muted_.insert(mid));
        }
        mute(stream.mindex);
    }
    if (request.record) record(*request.record);
    const bool said = request.display || request.metadata || !request.descriptions.empty();
    if (said && own_) {
        auto streams = own_->streams();
        for (auto& stream : streams) stream.description = descriptions_[stream.mid];
        own_->describe(std::move(streams));
        if (feed) room_->published(*this);
    }
    if (said && !own_) room_->renamed(*this);
    return std::nullopt;
}

std::variant<Publisher::Configured, RoomError> Publisher::negotiate(const Publish& request,
                                                                    const json_t* jsep) {
    closing_ = false;
    const auto parsed = parse_jsep(jsep);
    const auto* offer = std::get_if<Jsep>(&parsed);
    const auto lines = offer ? parse_sdp_lines(offer->sdp) : std::nullopt;
    if (!lines) return RoomError{RoomCode::invalid_sdp, "Invalid SDP", "invalid-sdp"};
    if (strcasecmp(offer->type.c_str(), "offer") != 0)
        return RoomError{RoomCode::invalid_sdp_type, "Invalid SDP type (" + offer->type + ")",
                         "invalid-sdp-type"};
    if (room_->settings.require_e2ee && !offer->e2ee)
        return RoomError{RoomCode::unauthorized, "End-to-end encryption is required in this room",
                         "e2ee-required"};
    if (!own_ && room_->publishing() >= room_->settings.publishers)
        return RoomError{RoomCode::publishers_full,
                         "Maximum number of publishers (" + std::to_string(room_->settings.publishers) +
                             ") already reached",
                         "publishers-full"};
    PublishAnswer answer =
        answer_offer(*lines, room_->settings, {request.audiocodec, request.videocodec, svc_of(jsep)},
                     session_, ++version_);
    for (const auto& simulcast : offer->simulcast)
        if (simulcast.mindex >= 0 && static_cast<std::size_t>(simulcast.mindex) < answer.streams.size()) {
            auto& stream = answer.streams[static_cast<std::size_t>(simulcast.mindex)];
            stream.simulcast = true;
            stream.svc = false;  // its sizes come one by one
        }
    for (auto& stream : answer.streams) {
        stream.description = descriptions_[stream.mid];
        stream.moderated = moderated_.contains(stream.mid);
        const bool listened = room_->settings.audiolevel_event && stream.audio_level != 0;
        if (listened) stream.talking = false;
    }
    e2ee = offer->e2ee;
    media_.simulcasts(offer->simulcast);
    const bool first = !own_;
    if (first) own_ = std::make_shared<Feed>([line = line_](int mindex) { line->send_pli(mindex); });
    own_->describe(answer.streams);
    connect();
    if (first && record_) record(true);
    if (first) media_.cap(bitrate_);
    if (feed) room_->published(*this);

    Configured configured{room_event("event", room_->id), make_jsep("answer", answer.sdp)};
    if (e2ee) json_object_set_new(configured.jsep.get(), "e2ee", json_true());
    json_object_set_new(configured.event.get(), "configured", json_string("ok"));
    if (!answer.audio_codec.empty()) set_string(configured.event.get(), "audio_codec", answer.audio_codec);
    if (!answer.video_codec.empty()) set_string(configured.event.get(), "video_codec", answer.video_codec);
    json_t* streams = json_array();
    for (const auto& stream : answer.streams) json_array_append_new(streams, to_json(stream).release());
    json_object_set_new(configured.event.get(), "streams", streams);
    return configured;
}

void Publisher::connect() {
    PublisherMedia::Levels levels;
    const auto& settings = room_->settings;
    if (settings.audiolevel_event) {
        levels.packets = std::max(1U, active_packets_.value_or(settings.audio_active_packets));
        levels.threshold = level_average_.value_or(settings.audio_level_average);
        levels.told = [&host = host_, weak = weak_from_this()](int mindex, const Talking::Change& change) {
            host.post_to_loop([weak, mindex, change] {
                if (const auto self = weak.lock()) self->talked(mindex, change);
            });
        };
    }
    for (const auto& stream : own_->streams()) {
        if (stream.audio_level != 0) levels.extensions[stream.mindex] = stream.audio_level;
        mute(stream.mindex);
    }
    media_.connect(own_, std::move(levels));
}

void Publisher::mute(int mindex) {
    const auto& mid = own_->streams()[static_cast<std::size_t>(mindex)].mid;
    media_.mute(mindex, muted_.contains(mid) || moderated_.contains(mid));
}

void Publisher::media_up() {
    if (!own_ || feed) return;
    feed = own_;
    room_->published(*this);
    repeat_keyframes(++keyframe_run_);
}

void Publisher::repeat_keyframes(unsigned run) {
    if (!feed || run != keyframe_run_ || room_->settings.fir_freq == 0) return;
    host_.run_later(std::chrono::seconds{room_->settings.fir_freq}, [weak = weak_from_this(), run] {
        const auto self = weak.lock();
        if (!self || !self->feed || run != self->keyframe_run_) return;
        self->ask_keyframes();
        self->repeat_keyframes(run);
    });
}

void Publisher::ask_keyframes() const {
    for (const auto& stream : own_ ? own_->streams() : std::vector<FeedStream>{})
        if (stream.video() && !stream.disabled) line_->send_pli(stream.mindex);
}

void Publisher::stop_publishing() {
    own_ = nullptr;
    ++keyframe_run_;
    media_.disconnect();
    muted_.clear();
    if (feed) room_->unpublished(*this);
}

void Publisher::media_gone() {
    if (std::exchange(closing_, false)) return;
    if (own_) stop_publishing();
}

std::optional<RoomError> Publisher::unpublish() {
    if (!own_) return RoomError{RoomCode::not_published, "Can't unpublish, not published", "not-published"};
    closing_ = true;
    stop_publishing();
    line_->close_pc();
    return std::nullopt;
}

void Publisher::leave() {
    if (own_) {
        stop_publishing();
        line_->close_pc();
    }
    room_->remove(*this, "leaving");
}

void Publisher::slow_link(int mindex, bool video, bool uplink) {
    if (uplink) return;
    Json event = room_event("slow_link", room_->id);
    json_object_set_new(event.get(), "media", json_string(video ? "video" : "audio"));
    json_object_set_new(event.get(), "mindex", json_integer(mindex));
    if (video) json_object_set_new(event.get(), "current-bitrate", json_integer(bitrate_));
    line_->push({}, std::move(event));
}

void Publisher::tell(const json_t* event) {
    line_->push({}, Json{json_deep_copy(event)});
    const char* name = json_string_value(json_object_get(event, "videoroom"));
    if (!name || strcmp(name, "destroyed") != 0) return;
    // The room is gone, and so are we.
    const auto keep = shared_from_this();
    if (own_) {
        feed = nullptr;
        own_ = nullptr;
        media_.disconnect();
        line_->close_pc();
    }
    left_();
}

bool Publisher::kick() {
    const auto keep = shared_from_this();
    Json event = room_event("event", room_->id);
    json_object_set_new(event.get(), "leaving", json_string("ok"));
    json_object_set_new(event.get(), "reason", json_string("kicked"));
    line_->push({}, std::move(event));
    if (own_) {
        stop_publishing();
        line_->close_pc();
    }
    room_->remove(*this, "kicked");
    left_();
    return true;
}

bool Publisher::moderate(const std::string& mid, bool muted) {
    const auto* stream = own_ ? own_->stream(mid) : nullptr;
    if (!stream) return false;
    if (stream->moderated == muted) return true;
    muted ? static_cast<void>(moderated_.insert(mid)) : static_cast<void>(moderated_.erase(mid));
    auto streams = own_->streams();
    for (auto& each : streams)
        if (each.mid == mid) each.moderated = muted;
    const int mindex = stream->mindex;
    own_->describe(std::move(streams));
    mute(mindex);
    Json event = room_event("event", room_->id);
    json_object_set_new(event.get(), "id", id.json());
    set_string(event.get(), "mid", mid);
    json_object_set_new(event.get(), "moderation", json_string(muted ? "muted" : "unmuted"));
    for (const auto& [name, participant] : room_->participants()) participant->tell(event.get());
    room_->renamed(*this);
    return true;
}

void Publisher::record(bool on) {
    record_ = on;
    if (!own_) return;
    if (!on) return media_.record(nullptr);
    if (media_.recording()) return;
    std::vector<MLine> mlines;
    for (const auto& stream : own_->streams()) mlines.push_back(mline_of(stream));
    const auto& folder = room_->settings.rec_dir;
    std::string name = filename_;
    if (name.empty())
        name = "videoroom-" + harmless(room_->id.text()) + "-user-" + harmless(id.text()) + "-" +
               std::to_string(g_get_real_time());
    if (!folder.empty()) name = folder + "/" + harmless(name);
    media_.record(host_.record_feed(name, mlines, e2ee));
    ask_keyframes();  // one that begins between two keyframes begins with nothing
}

void Publisher::talked(int mindex, const Talking::Change& change) {
    if (!feed || static_cast<std::size_t>(mindex) >= own_->streams().size()) return;
    auto streams = own_->streams();
    auto& stream = streams[static_cast<std::size_t>(mindex)];
    stream.talking = change.talking;
    Json event = room_event(change.talking ? "talking" : "stopped-talking", room_->id);
    json_object_set_new(event.get(), "id", id.json());
    json_object_set_new(event.get(), "mindex", json_integer(mindex));
    set_string(event.get(), "mid", stream.mid);
    json_object_set_new(event.get(), "audio-level-dBov-avg", json_real(change.average));
    own_->describe(std::move(streams));
    for (const auto& [name, participant] : room_->participants()) participant->tell(event.get());
    room_->renamed(*this);
}

}  // namespace plugin
