// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/viewer.h"

#include <algorithm>
#include <utility>

#include "federation/glib/loop.h"
#include "plugin/events.h"
#include "plugin/request.h"

namespace plugin {

using federation::Reason;

namespace {

/// Within this time Janus closes a PeerConnection when asked to: its watchdog looks once a second.
constexpr std::chrono::seconds closing_max{2};

WatchError watch_first() {
    return {WatchCode::invalid_state, "Watch a stream first", "watch-first"};
}

}  // namespace

Viewer::Viewer(Streams& streams, RoomHost& host, Gateway& gateway, Outbox& outbox,
               std::shared_ptr<Handle> handle, std::shared_ptr<Outbox::Queue> queue)
    : streams_(streams),
      host_(host),
      line_(std::make_shared<ClientLine>(gateway, outbox, std::move(handle), std::move(queue))),
      media_(line_),
      session_(host.chance() >> 2U) {}

void Viewer::handle(const std::string& transaction, const Json& message, const Json& jsep) {
    if (destroyed_) return;
    transaction_ = transaction;
    jsep_ = jsep.get();
    auto parsed = watch_request::parse(message.get());
    Outcome outcome = Json{};
    if (auto* error = std::get_if<WatchError>(&parsed))
        outcome = std::move(*error);
    else
        outcome = std::visit([this](const auto& request) { return on(request); },
                             std::get<watch_request::Request>(parsed));
    if (const auto* error = std::get_if<WatchError>(&outcome))
        push(transaction, error_of(*error));
    else if (auto& event = std::get<Json>(outcome))
        push(transaction, std::move(event));
    jsep_ = nullptr;
    publish_facts();
}

// ---- From the client

Viewer::Outcome Viewer::on(const watch_request::Watch& request) {
    if (phase_ != Phase::idle)
        return WatchError{WatchCode::invalid_state, "Already watching " + uri_.text(), "already-watching"};
    uri_ = request.uri;
    watch_transaction_ = transaction_;
    phase_ = Phase::seeking;
    tries_ = 0;
    until_ = glib::now().time + patience;
    up_ = paused_ = pending_ = ended_ = false;
    answered_ = true;
    limit_ = {};
    media_.on_estimate(
        [&host = host_, weak = weak_from_this()](ReceiverLimit::By by, std::uint32_t bits_per_second) {
            host.post_to_loop([weak, by, bits_per_second] {
                if (const auto self = weak.lock()) self->estimated(by, bits_per_second);
            });
        },
        estimate_);
    seek();
    return Json{};  // told later
}

Viewer::Outcome Viewer::on(const watch_request::Start& /*request*/) {
    if (phase_ != Phase::watching) return watch_first();
    if (jsep_) {
        if (auto error = take_answer()) return std::move(*error);
    } else if (!answered_) {
        return WatchError{WatchCode::invalid_sdp, "Missing SDP", "missing-sdp"};
    }
    paused_ = false;
    for (auto& line : lines_) set_open(line);
    if (answered_ && pending_)
        host_.run_later({}, [weak = weak_from_this()] {
            const auto self = weak.lock();
            if (self && self->phase_ == Phase::watching && self->pending_ && self->answered_)
                self->offer({}, "updating");
        });
    return status_event(up_ ? "started" : "starting");
}

std::optional<WatchError> Viewer::take_answer() {
    const auto parsed = parse_jsep(jsep_);
    const auto* answer = std::get_if<Jsep>(&parsed);
    const auto answers = answer ? parse_sdp_lines(answer->sdp) : std::nullopt;
    if (!answers || answer->type != "answer")
        return WatchError{WatchCode::invalid_sdp, "Invalid SDP (an answer is expected)", "invalid-sdp"};
    answered_ = true;
    bool any = false, active = false;
    for (std::size_t i = 0; i < lines_.size() && i < answers->size(); ++i) {
        auto& line = lines_[i];
        const auto& said = (*answers)[i];
        line.ready =
            line.active && !said.rejected && said.receives && said.format(line.source.codec) != nullptr;
        if (line.red >= 0 && !said.format("red")) line.red = -1;
        line.sink->payload_types({line.payload_type, line.red});
        any = any || line.ready;
        active = active || line.active;
    }
    if (any || !active) return std::nullopt;
    leave();
    close_pc();
    return watch_error(Reason::incompatible_codecs);
}

Viewer::Outcome Viewer::on(const watch_request::Pause& /*request*/) {
    if (phase_ != Phase::watching) return watch_first();
    paused_ = true;
    if (stream_) stream_->source->limit(this, std::nullopt, glib::now().time);
    for (auto& line : lines_) set_open(line);
    return status_event("pausing");
}

Viewer::Outcome Viewer::on(const watch_request::Stop& /*request*/) {
    if (phase_ == Phase::idle || phase_ == Phase::stopping) return status_event("idle");
    const bool seeking = phase_ == Phase::seeking;
    leave();
    if (seeking) {
        phase_ = Phase::idle;
        push(watch_transaction_, status_event("stopped"));
    } else {
        close_pc();
    }
    return status_event("stopping");
}

// ---- Finding it

void Viewer::seek() {
    streams_.watch(uri_, tries_, shared_from_this());
}

void Viewer::seek_again() {
    host_.run_later(try_again, [weak = weak_from_this(), seek = ++seeks_] {
        const auto self = weak.lock();
        const bool wanted = self && !self->destroyed_ && self->seeks_ == seek && !self->stream_;
        if (wanted && (self->phase_ == Phase::watching || self->phase_ == Phase::seeking)) self->seek();
    });
}

bool Viewer::is_worth_a_try(Reason reason) const {
    switch (reason) {
        case Reason::server_unreachable:
        case Reason::signalling_refused:
        case Reason::trunk_failed:
            return glib::now().time < until_;
        default:
            return !uri_.server && !is_final(reason) && tries_ < tries_of_name;
    }
}

void Viewer::gone(Reason reason) {
    const bool was_there = stream_ != nullptr;
    stream_.reset();
    for (auto& line : lines_) line.connected = false;
    ++tries_;
    if (phase_ == Phase::seeking) {
        if (is_worth_a_try(reason)) return seek_again();
        phase_ = Phase::idle;
        push(watch_transaction_, error_of(watch_error(reason)));
        return publish_facts();
    }
    if (phase_ != Phase::watching) return;
    const auto now = glib::now().time;
    if (was_there) {
        until_ = now + seek_for;
        if (ended_) return finish(Reason::hangup);
        tell("interrupted", reason);
    }
    if (is_final(reason) || now >= until_) return finish(reason);
    seek_again();
    publish_facts();
}

void Viewer::described(const std::shared_ptr<const IncomingStream>& stream) {
    if (phase_ != Phase::seeking && phase_ != Phase::watching) return;
    const bool back = stream_ != stream;
    stream_ = stream;
    ended_ = stream->about.ended;
    tries_ = 0;
    pending_ |= match(stream->about.streams);
    if (phase_ == Phase::seeking) {
        if (lines_.empty()) {
            phase_ = Phase::idle;
            streams_.leave(*this);
            stream_.reset();
            push(watch_transaction_, error_of(watch_error(Reason::incompatible_codecs)));
            return publish_facts();
        }
        phase_ = Phase::watching;
        offer(watch_transaction_, "preparing");
    } else if (ended_) {
        return finish(Reason::hangup);
    } else {
        if (back && up_) tell("started");
        if (pending_ && answered_) offer({}, "updating");
    }
    publish_facts();
}

// ---- The end

void Viewer::leave() {
    for (auto& line : lines_) disconnect(line);
    media_.streams({});
    media_.on_estimate({});
    if (stream_) stream_->source->limit(this, std::nullopt, glib::now().time);
    lines_.clear();
    types_ = {};
    stream_.reset();
    ++seeks_;
    streams_.leave(*this);
}

void Viewer::finish(Reason reason) {
    leave();
    tell("stopped", reason);
    told_end_ = true;
    close_pc();
    publish_facts();
}

void Viewer::close_pc() {
    phase_ = Phase::stopping;
    line_->close_pc();
    // There may be none yet, of whose end we would hear.
    host_.run_later(closing_max, [weak = weak_from_this(), closing = ++closings_] {
        if (const auto self = weak.lock(); self && self->closings_ == closing) self->closed();
    });
}

void Viewer::closed() {
    if (phase_ != Phase::stopping || destroyed_) return;
    phase_ = Phase::idle;
    up_ = false;
    if (!std::exchange(told_end_, false)) tell("stopped");
    publish_facts();
}

void Viewer::destroy() {
    if (std::exchange(destroyed_, true)) return;
    leave();
    phase_ = Phase::idle;
}

// ---- From Janus

void Viewer::media_up() {
    if (phase_ != Phase::watching) return;
    up_ = true;
    for (auto& line : lines_) set_open(line);
    if (stream_) tell("started");
    publish_facts();
}

void Viewer::media_gone() {
    if (destroyed_) return;
    if (phase_ == Phase::watching) {
        leave();
        phase_ = Phase::stopping;
    }
    closed();
}

void Viewer::estimated(ReceiverLimit::By by, std::uint32_t bits_per_second) {
    if (phase_ != Phase::watching || !stream_ || paused_) return;
    const auto now = glib::now().time;
    limit_.take(by, bits_per_second, now);
    stream_->source->limit(this, limit_.ceiling(now), now);
}

void Viewer::slow_link(int mindex, bool video, bool uplink) {
    if (!uplink || phase_ != Phase::watching) return;  // it is we who send
    push({}, Json{json_pack("{sss{sssssi}}", "streaming", "event", "result", "event", "slow_link", "media",
                            video ? "video" : "audio", "mindex", mindex)});
}

void Viewer::push(const std::string& transaction, Json event, Json jsep) {
    if (!destroyed_) line_->push(transaction, std::move(event), std::move(jsep));
}

void Viewer::tell(const char* status, Reason reason) {
    push({}, reason == Reason::none ? status_event(status) : status_event(status, reason));
    const std::string word{reason == Reason::none ? "" : federation::word(reason)};
    line_->notify(word.empty() ? handler_event(status, {{"uri", uri_.text()}})
                               : handler_event(status, {{"uri", uri_.text()}, {"reason_code", word}}));
}

// ---- For handle_info

void Viewer::publish_facts() {
    static constexpr const char* names[] = {"idle", "seeking", "watching", "stopping"};
    Json facts{json_pack("{ssss}", "type", "viewer", "state", names[static_cast<int>(phase_)])};
    if (phase_ != Phase::idle) {
        json_object_set_new(facts.get(), "uri", json_string(uri_.text().c_str()));
        json_object_set_new(facts.get(), "paused", json_boolean(paused_));
        json_object_set_new(facts.get(), "interrupted", json_boolean(phase_ == Phase::watching && !stream_));
        json_object_set_new(facts.get(), "streams", lines().release());
    }
    if (stream_) {
        json_object_set_new(facts.get(), "server", json_string(stream_->address.server.hex().c_str()));
        json_object_set_new(facts.get(), "stream", json_string(stream_->address.feed.c_str()));
        json_object_set_new(facts.get(), "subscription", json_string(stream_->subscription.c_str()));
    }
    std::shared_ptr<json_t> next{facts.release(), json_decref};
    const std::lock_guard lock{facts_mutex_};
    facts_.swap(next);
    source_ = stream_ ? stream_->source : nullptr;
}

Json Viewer::info() const {
    std::unique_lock lock{facts_mutex_};
    Json info{facts_ ? json_deep_copy(facts_.get()) : json_object()};
    const auto source = source_;
    lock.unlock();
    if (!source) return info;
    const auto stats = source->stats();
    json_object_set_new(
        info.get(), "lane",
        json_pack("{sIsIsI}", "packets-received", static_cast<json_int_t>(stats.packets_received),
                  "packets-lost", static_cast<json_int_t>(stats.packets_lost), "packets-repaired",
                  static_cast<json_int_t>(stats.packets_repaired)));
    return info;
}

}  // namespace plugin
