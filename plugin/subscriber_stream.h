// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

#include "plugin/client_line.h"
#include "plugin/feed.h"
#include "plugin/layer_meter.h"
#include "plugin/layer_selector.h"
#include "plugin/receiver_estimate.h"
#include "plugin/renumbering.h"

namespace plugin {

/// What one m-line of a subscriber's browser gets: one stream without a seam, whichever feed and layer it
/// comes from. Pictures begin at a keyframe.
class SubscriberStream final : public FeedSink {
public:
    /// Told from a media thread: "substream" or "temporal" is this from now on, of a stream in layers (SVC)
    /// "spatial_layer" or "temporal_layer".
    using LayerTold = std::function<void(const char* what, int layer)>;

    /// `estimate` is told of what is sent.
    SubscriberStream(std::shared_ptr<const ClientLine> line, int mindex, bool video, LayerTold told,
                     std::shared_ptr<ReceiverEstimate> estimate = nullptr)
        : line_(std::move(line)),
          mindex_(mindex),
          video_(video),
          told_(std::move(told)),
          estimate_(std::move(estimate)) {}

    struct PayloadTypes {
        int media = -1, red = -1;  ///< -1: it is not taken
    };

    // On the loop.
    /// From which m-line of which feed, from now on; attach it there. `whole`: begins at any packet.
    void take(const std::shared_ptr<Feed>& feed, int mindex, bool whole);
    void payload_types(PayloadTypes types);
    void aim(const LayerSelector::Aim& aim);
    /// In units of 10 ms; -1: as the publisher says.
    void playout_delay(int least, int most);
    /// False: paused, or not wanted for the moment.
    void wants(bool wants) { wants_ = wants; }
    /// Whether packets go to the browser. Opening asks for a keyframe.
    void open(bool open);
    /// The layers that come through; -1: none yet.
    [[nodiscard]] int substream() const;
    [[nodiscard]] int spatial() const;
    [[nodiscard]] int temporal() const;
    [[nodiscard]] std::uint64_t packets() const { return packets_; }
    /// Of what comes from the feed, by layer.
    const LayerRates& rates(dht::Time now) { return meter_.rates(now); }

    // From any thread.
    void want_keyframe();

    void packet(const FeedPacket& packet) override;
    [[nodiscard]] unsigned layers() const override;
    [[nodiscard]] bool waits() const override { return open_; }

private:
    struct Edit {
        std::uint8_t payload_type = 0;
        std::uint16_t sequence = 0;
        std::uint32_t timestamp = 0;
        LayerSelector::Verdict verdict;
        int least_delay = -1, most_delay = -1;
    };
    /// Under the lock. False: it goes no further.
    bool judge(const FeedPacket& packet, Edit& edit);
    void hurry(const FeedPacket& packet, Edit& edit);
    void restart();
    void tell(const FeedPacket& packet, const LayerSelector::Verdict& verdict) const;
    void relay(const FeedPacket& packet, const Edit& edit);

    std::shared_ptr<const ClientLine> line_;
    const int mindex_;
    const bool video_;
    LayerTold told_;
    const std::shared_ptr<ReceiverEstimate> estimate_;
    std::atomic<bool> open_{false}, wants_{true};
    std::atomic<std::uint64_t> packets_{0};
    LayerMeter meter_;

    mutable std::mutex mutex_;  ///< guards what follows, held while a packet is judged
    std::weak_ptr<Feed> feed_;
    const Feed* source_ = nullptr;
    int source_mindex_ = 0;
    bool whole_ = false, svc_ = false;
    PayloadTypes types_;
    LayerSelector::Aim aim_;
    LayerSelector selector_;
    Renumbering numbers_;
    int least_delay_ = -1, most_delay_ = -1;
    bool fresh_ = true;                   ///< the first picture of this source is not over yet
    std::optional<std::uint32_t> first_;  ///< its timestamp, as it goes out
    dht::Time hurried_until_{};           ///< so long the browser is told that the hurry is over
};

}  // namespace plugin
