// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "gst/trunks.h"
#include "plugin/conversation.h"
#include "plugin/data_outlet.h"
#include "plugin/gateway.h"
#include "plugin/keyframes.h"
#include "plugin/layer_map.h"
#include "plugin/layer_selector.h"
#include "plugin/mlines.h"
#include "plugin/outbox.h"
#include "plugin/recording.h"
#include "plugin/remb.h"
#include "plugin/stream.h"

namespace plugin {

/// The media of one handle: what the browser sends goes into a lane, what the lane brings goes to the
/// browser. The lane leads to another handle of this server or through the trunk; here it is all one.
///
/// The loop connects and disconnects; packets come on Janus's and GStreamer's threads and see an
/// immutable `Path`, swapped whole under a mutex that is held for one pointer copy.
class Media final : public gst::LaneReceiver, public MediaPort {
public:
    Media(Gateway& gateway, Outbox& outbox, std::shared_ptr<Handle> handle,
          std::shared_ptr<Outbox::Queue> queue);

    // On the loop.
    void connect(std::shared_ptr<gst::Lane> lane, std::vector<MLine> mlines);
    /// The m-lines as they are agreed, or offered, now. The lane and the recording stay.
    void renegotiated(std::vector<MLine> mlines);
    /// No packet of the old lane reaches the browser afterwards, and what is recorded is closed. The controls
    /// are as at the start.
    void disconnect();
    [[nodiscard]] bool connected() const;
    [[nodiscard]] std::vector<MLine> mlines() const;
    [[nodiscard]] gst::LaneStats stats() const;
    /// Which m-lines this browser simulcasts, by its last description.
    void simulcasts(std::vector<SimulcastMedia> media);
    /// Which layers this browser is to get. What is not said stays.
    struct Wish {
        std::optional<int> substream, temporal;
        std::optional<std::chrono::microseconds> fallback;
    };
    void aim(const Wish& wish);
    /// What the browser sends, from now on; nullptr ends it.
    void record(std::shared_ptr<Recording> recording);
    [[nodiscard]] std::shared_ptr<Recording> recording() const;
    /// The layers that come through: by m-line, substream and temporal.
    [[nodiscard]] std::map<int, std::pair<int, int>> layers() const;

    // From Janus, on the handle's thread.
    void incoming_rtp(janus_plugin_rtp& packet) override;
    void incoming_rtcp(const janus_plugin_rtcp& packet) override;
    void incoming_data(const janus_plugin_data& message) override;
    void data_ready() override;
    void data_closed() override;

    /// From the lane.
    void receive(gst::PacketKind kind, std::uint8_t stream, std::span<const std::uint8_t> packet) override;
    void receive_data(const gst::DataMessage& message) override;
    void available_changed(std::uint64_t bits_per_second) override;

    /// What is called, by a worker of the outbox, when a message could not be kept: the channel is no longer
    /// reliable. On the loop, before `connect`.
    void on_data_lost(std::function<void()> lost) {
        if (!data_lost_) data_lost_ = std::move(lost);  // packets may be on their way from the first call on
    }

    /// Whether this browser's packets are relayed, and the most it may send (0: no cap).
    std::atomic<bool> audio_active{true};
    std::atomic<bool> video_active{true};
    std::atomic<std::uint32_t> bitrate{0};

    void send_pli();
    /// Tells the browser the most that it should send: its cap, what the lane carries, and what the other
    /// browser says that it can receive, whichever is least.
    void send_remb();

private:
    struct Path {
        std::shared_ptr<gst::Lane> lane;
        std::vector<MLine> mlines;
        std::shared_ptr<Recording> recording;
    };

    [[nodiscard]] std::shared_ptr<const Path> path() const;
    void swap(std::shared_ptr<const Path> path);
    /// The layer of a packet from the browser. False: it simulcasts, and this belongs to no layer that we
    /// know.
    bool classify(const janus_plugin_rtp& packet, std::optional<int>& layer);
    void send_pli(int mindex);
    void relay_rtp(const Path& path, Stream stream, std::span<const std::uint8_t> packet);
    void relay_layer(const Path& path, Stream stream, const RtpPacket& parsed,
                     std::span<const std::uint8_t> packet);
    /// `frame`: another number of the dependency descriptor's.
    void relay_to_browser(const MLine& mline, int mindex, const RtpPacket& parsed,
                          std::span<const std::uint8_t> packet,
                          std::optional<std::uint16_t> frame = std::nullopt);
    void relay_rtcp(const MLine& mline, int mindex, std::span<const std::uint8_t> packet);
    void flush_data();
    void lose_data(const char* why);
    [[nodiscard]] std::uint32_t most_to_send() const;
    /// Asks the browser at the other end.
    void request_keyframe(const Path& path, int mindex);
    void tell_layer(std::string_view codec, const char* what, int layer);

    Gateway& gateway_;
    Outbox& outbox_;
    std::shared_ptr<Handle> handle_;
    std::shared_ptr<Outbox::Queue> queue_;
    /// What goes into the lane from elsewhere than the browser's thread. Not from within `receive`: the
    /// lane's other end may be receiving as well, each waiting for the other.
    std::shared_ptr<Outbox::Queue> lane_queue_ = Outbox::make_queue();
    mutable std::mutex mutex_;
    std::shared_ptr<const Path> path_;

    std::shared_ptr<DataOutlet> data_ = std::make_shared<DataOutlet>();
    std::shared_ptr<Outbox::Queue> data_queue_ = Outbox::make_queue();  ///< keeps messages in order
    std::function<void()> data_lost_;

    KeyframeRequests keyframes_;  ///< to this browser

    std::atomic<std::uint64_t> carried_{gst::unlimited};  ///< by the lane
    std::atomic<bool> remb_due_{false};  ///< there is a limit of which the browser was not told
    mutable std::mutex limiting_;        ///< guards `receiver_limit_`, held for a look
    ReceiverLimit receiver_limit_;

    std::atomic<bool> simulcasting_{false};
    std::mutex mapping_;  ///< guards `map_`, held for a look-up
    LayerMap map_;

    mutable std::mutex selecting_;  ///< guards what follows, held while a packet is judged
    LayerSelector::Aim aim_;
    struct Selected {
        LayerSelector selector;
        std::string codec;
    };
    std::map<int, Selected> selectors_;  ///< by m-line, those that come in layers
};

}  // namespace plugin
