// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "gst/trunks.h"
#include "plugin/gateway.h"
#include "plugin/mlines.h"
#include "plugin/outbox.h"

namespace plugin {

/// The media of one handle: what the browser sends goes into a lane, what the lane brings goes to the
/// browser. The lane leads to another handle of this server or through the trunk; here it is all one.
///
/// The loop connects and disconnects; packets come on Janus's and GStreamer's threads and see an
/// immutable `Path`, swapped whole under a mutex that is held for one pointer copy.
class Media final : public gst::LaneReceiver {
public:
    Media(Gateway& gateway, Outbox& outbox, std::shared_ptr<Handle> handle,
          std::shared_ptr<Outbox::Queue> queue);

    // On the loop.
    void connect(std::shared_ptr<gst::Lane> lane, std::vector<MLine> mlines);
    /// No packet of the old lane reaches the browser afterwards.
    void disconnect();
    [[nodiscard]] bool connected() const;
    [[nodiscard]] gst::LaneStats stats() const;

    // From Janus, on the handle's thread.
    void incoming_rtp(const janus_plugin_rtp& packet);
    void incoming_rtcp(const janus_plugin_rtcp& packet);

    /// From the lane.
    void receive(gst::PacketKind kind, std::uint8_t stream, std::span<const std::uint8_t> packet) override;

    /// Whether this browser's packets are relayed, and the most it may send (0: no cap).
    std::atomic<bool> audio_active{true};
    std::atomic<bool> video_active{true};
    std::atomic<std::uint32_t> bitrate{0};

    void send_pli();
    /// Tells the browser the cap.
    void send_remb();

private:
    struct Path {
        std::shared_ptr<gst::Lane> lane;
        std::vector<MLine> mlines;
    };

    [[nodiscard]] std::shared_ptr<const Path> path() const;
    void relay_rtp(const MLine& mline, std::uint8_t stream, std::span<const std::uint8_t> packet);
    void relay_rtcp(const MLine& mline, std::uint8_t stream, std::span<const std::uint8_t> packet);

    Gateway& gateway_;
    Outbox& outbox_;
    std::shared_ptr<Handle> handle_;
    std::shared_ptr<Outbox::Queue> queue_;
    mutable std::mutex mutex_;
    std::shared_ptr<const Path> path_;
};

}  // namespace plugin
