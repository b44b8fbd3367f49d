// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "dht/time.h"
#include "gst/data_message.h"
#include "plugin/extensions.h"
#include "plugin/feed_stream.h"
#include "plugin/keyframes.h"
#include "plugin/layer_selector.h"
#include "plugin/rtp.h"

namespace plugin {

class Feed;

/// A packet on its way from a feed to those who take it.
struct FeedPacket {
    const Feed* feed;
    const FeedStream& stream;
    std::optional<int> layer;  ///< of a simulcast, 0 the smallest picture
    RtpPacket parsed;
    /// May be written over, by one after the other: whoever does restores it.
    std::span<std::uint8_t> octets;
    std::string_view codec;  ///< of this packet: "red" for what is repeated
    janus_plugin_rtp_extensions extensions;
    dht::Time now;
};

/// Who takes what one m-line of a feed brings. On the thread that brings it.
class FeedSink {
public:
    virtual ~FeedSink() = default;
    virtual void packet(const FeedPacket& packet) = 0;
    virtual void data(const gst::DataMessage& /*message*/) {}
    /// Of a simulcast the layers that it has a use for, a bit for each; of anything else, whether it has.
    [[nodiscard]] virtual unsigned layers() const { return (1U << simulcast_layers) - 1; }
    /// Whether a picture that came now would be shown: one that comes too soon is lost, and the next is not
    /// made at once.
    [[nodiscard]] virtual bool waits() const { return true; }
};

/// What one publisher sends, wherever it is: its m-lines, and who takes each. Described, attached to and
/// detached from on the loop; packets come from one thread at a time, and see an immutable snapshot.
class Feed {
public:
    /// `ask` is called, from any thread, when the publisher is to send a keyframe; not too often.
    explicit Feed(std::function<void(int mindex)> ask) : ask_(std::move(ask)) {}

    // On the loop.
    /// What its m-lines are from now on; sinks stay.
    void describe(std::vector<FeedStream> streams);
    [[nodiscard]] const std::vector<FeedStream>& streams() const { return streams_; }
    [[nodiscard]] const FeedStream* stream(const std::string& mid) const;
    void attach(int mindex, const std::shared_ptr<FeedSink>& sink);
    void detach(const std::shared_ptr<FeedSink>& sink);
    /// To these m-lines and no others from now on; of those that it is attached to it misses nothing.
    void attach_only(const std::set<int>& mindexes, const std::shared_ptr<FeedSink>& sink);
    /// Everybody: it is over.
    void detach_all();
    /// How many take an m-line.
    [[nodiscard]] std::size_t sinks(int mindex) const;
    /// What all of them have a use for, by m-line.
    [[nodiscard]] std::map<int, unsigned> wish() const;
    /// The m-lines of which somebody waits for a picture.
    [[nodiscard]] std::set<int> waiting() const;
    /// Called when that may have changed.
    void on_demand(std::function<void()> demand) { demand_ = std::move(demand); }
    void reconsider() const {
        if (demand_) demand_();
    }

    // From any thread.
    void rtp(int mindex, std::optional<int> layer, std::span<std::uint8_t> packet, dht::Time now);
    void data(const gst::DataMessage& message);
    /// Many requests become one (keyframes.h).
    void want_keyframe(int mindex);

private:
    struct Output {
        FeedStream stream;
        MLine mline;
        std::vector<std::shared_ptr<FeedSink>> sinks;
    };
    using Outputs = std::vector<Output>;
    [[nodiscard]] std::shared_ptr<const Outputs> outputs() const;
    void swap(std::shared_ptr<const Outputs> outputs);
    /// Whether the publisher is to be asked for a keyframe now.
    bool is_due(const Output& output, std::optional<int> layer, std::span<const std::uint8_t> packet,
                dht::Time now);

    std::function<void(int)> ask_;
    std::function<void()> demand_;
    KeyframeRequests keyframes_;
    std::vector<FeedStream> streams_;
    mutable std::mutex mutex_;  ///< held for one pointer copy
    std::shared_ptr<const Outputs> outputs_ = std::make_shared<Outputs>();
};

}  // namespace plugin
