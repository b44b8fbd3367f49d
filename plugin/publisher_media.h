// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include "plugin/client_line.h"
#include "plugin/conversation.h"
#include "plugin/feed.h"
#include "plugin/layer_map.h"
#include "plugin/recording.h"
#include "plugin/talking.h"

namespace plugin {

/// What one publisher's browser sends, on its way into the feed. The loop connects; packets come on the
/// handle's thread and see an immutable path.
class PublisherMedia final : public MediaPort {
public:
    /// Told from the handle's thread.
    using TalkingTold = std::function<void(int mindex, const Talking::Change& change)>;

    explicit PublisherMedia(std::shared_ptr<const ClientLine> line) : line_(std::move(line)) {}

    // On the loop.
    struct Levels {
        std::uint32_t packets = 0, threshold = 0;  ///< of no packets: nobody listens
        TalkingTold told{};
        std::map<int, int> extensions{};  ///< by m-line: the id under which the level comes
    };
    void connect(std::shared_ptr<Feed> feed, Levels levels);
    void disconnect();
    /// As Janus has read it from the last offer.
    void simulcasts(std::vector<SimulcastMedia> media);
    void record(std::shared_ptr<Recording> recording);
    [[nodiscard]] std::shared_ptr<Recording> recording() const;
    void mute(int mindex, bool muted);
    [[nodiscard]] bool muted(int mindex) const { return (muted_ & bit(mindex)) != 0; }
    /// The most that the browser is to send, in bits per second; 0: no cap.
    void cap(std::uint32_t bits_per_second);

    // From Janus.
    void incoming_rtp(janus_plugin_rtp& packet) override;
    void incoming_rtcp(const janus_plugin_rtcp& /*packet*/) override {}
    void incoming_data(const janus_plugin_data& message) override;
    void data_ready() override {}
    void data_closed() override {}

private:
    struct Path {
        std::shared_ptr<Feed> feed;
        std::shared_ptr<Recording> recording;
        Levels levels;
    };
    static std::uint64_t bit(int mindex) { return std::uint64_t{1} << static_cast<unsigned>(mindex); }
    [[nodiscard]] std::shared_ptr<const Path> path() const;
    void swap(std::shared_ptr<const Path> path);
    bool classify(const janus_plugin_rtp& packet, std::span<const std::uint8_t> octets,
                  std::optional<int>& layer);
    void listen(const Path& path, int mindex, std::span<const std::uint8_t> octets);
    void remind(dht::Time now);

    std::shared_ptr<const ClientLine> line_;
    std::atomic<std::uint64_t> muted_{0};  ///< a bit for each m-line
    std::atomic<std::uint32_t> cap_{0};
    mutable std::mutex mutex_;
    std::shared_ptr<const Path> path_;
    std::atomic<bool> simulcasting_{false};
    std::mutex mapping_;  ///< guards `map_`, held for a look-up
    LayerMap map_;
    std::map<int, Talking> talking_;  ///< of the handle's thread
    dht::Time reminded_{};            ///< the same
};

}  // namespace plugin
