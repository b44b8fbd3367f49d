// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "dht/time.h"
#include "gst/data_message.h"
#include "gst/data_packet.h"
#include "gst/data_window.h"
#include "gst/lane_header.h"

namespace gst {

/// Of one trunk, all lanes together.
constexpr std::size_t data_trunk_buffered_max = 64 * 1024 * 1024;

/// The outgoing data of a trunk's lanes: keeps each message until it has arrived, sends its pieces again
/// where they are missing, and after the trunk has been replaced all that is not acknowledged. Lanes take
/// turns. From any thread.
class DataSender {
public:
    using Push = std::function<void(const LaneHeader&, std::span<const std::uint8_t> body)>;

    explicit DataSender(std::size_t packet_bytes_max) : piece_bytes_(packet_bytes_max - data_header_bytes) {}

    /// Called when `deadline` has to be asked for again, on whatever thread; inside, so it may only post.
    void on_wake(std::function<void()> wake);
    /// The way out from now on; empty: none. Called inside the functions below.
    void set_way(Push push, dht::Time now);

    DataVerdict send(federation::LaneId lane, const DataMessage& message, dht::Time now);
    /// From the peer, so hostile. True when the lane's buffered amount fell to data_buffered_low with it.
    bool acknowledged(federation::LaneId lane, const DataAck& ack, dht::Time now);
    void close(federation::LaneId lane);
    [[nodiscard]] std::size_t buffered(federation::LaneId lane) const;

    [[nodiscard]] std::optional<dht::Time> deadline();
    void advance(dht::Time now);

private:
    using Octets = std::shared_ptr<const std::vector<std::uint8_t>>;
    enum class State { under_way, lost, arrived };

    struct Packet {
        Octets message;
        std::size_t offset = 0, size = 0;
        bool binary = false;
        State state = State::under_way;
        dht::Time sent{};
    };
    struct Message {
        Octets octets;
        bool binary = false;
    };
    struct Queue {
        std::uint16_t first = 0;       ///< the number of the oldest packet below
        std::deque<Packet> packets;    ///< sent and not acknowledged, nor all before them
        std::deque<Message> messages;  ///< not cut to the end; of the first one `cut` octets are
        std::size_t cut = 0, lost = 0, buffered = 0;
        bool waiting = false;  ///< for its turn
    };

    [[nodiscard]] static bool has_work(const Queue& queue);
    void wants_turn(federation::LaneId lane, Queue& queue);
    Queue* whose_turn();
    void pump(dht::Time now);
    std::size_t next_packet(Queue& queue);
    void transmit(federation::LaneId lane, std::uint16_t number, Packet& packet, dht::Time now);
    std::size_t settle(Queue& queue, Packet& packet);
    void find_losses(Queue& queue, dht::Time newest, dht::Time now);
    void lose_everything();
    [[nodiscard]] static std::uint32_t stamp(dht::Time now);

    const std::size_t piece_bytes_;
    mutable std::mutex mutex_;
    std::function<void()> wake_;
    Push push_;
    std::map<federation::LaneId, Queue> queues_;
    std::deque<federation::LaneId> turns_;
    DataWindow window_;
    std::size_t under_way_ = 0, buffered_ = 0;
    dht::Time news_{};    ///< when anything was acknowledged, or begun after silence
    bool awake_ = false;  ///< somebody will ask for the deadline
    std::vector<std::uint8_t> scratch_;
};

}  // namespace gst
