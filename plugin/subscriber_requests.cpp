// SPDX-License-Identifier: GPL-3.0-or-later
/// What a subscriber's client asks for.
#include "plugin/subscriber.h"

#include <algorithm>

#include "federation/glib/loop.h"
#include "plugin/request.h"

namespace plugin {

using namespace room_request;

Subscriber::Outcome Subscriber::join(const Join& request) {
    media_.on_estimate(
        [&host = host_, weak = weak_from_this()](ReceiverLimit::By by, std::uint32_t bits_per_second) {
            host.post_to_loop([weak, by, bits_per_second] {
                if (const auto self = weak.lock()) self->estimated(by, bits_per_second, glib::now().time);
            });
        },
        estimate_);
    use_msid_ = request.use_msid;
    autoupdate_ = request.autoupdate;
    std::vector<Source> wanted = request.streams;
    if (wanted.empty() && request.feed) {
        legacy_ = true;
        const auto publisher = room_->find(*request.feed);
        const auto streams =
            publisher && publisher->feed ? publisher->feed->streams() : std::vector<FeedStream>{};
        for (const auto& stream : streams) {
            const bool take = stream.kind == Kind::audio ? request.audio
                              : stream.video()           ? request.video
                                                         : request.data;
            if (!take) continue;
            Source source;
            static_cast<Target&>(source) = request.target;
            source.feed = *request.feed;
            source.mid = stream.mid;
            wanted.push_back(std::move(source));
        }
        if (wanted.empty())
            return RoomError{RoomCode::no_such_feed, "No such feed (" + request.feed->text() + ")",
                             "no-such-feed"};
    }
    bool found = false;
    for (const auto& source : wanted) found |= subscribe(source);
    if (!found)
        return RoomError{RoomCode::no_such_feed, "No such feed (" + wanted.front().feed.text() + ")",
                         "no-such-feed"};
    if (lines_.empty())
        return RoomError{RoomCode::invalid_feed, "Can't offer an SDP with no stream", "nothing-to-offer"};
    Told told = offer("attached", true);
    if (legacy_) {
        json_object_set_new(told.event.get(), "id", request.feed->json());
        if (!lines_.front().display.empty()) set_string(told.event.get(), "display", lines_.front().display);
    }
    return told;
}

Subscriber::Outcome Subscriber::start(const json_t* jsep) {
    if (jsep) {
        const auto parsed = parse_jsep(jsep);
        const auto* answer = std::get_if<Jsep>(&parsed);
        const auto answers = answer ? parse_sdp_lines(answer->sdp) : std::nullopt;
        if (!answers) return RoomError{RoomCode::invalid_sdp, "Invalid SDP", "invalid-sdp"};
        if (answer->type != "answer")
            return RoomError{RoomCode::invalid_sdp_type, "Invalid SDP type (" + answer->type + ")",
                             "invalid-sdp-type"};
        answered_ = true;
        for (std::size_t i = 0; i < lines_.size() && i < answers->size(); ++i) {
            auto& line = lines_[i];
            // What came after the offer is not agreed yet.
            line.ready = line.active && !(*answers)[i].rejected && (*answers)[i].receives;
            if (!line.sink) continue;
            if (line.red >= 0 && !(*answers)[i].format("red")) line.red = -1;
            line.sink->payload_types({line.payload_type, line.red});
        }
    }
    if (!jsep) paused_ = false;
    for (auto& line : lines_) set_open(line);
    Told told{room_event("event", room_->id), nullptr};
    json_object_set_new(told.event.get(), "started", json_string("ok"));
    if (answered_ && pending_)
        host_.run_later({}, [weak = weak_from_this()] {
            if (const auto self = weak.lock()) self->offer_again();
        });
    return told;
}

Subscriber::Outcome Subscriber::pause() {
    paused_ = true;
    for (auto& line : lines_) set_open(line);
    Told told{room_event("event", room_->id), nullptr};
    json_object_set_new(told.event.get(), "paused", json_string("ok"));
    return told;
}

Subscriber::Outcome Subscriber::update(const Update& request) {
    const bool was_pending = std::exchange(pending_, false);
    for (const auto& sink : request.unsubscribe) unsubscribe(sink);
    for (const auto& source : request.subscribe) subscribe(source);
    const bool changed = pending_;
    pending_ |= was_pending;
    return offer("updated", changed);
}

Subscriber::Outcome Subscriber::change(const Switch& request) {
    std::vector<Source> wanted = request.streams;
    if (wanted.empty() && request.feed) {
        // As of old: each m-line to the stream of its kind.
        const auto publisher = room_->find(*request.feed);
        if (!publisher || !publisher->feed)
            return RoomError{RoomCode::no_such_feed, "No such feed (" + request.feed->text() + ")",
                             "no-such-feed"};
        for (const auto& line : lines_)
            for (const auto& stream : publisher->feed->streams())
                if (line.active && line.kind == stream.kind && !stream.disabled) {
                    Source source;
                    source.feed = *request.feed;
                    source.mid = stream.mid;
                    source.sub_mid = line.mid;
                    wanted.push_back(std::move(source));
                    break;
                }
    }
    int changes = 0;
    for (const auto& source : wanted) {
        Line* line = find(source.sub_mid.value_or(""));
        const auto publisher = room_->find(source.feed);
        if (!publisher || !publisher->feed)
            return RoomError{RoomCode::no_such_feed, "No such feed (" + source.feed.text() + ")",
                             "no-such-feed"};
        const auto* stream = publisher->feed->stream(source.mid.value_or(""));
        if (!line || !line->sink || !stream || stream->disabled || stream->kind != line->kind) continue;
        // Its browser was offered one codec; another would be another picture to it.
        if (line->active && types_.of(*stream) != line->payload_type) continue;
        if (const auto feed = line->feed.lock()) feed->detach(line->sink);
        pending_ |= !line->active;
        line->active = true;
        line->publisher = publisher->id;
        line->display = publisher->display;
        const int red = line->red;
        line->source = *stream;
        apply(*line, source);
        connect(*line, publisher->feed);
        if (line->ready)
            line->sink->payload_types({line->payload_type, line->red = std::min(red, line->red)});
        if (line->kind == Kind::video) line->sink->want_keyframe();
        set_open(*line);
        ++changes;
    }
    publish_sinks();
    Told told = offer("event", pending_ && answered_);
    json_object_set_new(told.event.get(), "switched", json_string("ok"));
    json_object_set_new(told.event.get(), "changes", json_integer(changes));
    json_object_set_new(told.event.get(), "streams", streams().release());
    return told;
}

Subscriber::Outcome Subscriber::configure(const Configure& request) {
    for (const auto& wish : request.streams) {
        for (auto& line : lines_) {
            // Without a mid: what there is of the kind.
            if (wish.mid ? *wish.mid != line.mid : line.kind == Kind::data) continue;
            const auto aim = line.aim;
            apply(line, wish);
            if (!line.sink) continue;
            line.sink->aim(aim_of(line));
            line.sink->playout_delay(line.least_delay, line.most_delay);
            set_open(line);
            const bool more = aim.substream < line.aim.substream || aim.temporal < line.aim.temporal;
            const bool other = more || (!line.source.svc && aim.substream != line.aim.substream);
            if (other && line.ready && line.kind == Kind::video) line.sink->want_keyframe();
            // As VideoRoom does: what is so already is told at once.
            const auto tell = [&](const char* what, const std::optional<int>& wished, int is) {
                if (wished != is) return;
                Json event = room_event("event", room_->id);
                set_string(event.get(), "mid", line.mid);
                json_object_set_new(event.get(), what, json_integer(is));
                line_->push({}, std::move(event));
            };
            if (line.source.simulcast) {
                tell("substream", wish.substream, line.sink->substream());
                tell("temporal", wish.temporal, line.sink->temporal());
            }
            if (line.source.svc) {
                tell("spatial_layer", wish.spatial_layer, line.sink->spatial());
                tell("temporal_layer", wish.temporal_layer, line.sink->temporal());
            }
        }
    }
    const auto kinds = {std::pair{Kind::audio, request.publish.audio},
                        std::pair{Kind::video, request.publish.video}};
    for (const auto& [kind, send] : kinds)
        for (auto& line : lines_)
            if (send && line.kind == kind) {
                line.send = *send;
                set_open(line);
            }
    Told told{room_event("event", room_->id), nullptr};
    json_object_set_new(told.event.get(), "configured", json_string("ok"));
    if (request.restart && answered_) {
        restart_ = true;
        told.jsep = make_offer();
    }
    return told;
}

Subscriber::Outcome Subscriber::leave() {
    Told told{room_event("event", room_->id), nullptr};
    json_object_set_new(told.event.get(), "left", json_string("ok"));
    destroy();
    line_->close_pc();
    return told;
}

}  // namespace plugin
