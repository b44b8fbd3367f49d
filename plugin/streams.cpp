// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/streams.h"

#include <algorithm>

namespace plugin {

using federation::Reason;
using federation::SubscriptionId;

namespace {

/// Publishers of streams send all that they have.
const std::string whole_stream = "{}";

bool is(const std::weak_ptr<StreamWatcher>& one, const StreamWatcher& watcher) {
    return one.lock().get() == &watcher;
}

}  // namespace

Streams::~Streams() {
    for (auto& [key, shared] : streams_) shared.stream->source->close();
}

// ---- Who watches

void Streams::watch(const gst::FeedUri& uri, std::size_t attempt,
                    const std::shared_ptr<StreamWatcher>& watcher) {
    if (uri.server) return join({*uri.server, uri.feed}, watcher);
    // What it finds may be told before `change` is back.
    member_.change([&](auto& server, auto now) {
        searches_[server.lookup_stream(uri.feed, now)] = {watcher, attempt};
    });
}

void Streams::on(const federation::StreamFound& event) {
    const auto search = searches_.extract(event.lookup);
    const auto watcher = search ? search.mapped().watcher.lock() : nullptr;
    if (!watcher) return;
    if (event.servers.empty())
        return watcher->gone(event.reason == Reason::none ? Reason::unknown_feed : event.reason);
    join({event.servers.at(search.mapped().attempt % event.servers.size()), event.stream}, watcher);
}

void Streams::join(const Key& key, const std::shared_ptr<StreamWatcher>& watcher) {
    if (const auto found = streams_.find(key); found != streams_.end()) {
        found->second.watchers.push_back(watcher);
        const auto stream = found->second.stream;
        if (stream->described) watcher->described(stream);
        return;
    }
    auto stream = std::make_shared<IncomingStream>();
    stream->address = {key.first, {}, key.second};
    stream->source = std::make_shared<RemoteFeed>(outbox_);
    (void)stream->source->feed();  // before the first packet comes
    streams_[key] = {stream, {watcher}};
    member_.require_trunk(key.first);
    member_.change([&](auto& server, auto now) {
        stream->subscription = server.subscribe(stream->address, whole_stream, now);
    });
}

void Streams::leave(const StreamWatcher& watcher) {
    std::erase_if(searches_, [&](const auto& entry) { return is(entry.second.watcher, watcher); });
    for (auto entry = streams_.begin(); entry != streams_.end();) {
        auto& [stream, watchers] = entry->second;
        std::erase_if(watchers, [&](const auto& one) { return one.expired() || is(one, watcher); });
        if (!watchers.empty()) {
            ++entry;
            continue;
        }
        const auto ended = stream;
        entry = streams_.erase(entry);
        ended->source->close();
        member_.change([&](auto& server, auto now) {
            server.end_subscription(ended->subscription, Reason::hangup, now);
        });
    }
}

// ---- What the federation tells

std::map<Streams::Key, Streams::Shared>::iterator Streams::find(const SubscriptionId& subscription) {
    return std::ranges::find_if(
        streams_, [&](const auto& entry) { return entry.second.stream->subscription == subscription; });
}

void Streams::on(const federation::SubscriptionProceeding& event) {
    const auto found = find(event.subscription);
    if (found == streams_.end()) return;
    const auto& source = found->second.stream->source;
    auto lane = member_.open_feed_lane(event.peer, event.lane, source);
    if (!lane) return fail(event.subscription, Reason::trunk_failed);
    source->open(std::move(lane));
}

void Streams::on(const federation::SubscriptionAccepted& event) {
    if (const auto found = find(event.subscription); found != streams_.end())
        found->second.stream->source->accepted();
    describe(event.subscription, event.about);
}

void Streams::on(const federation::SubscriptionChanged& event) {
    describe(event.subscription, event.about);
}

void Streams::describe(const SubscriptionId& subscription, const std::string& about) {
    const auto found = find(subscription);
    if (found == streams_.end()) return;
    auto feed = gst::FeedDescription::parse(about);
    if (!feed) {
        JANUS_LOG(LOG_WARN, "[viaduct] stream %s of %s cannot be shown: %s\n", found->first.second.c_str(),
                  found->first.first.hex().c_str(), feed.error().what.c_str());
        return fail(subscription, Reason::protocol_error);
    }
    const auto stream = found->second.stream;
    stream->about = std::move(*feed);
    stream->described = true;
    stream->source->feed()->describe(stream->about.streams);
    const auto watchers = found->second.watchers;  // they may leave
    for (const auto& one : watchers)
        if (const auto watcher = one.lock()) watcher->described(stream);
}

void Streams::fail(const SubscriptionId& subscription, Reason reason) {
    member_.change([&](auto& server, auto now) { server.end_subscription(subscription, reason, now); });
    on(federation::SubscriptionEnded{subscription, reason});
}

void Streams::on(const federation::SubscriptionEnded& event) {
    const auto found = find(event.subscription);
    if (found == streams_.end()) return;
    const auto ended = std::move(found->second);
    streams_.erase(found);
    ended.stream->source->close();
    ended.stream->source->feed()->detach_all();
    for (const auto& one : ended.watchers)
        if (const auto watcher = one.lock()) watcher->gone(event.reason);
}

void Streams::trunk_failed(const dht::NodeId& peer) {
    std::vector<SubscriptionId> ended;
    for (const auto& [key, shared] : streams_)
        if (key.first == peer) ended.push_back(shared.stream->subscription);
    for (const auto& subscription : ended) fail(subscription, Reason::trunk_failed);
}

Json Streams::info() const {
    Json list{json_array()};
    for (const auto& [key, shared] : streams_) {
        const auto received = shared.stream->source->stats().packets_received;
        json_array_append_new(list.get(), json_pack("{sssssIsI}", "server", key.first.hex().c_str(), "stream",
                                                    key.second.c_str(), "viewers",
                                                    static_cast<json_int_t>(shared.watchers.size()),
                                                    "packets-received", static_cast<json_int_t>(received)));
    }
    return list;
}

}  // namespace plugin
