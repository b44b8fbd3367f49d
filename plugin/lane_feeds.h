// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gst/feed_wish.h"
#include "gst/trunks.h"
#include "plugin/feed.h"
#include "plugin/json.h"
#include "plugin/layer_selector.h"
#include "plugin/outbox.h"

namespace plugin {

using gst::FeedWish;

/// A feed of another server, at the end where it comes out of the lane: the loop opens it while somebody
/// watches.
class RemoteFeed final : public gst::LaneReceiver, public std::enable_shared_from_this<RemoteFeed> {
public:
    explicit RemoteFeed(Outbox& outbox) : outbox_(outbox) {}

    // On the loop.
    [[nodiscard]] const std::shared_ptr<Feed>& feed();
    void open(std::shared_ptr<gst::Lane> lane);
    /// Of these m-lines a keyframe is made when the other end opens.
    void subscribed(const std::set<int>& waiting);
    /// The other end is open too: what has been asked of it meanwhile is said now.
    void accepted();
    void close();
    [[nodiscard]] gst::LaneStats stats() const;
    /// What its watchers want, all together.
    [[nodiscard]] FeedWish wish() const;
    /// What a watcher's browser can receive; nothing: whatever comes. A publisher that makes one picture for
    /// all is told the least.
    void limit(const void* watcher, std::optional<std::uint32_t> bits_per_second, dht::Time now);
    [[nodiscard]] std::set<int> waiting() const { return feed_ ? feed_->waiting() : std::set<int>{}; }

    // What was asked for, so far as it is known.
    std::string subscription;
    FeedWish asked;
    bool asking_again = false;

    void receive(gst::PacketKind kind, std::uint8_t stream, std::span<const std::uint8_t> packet) override;
    void receive_data(const gst::DataMessage& message) override;

private:
    /// Browsers say it once a second; many of them need not be told on one by one.
    static constexpr std::chrono::milliseconds limit_interval{500};

    void ask_keyframe(int mindex);
    void send_rtcp(const std::shared_ptr<gst::Lane>& lane, std::uint8_t stream,
                   std::vector<std::uint8_t> packet);
    [[nodiscard]] std::shared_ptr<gst::Lane> lane() const;

    Outbox& outbox_;
    std::shared_ptr<Outbox::Queue> queue_ = Outbox::make_queue();
    std::shared_ptr<Feed> feed_;
    std::map<const void*, std::uint32_t> limits_;
    std::uint32_t limit_told_ = 0;
    dht::Time limit_told_at_{};
    mutable std::mutex mutex_;  ///< held for one pointer copy
    std::shared_ptr<gst::Lane> lane_;
    bool accepted_ = false;
    std::set<int> unsaid_;  ///< keyframes that were asked for before
    std::set<int> coming_;  ///< those that are made anyway
};

/// A feed of ours on its way to another server: once, whoever watches there, and of its layers only those
/// that are wished for, or the next smaller when one does not come.
class LaneSender final : public FeedSink,
                         public gst::LaneReceiver,
                         public std::enable_shared_from_this<LaneSender> {
public:
    LaneSender(const std::shared_ptr<Feed>& feed, const FeedWish& wish) : feed_(feed) { set(wish); }

    // On the loop.
    /// Begins; `lane` may be null, then nothing is sent. A keyframe is made of what somebody waits for.
    void open(std::shared_ptr<gst::Lane> lane, const std::set<int>& waiting);
    void change(const FeedWish& wish, const std::set<int>& waiting);
    void close();
    /// Packets sent, by m-line and layer (0 for what has none).
    [[nodiscard]] std::map<std::pair<int, int>, std::uint64_t> sent() const;
    [[nodiscard]] gst::LaneStats stats() const;

    void packet(const FeedPacket& packet) override;
    void data(const gst::DataMessage& message) override;
    /// The other server's watchers want a keyframe.
    void receive(gst::PacketKind kind, std::uint8_t stream, std::span<const std::uint8_t> packet) override;

private:
    /// A layer that has been silent for so long is done without.
    static constexpr std::chrono::milliseconds silence{250};

    struct Line {
        unsigned wanted = 0;
        std::array<std::optional<dht::Time>, simulcast_layers> seen{};
        std::array<std::uint64_t, simulcast_layers> sent{};
        LayerSelector selector{};  ///< of a picture in layers (SVC)
    };
    void set(const FeedWish& wish);
    void attach();
    [[nodiscard]] static bool passes(const Line& line, int layer, dht::Time now);
    void send_layers(const FeedPacket& packet);

    std::weak_ptr<Feed> feed_;
    mutable std::mutex mutex_;  ///< guards what follows, held for one decision
    std::map<int, Line> lines_;
    std::shared_ptr<gst::Lane> lane_;
};

}  // namespace plugin
