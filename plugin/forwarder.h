// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <atomic>
#include <mutex>
#include <optional>
#include <string>

#include "plugin/feed.h"
#include "plugin/layer_selector.h"

namespace plugin {

/// Sends what one m-line of a feed brings to a UDP port, as RTP in clear. A packet that the network does not
/// take at once is lost.
class Forwarder final : public FeedSink {
public:
    struct To {
        std::string host;  ///< an address
        std::uint16_t port = 0;
        std::uint32_t ssrc = 0;
        std::optional<std::uint8_t> payload_type{};
        std::optional<int> layer{};  ///< of a simulcast: this one only
        bool selects = false;        ///< of a simulcast: the largest that comes, as one stream
    };
    /// Null if the host is no address, or there is no socket to be had.
    static std::shared_ptr<Forwarder> make(const To& to);
    ~Forwarder() override;
    Forwarder(const Forwarder&) = delete;
    Forwarder& operator=(const Forwarder&) = delete;

    [[nodiscard]] const To& to() const { return to_; }
    void packet(const FeedPacket& packet) override;
    void data(const gst::DataMessage& message) override;

private:
    Forwarder(To to, int socket) : to_(std::move(to)), socket_(socket) {}
    void send(std::span<const std::uint8_t> octets) const;

    const To to_;
    const int socket_;
    std::mutex mutex_;  ///< a feed has one thread; data another
    LayerSelector selector_;
};

}  // namespace plugin
