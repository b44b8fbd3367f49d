// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "plugin/conversation.h"
#include "plugin/data_channel.h"
#include "plugin/receiver_estimate.h"
#include "plugin/remb.h"
#include "plugin/subscriber_stream.h"

namespace plugin {

/// What one subscriber's browser says back: that it wants a keyframe, that its data channel has room.
class SubscriberMedia final : public MediaPort {
public:
    explicit SubscriberMedia(std::shared_ptr<const ClientLine> line)
        : data_(std::make_shared<DataChannel>(std::move(line))) {}

    /// On the loop: whom each m-line comes from; null where nothing can be asked.
    void streams(std::vector<std::shared_ptr<SubscriberStream>> streams);
    [[nodiscard]] const std::shared_ptr<DataChannel>& data() const { return data_; }
    /// Told on the handle's thread how many bits per second the browser can receive: as it says itself
    /// (REMB), or as its feedback shows of what `sent` was told of.
    using Estimated = std::function<void(ReceiverLimit::By by, std::uint32_t bits_per_second)>;
    void on_estimate(Estimated estimated, std::shared_ptr<ReceiverEstimate> sent = nullptr);

    void incoming_rtp(janus_plugin_rtp& /*packet*/) override {}
    void incoming_rtcp(const janus_plugin_rtcp& packet) override;
    void incoming_data(const janus_plugin_data& /*message*/) override {}
    void data_ready() override { data_->ready(); }
    void data_closed() override { data_->close(); }

private:
    void listen(std::span<const std::uint8_t> rtcp);

    using Streams = std::vector<std::shared_ptr<SubscriberStream>>;
    std::shared_ptr<DataChannel> data_;
    std::mutex mutex_;  ///< held for one pointer copy
    struct Listener {
        Estimated estimated;
        std::shared_ptr<ReceiverEstimate> sent;
    };
    std::shared_ptr<const Listener> listener_;
    std::shared_ptr<const Streams> streams_ = std::make_shared<Streams>();
};

}  // namespace plugin
