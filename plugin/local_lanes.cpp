// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/local_lanes.h"

#include <atomic>
#include <mutex>

namespace plugin {

/// Both ends of a lane. The mutex is held for one pointer copy.
struct LocalLanes::Pair {
    std::mutex mutex;
    std::array<std::shared_ptr<gst::LaneReceiver>, 2> receivers;

    std::shared_ptr<gst::LaneReceiver> receiver(std::size_t end) {
        const std::lock_guard lock{mutex};
        return receivers.at(end);
    }
};

class LocalLanes::End final : public gst::Lane {
public:
    End(std::shared_ptr<Pair> pair, std::size_t end) : pair_(std::move(pair)), end_(end) {}
    ~End() override {
        std::shared_ptr<gst::LaneReceiver> receiver;  // let go outside the lock
        const std::lock_guard lock{pair_->mutex};
        pair_->receivers.at(end_).swap(receiver);
    }

    bool send(gst::PacketKind kind, std::uint8_t stream, std::span<const std::uint8_t> packet) override {
        const auto peer = pair_->receiver(1 - end_);
        auto& count = peer ? sent_ : dropped_;
        count.fetch_add(1, std::memory_order_relaxed);
        if (peer) peer->receive(kind, stream, packet);
        return peer != nullptr;
    }

    [[nodiscard]] gst::LaneStats stats() const override {
        gst::LaneStats stats;
        stats.packets_sent = sent_;
        stats.packets_dropped = dropped_;
        return stats;
    }

private:
    std::shared_ptr<Pair> pair_;
    const std::size_t end_;
    std::atomic<std::uint64_t> sent_{0}, dropped_{0};
};

std::shared_ptr<gst::Lane> LocalLanes::open(federation::LaneId lane, std::shared_ptr<gst::LaneReceiver> receiver) {
    std::erase_if(pairs_, [](const auto& entry) { return entry.second.expired(); });
    auto pair = pairs_[lane].lock();
    if (!pair) pairs_[lane] = pair = std::make_shared<Pair>();
    const std::lock_guard lock{pair->mutex};
    for (std::size_t end = 0; end < pair->receivers.size(); ++end) {
        if (pair->receivers.at(end)) continue;
        pair->receivers.at(end) = std::move(receiver);
        return std::make_shared<End>(pair, end);
    }
    return nullptr;
}

std::size_t LocalLanes::size() {
    std::erase_if(pairs_, [](const auto& entry) { return entry.second.expired(); });
    return pairs_.size();
}

}  // namespace plugin
