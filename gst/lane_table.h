// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "gst/control_message.h"
#include "gst/data_sender.h"
#include "gst/outlet.h"
#include "gst/packet_sink.h"
#include "gst/trunks.h"

namespace gst {

struct LaneState;

/// The lanes with one peer and the ways out, one for each connection (shard): what packets meet. A lane sends
/// through one shard, and receives whatever comes through any. Lanes hold the table and may outlive the
/// trunk. From any thread; packets wait for nothing but the copy of a pointer.
class LaneTable final : public std::enable_shared_from_this<LaneTable> {
public:
    /// Of TrunkConfig::shards_max.
    static constexpr unsigned shards_limit = 8;

    LaneTable(std::size_t lanes_max, std::size_t packet_bytes_max, std::size_t lanes_per_shard = SIZE_MAX);

    struct Opened {
        std::shared_ptr<Lane> lane;  ///< nothing if the number is 0 or taken, the table full or ended
        unsigned shard = 0;          ///< the lowest that is up and has room
        bool crowded = false;        ///< there was none with room: time for another
    };
    Opened open(federation::LaneId lane, std::shared_ptr<LaneReceiver> receiver);
    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] std::size_t size(unsigned shard) const;

    /// Where packets of a shard's lanes go from now on; nullptr: they are dropped.
    void set_outlet(unsigned shard, std::shared_ptr<Outlet> outlet);
    /// No lane is good for anything any more.
    void end();
    [[nodiscard]] bool has_ended() const { return ended_; }

    bool send(LaneState& lane, PacketKind kind, std::uint8_t stream, std::span<const std::uint8_t> packet);
    /// What is to be asked of the peer because of it, if anything.
    std::optional<Resend> deliver(const LanePacket& packet, dht::Time now);
    /// The peer asks for it, so hostile.
    void resend(const Resend& wanted, dht::Time now);
    /// The trunk's, as far as it is known.
    void set_round_trip(dht::Duration round_trip) { round_trip_ = round_trip.count(); }
    /// What the peer receives at most through a shard, with all headers: its lanes share it.
    void set_bandwidth(unsigned shard, std::uint32_t bits_per_second, dht::Time now);
    [[nodiscard]] std::uint64_t bandwidth() const;
    void close(LaneState& lane);

    DataVerdict send_data(const LaneState& lane, const DataMessage& message);
    void accept_data(LaneState& lane);
    /// What is on its way out through a shard.
    DataSender& data(unsigned shard) { return shards_.at(shard)->data; }
    [[nodiscard]] std::size_t data_buffered(const LaneState& lane) const;

    /// Counters only.
    std::atomic<std::uint64_t> packets_sent = 0, packets_received = 0, packets_unknown = 0;

private:
    using Lanes = std::unordered_map<federation::LaneId, std::shared_ptr<LaneState>>;

    [[nodiscard]] std::shared_ptr<const Lanes> lanes() const;
    /// One connection's way out.
    struct Shard {
        explicit Shard(std::size_t packet_bytes_max) : data(packet_bytes_max) {}
        std::atomic<std::size_t> lanes = 0;
        DataSender data;

        mutable std::mutex snapshot;  ///< held for one pointer copy
        std::shared_ptr<Outlet> outlet;

        std::mutex sharing;  ///< guards the next two, and who does the sums
        dht::Time shared{};  ///< when it was last done
        std::atomic<std::uint64_t> bandwidth = unlimited, share = unlimited;
    };

    [[nodiscard]] std::shared_ptr<Outlet> outlet(const LaneState& lane) const;
    [[nodiscard]] bool is_up(const Shard& shard) const;
    [[nodiscard]] Opened place() const;
    void tell_share(LaneState& lane, std::uint64_t share);
    std::optional<Resend> deliver_media(LaneState& lane, const LanePacket& packet, dht::Time now);
    void deliver_data(LaneState& lane, const LanePacket& packet);
    void deliver_data_ack(LaneState& lane, const LanePacket& packet);
    void acknowledge(const LaneState& lane, const std::optional<DataAck>& ack) const;

    const std::size_t lanes_max_, packet_bytes_max_, lanes_per_shard_;
    std::atomic<dht::Duration::rep> round_trip_;
    std::array<std::unique_ptr<Shard>, shards_limit> shards_;
    /// Of incoming data, what waits in all lanes; they may outlive us.
    const std::shared_ptr<std::atomic<std::size_t>> kept_data_ = std::make_shared<std::atomic<std::size_t>>();
    std::mutex writing_;               ///< one changes the lanes at a time; packets do not care
    std::atomic<bool> ended_ = false;  ///< set under writing_

    mutable std::mutex snapshot_;                                     ///< held for one pointer copy
    std::shared_ptr<const Lanes> lanes_ = std::make_shared<Lanes>();  ///< immutable, swapped whole
};

}  // namespace gst
