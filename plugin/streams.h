// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gst/feed_description.h"
#include "gst/feed_uri.h"
#include "plugin/lane_feeds.h"
#include "plugin/membership.h"

namespace plugin {

/// A stream of another node as it comes in here: once, however many watch.
struct IncomingStream {
    federation::FeedAddress address;
    federation::SubscriptionId subscription;
    std::shared_ptr<RemoteFeed> source;
    gst::FeedDescription about;
    bool described = false;
};

/// Somebody who watches a stream. Told on the loop.
class StreamWatcher {
public:
    virtual ~StreamWatcher() = default;
    /// What it is; again when it is another one.
    virtual void described(const std::shared_ptr<const IncomingStream>& stream) = 0;
    /// It is gone, or cannot be had; the last that is told of it. May come from within `Streams::watch`.
    virtual void gone(federation::Reason reason) = 0;
};

/// The streams that come in from other nodes, and who watches each. On the loop.
class Streams {
public:
    Streams(Membership& member, Outbox& outbox) : member_(member), outbox_(outbox) {}
    ~Streams();
    Streams(const Streams&) = delete;
    Streams& operator=(const Streams&) = delete;

    /// Of several publishers of one name the earliest; the next one with another `attempt`.
    void watch(const gst::FeedUri& uri, std::size_t attempt, const std::shared_ptr<StreamWatcher>& watcher);
    /// Who leaves as the last one ends it. Unknown ones are ignored.
    void leave(const StreamWatcher& watcher);

    // What the federation tells.
    void on(const federation::StreamFound& event);
    void on(const federation::SubscriptionProceeding& event);
    void on(const federation::SubscriptionAccepted& event);
    void on(const federation::SubscriptionChanged& event);
    void on(const federation::SubscriptionEnded& event);
    template <class Other>
    void on(const Other& /*event*/) {}
    /// The lanes to this node are dead.
    void trunk_failed(const dht::NodeId& peer);

    [[nodiscard]] std::size_t size() const { return streams_.size(); }
    /// [{"server":NodeID,"stream":NAME,"viewers":…,"packets-received":…},…]
    [[nodiscard]] Json info() const;

private:
    struct Shared {
        std::shared_ptr<IncomingStream> stream;
        std::vector<std::weak_ptr<StreamWatcher>> watchers;
    };
    using Key = std::pair<dht::NodeId, std::string>;
    void join(const Key& key, const std::shared_ptr<StreamWatcher>& watcher);
    void describe(const federation::SubscriptionId& subscription, const std::string& about);
    [[nodiscard]] std::map<Key, Shared>::iterator find(const federation::SubscriptionId& subscription);
    /// Tells the other side and who watches.
    void fail(const federation::SubscriptionId& subscription, federation::Reason reason);

    Membership& member_;
    Outbox& outbox_;
    std::map<Key, Shared> streams_;
    struct Search {
        std::weak_ptr<StreamWatcher> watcher;
        std::size_t attempt = 0;
    };
    std::map<std::uint64_t, Search> searches_;
};

}  // namespace plugin
