// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/local_lanes.h"

#include <atomic>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace gst {

/// Both ends of a lane.
struct LocalLanes::Pair {
    /// A data message that waits.
    struct Waiting {
        std::string label, protocol;
        bool binary = false;
        std::vector<std::uint8_t> bytes;

        [[nodiscard]] DataMessage view() const { return {label, protocol, binary, bytes}; }
    };
    struct Side {
        /// Held while the receiver is called, so that closing waits for a call in progress; recursive, so
        /// that the receiver may close its own end.
        std::recursive_mutex receiving;
        std::shared_ptr<LaneReceiver> receiver;  ///< nullptr: not open
        std::atomic<std::uint64_t> received{0};

        bool was_open = false;
        bool accepts_data = false;
        std::vector<Waiting> waiting{};
        std::atomic<std::size_t> waiting_bytes{0};

        void drained() {
            std::shared_ptr<LaneReceiver> to;  // let go outside the lock
            const std::lock_guard lock{receiving};
            to = receiver;
            if (to) to->data_drained();
        }

        /// Under the lock.
        DataVerdict keep(const DataMessage& message) {
            const auto bytes = waiting_bytes + message.bytes.size() + message.label.size() +
                               message.protocol.size() + sizeof(Waiting);
            if (bytes > data_buffered_max) return DataVerdict::full;
            waiting_bytes = bytes;
            waiting.push_back({std::string{message.label},
                               std::string{message.protocol},
                               message.binary,
                               {message.bytes.begin(), message.bytes.end()}});
            return DataVerdict::taken;
        }
    };
    std::array<Side, 2> sides;
};

class LocalLanes::End final : public Lane {
public:
    End(std::shared_ptr<Pair> pair, std::size_t end) : pair_(std::move(pair)), end_(end) {}
    ~End() override {
        std::shared_ptr<LaneReceiver> receiver;  // let go outside the lock
        const std::lock_guard lock{own().receiving};
        own().receiver.swap(receiver);
    }
    End(const End&) = delete;
    End& operator=(const End&) = delete;

    bool send(PacketKind kind, std::uint8_t stream, std::span<const std::uint8_t> packet) override {
        auto& peer = pair_->sides.at(1 - end_);
        std::shared_ptr<LaneReceiver> receiver;  // let go outside the lock
        const std::lock_guard lock{peer.receiving};
        receiver = peer.receiver;
        auto& count = receiver ? sent_ : dropped_;
        count.fetch_add(1, std::memory_order_relaxed);
        if (!receiver) return false;
        peer.received.fetch_add(1, std::memory_order_relaxed);
        receiver->receive(kind, stream, packet);
        return true;
    }

    DataVerdict send_data(const DataMessage& message) override {
        if (!fits(message)) return DataVerdict::too_big;
        auto& peer = pair_->sides.at(1 - end_);
        std::shared_ptr<LaneReceiver> receiver;  // let go outside the lock
        const std::lock_guard lock{peer.receiving};
        receiver = peer.receiver;
        if (!receiver && peer.was_open) return DataVerdict::closed;
        if (!receiver || !peer.accepts_data) return peer.keep(message);
        receiver->receive_data(message);
        return DataVerdict::taken;
    }

    void accept_data() override {
        const auto pair = pair_;  // the receiver may close this very end
        auto& side = pair->sides.at(end_);
        std::size_t waited = 0;
        {
            std::shared_ptr<LaneReceiver> receiver;  // let go outside the lock
            const std::lock_guard lock{side.receiving};
            receiver = side.receiver;
            side.accepts_data = true;
            waited = side.waiting_bytes.exchange(0);
            // What another thread sends meanwhile waits for the lock, and so comes behind these.
            for (const auto& message : std::exchange(side.waiting, {}))
                if (side.receiver) receiver->receive_data(message.view());
        }
        if (waited > data_buffered_low) pair->sides.at(1 - end_).drained();
    }

    [[nodiscard]] std::size_t data_buffered() const override {
        return pair_->sides.at(1 - end_).waiting_bytes;
    }

    [[nodiscard]] LaneStats stats() const override {
        LaneStats stats;
        stats.packets_sent = sent_;
        stats.packets_received = own().received;
        stats.packets_dropped = dropped_;
        return stats;
    }

private:
    [[nodiscard]] Pair::Side& own() const { return pair_->sides.at(end_); }

    std::shared_ptr<Pair> pair_;
    const std::size_t end_;
    std::atomic<std::uint64_t> sent_{0}, dropped_{0};
};

std::shared_ptr<Lane> LocalLanes::open(federation::LaneId lane, std::shared_ptr<LaneReceiver> receiver) {
    std::erase_if(pairs_, [](const auto& entry) { return entry.second.expired(); });
    auto pair = pairs_[lane].lock();
    if (!pair) pairs_[lane] = pair = std::make_shared<Pair>();
    for (std::size_t end = 0; end < pair->sides.size(); ++end) {
        auto& side = pair->sides.at(end);
        const std::lock_guard lock{side.receiving};
        if (side.receiver) continue;
        side.receiver = std::move(receiver);
        side.received = 0;
        side.was_open = true;
        side.accepts_data = false;
        return std::make_shared<End>(pair, end);
    }
    return nullptr;
}

std::size_t LocalLanes::size() {
    std::erase_if(pairs_, [](const auto& entry) { return entry.second.expired(); });
    return pairs_.size();
}

}  // namespace gst
