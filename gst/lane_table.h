// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <atomic>
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

/// The lanes of one trunk and the way out of it: what packets meet. Lanes hold it and may outlive the
/// trunk. From any thread; packets wait for nothing but the copy of a pointer.
class LaneTable final : public std::enable_shared_from_this<LaneTable> {
public:
    LaneTable(std::size_t lanes_max, std::size_t packet_bytes_max);

    /// Nothing if the number is 0 or taken, the table full or ended.
    std::shared_ptr<Lane> open(federation::LaneId lane, std::shared_ptr<LaneReceiver> receiver);
    [[nodiscard]] std::size_t size() const;

    /// Where packets go from now on; nullptr: they are dropped.
    void set_outlet(std::shared_ptr<Outlet> outlet);
    /// No lane is good for anything any more.
    void end();

    bool send(LaneState& lane, PacketKind kind, std::uint8_t stream, std::span<const std::uint8_t> packet);
    /// What is to be asked of the peer because of it, if anything.
    std::optional<Resend> deliver(const LanePacket& packet, dht::Time now);
    /// The peer asks for it, so hostile.
    void resend(const Resend& wanted, dht::Time now);
    /// The trunk's, as far as it is known.
    void set_round_trip(dht::Duration round_trip) { round_trip_ = round_trip.count(); }
    void close(LaneState& lane);

    DataVerdict send_data(const LaneState& lane, const DataMessage& message);
    void accept_data(LaneState& lane);
    /// What is on its way out.
    DataSender& data() { return sender_; }
    [[nodiscard]] const DataSender& data() const { return sender_; }

    /// Counters only.
    std::atomic<std::uint64_t> packets_sent = 0, packets_received = 0, packets_unknown = 0;

private:
    using Lanes = std::unordered_map<federation::LaneId, std::shared_ptr<LaneState>>;

    [[nodiscard]] std::shared_ptr<const Lanes> lanes() const;
    [[nodiscard]] std::shared_ptr<Outlet> outlet() const;
    std::optional<Resend> deliver_media(LaneState& lane, const LanePacket& packet, dht::Time now);
    void deliver_data(LaneState& lane, const LanePacket& packet);
    void deliver_data_ack(LaneState& lane, const LanePacket& packet);
    void acknowledge(const LaneState& lane, const std::optional<DataAck>& ack) const;

    const std::size_t lanes_max_, packet_bytes_max_;
    std::atomic<dht::Duration::rep> round_trip_;
    DataSender sender_;
    /// Of incoming data, what waits in all lanes; they may outlive us.
    const std::shared_ptr<std::atomic<std::size_t>> kept_data_ = std::make_shared<std::atomic<std::size_t>>();
    std::mutex writing_;  ///< one changes the lanes at a time; packets do not care
    bool ended_ = false;  ///< under writing_

    mutable std::mutex snapshot_;                                     ///< held for one pointer copy
    std::shared_ptr<const Lanes> lanes_ = std::make_shared<Lanes>();  ///< immutable, swapped whole
    std::shared_ptr<Outlet> outlet_;
};

}  // namespace gst
