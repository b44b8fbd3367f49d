// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/elements/fanout.h"

#include <utility>

namespace elements {

Fanout::Fanout() : thread_([this] { send_all(); }) {}

Fanout::~Fanout() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void Fanout::add(const std::string& viewer, std::shared_ptr<gst::Lane> lane) {
    std::shared_ptr<const Lanes> before;  // let go outside the lock: closing a lane takes others
    const std::lock_guard lock{mutex_};
    auto after = std::make_shared<Lanes>(*lanes_);
    after->insert_or_assign(viewer, std::move(lane));
    before = std::exchange(lanes_, std::move(after));
}

void Fanout::remove(const std::string& viewer) {
    std::shared_ptr<const Lanes> before;
    const std::lock_guard lock{mutex_};
    auto after = std::make_shared<Lanes>(*lanes_);
    after->erase(viewer);
    before = std::exchange(lanes_, std::move(after));
}

std::size_t Fanout::viewers() const {
    const std::lock_guard lock{mutex_};
    return lanes_->size();
}

gst::LaneStats Fanout::lane_stats(const std::string& viewer) const {
    std::shared_ptr<const Lanes> lanes;
    {
        const std::lock_guard lock{mutex_};
        lanes = lanes_;
    }
    const auto found = lanes->find(viewer);
    return found == lanes->end() ? gst::LaneStats{} : found->second->stats();
}

void Fanout::push(gst::PacketKind kind, std::uint8_t stream, std::vector<std::uint8_t> packet) {
    {
        const std::lock_guard lock{mutex_};
        ++stats_.packets;
        stats_.octets += packet.size();
        if (lanes_->empty()) return;
        if (queue_.size() >= packets_max) {
            stats_.dropped += queue_.size();
            queue_.clear();
        }
        queue_.push_back({kind, stream, std::move(packet)});
    }
    wake_.notify_one();
}

FanoutStats Fanout::stats() const {
    const std::lock_guard lock{mutex_};
    return stats_;
}

void Fanout::send_all() {
    for (std::vector<Packet> batch;; batch.clear()) {
        std::shared_ptr<const Lanes> lanes;
        {
            std::unique_lock lock{mutex_};
            wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
            if (stopping_) return;
            batch.swap(queue_);
            lanes = lanes_;
        }
        // Packet by packet, so that no viewer waits for a whole picture of another's.
        for (const auto& packet : batch)
            for (const auto& [viewer, lane] : *lanes) lane->send(packet.kind, packet.stream, packet.octets);
    }
}

}  // namespace elements
