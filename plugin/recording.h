// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plugin/layer_selector.h"
#include "plugin/mlines.h"
#include "plugin/outbox.h"

namespace plugin {

/// What one browser sends, in Janus's own .mjr files: the first m-line each of audio, video and data. Packets
/// are copied and queued; the disk is met by a worker of `disk`, so that a slow one holds up no media. The
/// files are closed, after what is queued, when this is destroyed.
class Recording {
public:
    /// Packets that wait for the disk, some seconds of a call: beyond, they are left out and counted.
    static constexpr int queued_max = 8192;

    /// The files are called `base` followed by -audio, -video, -data and .mjr. A relative path begins where
    /// Janus was started.
    Recording(Outbox& disk, const std::string& base, const std::vector<MLine>& mlines, bool encrypted);
    ~Recording();
    Recording(const Recording&) = delete;
    Recording& operator=(const Recording&) = delete;

    /// From the browser's thread. Of a simulcast the largest layer that comes is recorded.
    void save_rtp(int mindex, std::optional<int> layer, std::span<const std::uint8_t> packet, dht::Time now);
    void save_data(std::span<const std::uint8_t> message);

    /// "audio", "video", "data": the files that are written.
    [[nodiscard]] const std::map<std::string, std::string>& names() const { return names_; }
    /// Packets left out because the disk was too slow.
    [[nodiscard]] std::uint64_t left_out() const { return left_out_; }

private:
    struct File;
    struct Track {
        int mindex;
        MLine mline;
        std::shared_ptr<File> file;
    };

    void begin(const char* kind, int mindex, const MLine& mline, const std::string& base, bool encrypted);
    void save(const Track& track, std::vector<std::uint8_t> octets);

    Outbox& disk_;
    std::shared_ptr<Outbox::Queue> queue_ = Outbox::make_queue();
    std::vector<Track> tracks_;
    std::map<std::string, std::string> names_;
    LayerSelector selector_;  ///< on the browser's thread
    std::shared_ptr<std::atomic<int>> queued_ = std::make_shared<std::atomic<int>>(0);
    std::atomic<std::uint64_t> left_out_{0};
};

}  // namespace plugin
