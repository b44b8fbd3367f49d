// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/lane_table.h"

#include "federation/glib/loop.h"
#include "gst/data_receiver.h"
#include "gst/lane_gaps.h"
#include "gst/sent_packets.h"

namespace gst {

/// What a Lane and its table share.
struct LaneState {
    LaneState(federation::LaneId number, std::shared_ptr<LaneReceiver> to,
              std::shared_ptr<std::atomic<std::size_t>> kept_data)
        : id(number), receiver(std::move(to)), data(std::move(kept_data)) {}

    const federation::LaneId id;
    std::atomic<std::uint64_t> sent = 0, dropped = 0, received = 0;
    std::atomic<std::uint64_t> lost = 0, missed = 0, repaired = 0, asked = 0, resent = 0;
    SentPackets sent_packets;

    /// Held while the receiver is called, so that closing waits for a call in progress; recursive, so
    /// that the receiver may close its own lane. Per lane: nobody else ever waits for it.
    std::recursive_mutex receiving;
    std::shared_ptr<LaneReceiver> receiver;  ///< nullptr: closed
    LaneGaps gaps;
    DataReceiver data;
};

namespace {

// Until it is measured.
constexpr dht::Duration round_trip_first = std::chrono::milliseconds{100};

bool is_media(PacketKind kind) {
    return kind == PacketKind::rtp || kind == PacketKind::rtcp;
}

class OpenLane final : public Lane {
public:
    OpenLane(std::shared_ptr<LaneTable> table, std::shared_ptr<LaneState> state)
        : table_(std::move(table)), state_(std::move(state)) {}
    ~OpenLane() override { table_->close(*state_); }
    OpenLane(const OpenLane&) = delete;
    OpenLane& operator=(const OpenLane&) = delete;

    bool send(PacketKind kind, std::uint8_t stream, std::span<const std::uint8_t> packet) override {
        return table_->send(*state_, kind, stream, packet);
    }

    DataVerdict send_data(const DataMessage& message) override { return table_->send_data(*state_, message); }
    void accept_data() override { table_->accept_data(*state_); }
    [[nodiscard]] std::size_t data_buffered() const override { return table_->data().buffered(state_->id); }

    [[nodiscard]] LaneStats stats() const override {
        return {.packets_sent = state_->sent,
                .packets_received = state_->received,
                .packets_dropped = state_->dropped,
                .packets_lost = state_->lost,
                .packets_missed = state_->missed,
                .packets_repaired = state_->repaired,
                .repairs_asked = state_->asked,
                .repairs_sent = state_->resent};
    }

private:
    const std::shared_ptr<LaneTable> table_;
    const std::shared_ptr<LaneState> state_;
};

}  // namespace

LaneTable::LaneTable(std::size_t lanes_max, std::size_t packet_bytes_max)
    : lanes_max_(lanes_max),
      packet_bytes_max_(packet_bytes_max),
      round_trip_(round_trip_first.count()),
      sender_(packet_bytes_max) {}

std::shared_ptr<const LaneTable::Lanes> LaneTable::lanes() const {
    const std::lock_guard lock{snapshot_};
    return lanes_;
}

std::shared_ptr<Outlet> LaneTable::outlet() const {
    const std::lock_guard lock{snapshot_};
    return outlet_;
}

std::size_t LaneTable::size() const {
    return lanes()->size();
}

void LaneTable::set_outlet(std::shared_ptr<Outlet> outlet) {
    const auto way = outlet;
    {
        const std::lock_guard lock{snapshot_};
        outlet_.swap(outlet);
    }
    DataSender::Push push;
    if (way)
        push = [way](const LaneHeader& header, std::span<const std::uint8_t> body) {
            way->push(header, body);
        };
    sender_.set_way(std::move(push), glib::now().time);
}

std::shared_ptr<Lane> LaneTable::open(federation::LaneId id, std::shared_ptr<LaneReceiver> receiver) {
    const std::lock_guard writing{writing_};
    const auto before = lanes();
    if (ended_ || id == control_lane || before->size() >= lanes_max_ || before->contains(id)) return nullptr;
    auto state = std::make_shared<LaneState>(id, std::move(receiver), kept_data_);
    auto after = std::make_shared<Lanes>(*before);
    after->emplace(id, state);
    {
        const std::lock_guard lock{snapshot_};
        lanes_ = std::move(after);
    }
    return std::make_shared<OpenLane>(shared_from_this(), std::move(state));
}

void LaneTable::close(LaneState& lane) {
    std::shared_ptr<LaneReceiver> receiver;
    {
        const std::lock_guard lock{lane.receiving};
        receiver.swap(lane.receiver);  // its destructor runs without the lock
    }
    sender_.close(lane.id);
    const std::lock_guard writing{writing_};
    const auto before = lanes();
    const auto found = before->find(lane.id);
    if (found == before->end() || found->second.get() != &lane) return;
    auto after = std::make_shared<Lanes>(*before);
    after->erase(lane.id);
    const std::lock_guard lock{snapshot_};
    lanes_ = std::move(after);
}

void LaneTable::end() {
    const std::lock_guard writing{writing_};
    ended_ = true;
    sender_.on_wake({});
    sender_.set_way({}, {});
    const std::lock_guard lock{snapshot_};
    lanes_ = std::make_shared<Lanes>();
    outlet_.reset();
}

bool LaneTable::send(LaneState& lane, PacketKind kind, std::uint8_t stream,
                     std::span<const std::uint8_t> packet) {
    const bool fits = is_media(kind) && !packet.empty() && packet.size() <= packet_bytes_max_;
    const auto out = fits ? outlet() : nullptr;
    if (!out ||
        !out->push(lane.sent_packets.keep({kind, stream, 0, lane.id}, packet, glib::now().time), packet)) {
        ++lane.dropped;
        return false;
    }
    ++lane.sent;
    ++packets_sent;
    return true;
}

std::optional<Resend> LaneTable::deliver(const LanePacket& packet, dht::Time now) {
    const auto current = lanes();
    const auto found = current->find(packet.header.lane);
    if (found == current->end()) {
        ++packets_unknown;
        return std::nullopt;
    }
    LaneState& lane = *found->second;
    switch (packet.header.kind) {
        case PacketKind::rtp:
        case PacketKind::rtcp:
            return deliver_media(lane, packet, now);
        case PacketKind::data:
            deliver_data(lane, packet);
            break;
        case PacketKind::data_ack:
            deliver_data_ack(lane, packet);
            break;
        case PacketKind::control:
            break;  // never in a lane
    }
    return std::nullopt;
}

// --- Media ---------------------------------------------------------------------------------------

std::optional<Resend> LaneTable::deliver_media(LaneState& lane, const LanePacket& packet, dht::Time now) {
    const std::lock_guard lock{lane.receiving};
    // A copy: the receiver may close the lane inside the call.
    const auto receiver = lane.receiver;
    if (!receiver) return std::nullopt;
    const dht::Duration round_trip{round_trip_};
    const auto arrival = lane.gaps.received(packet.header.sequence, round_trip, now);
    auto due = lane.gaps.due(round_trip, now);
    lane.lost = lane.gaps.lost();
    lane.missed = lane.gaps.missed();
    lane.repaired = lane.gaps.repaired();
    lane.asked = lane.gaps.asked();
    if (arrival != LaneGaps::Arrival::stale) {
        ++lane.received;
        ++packets_received;
        receiver->receive(packet.header.kind, packet.header.stream, packet.body);
    }
    if (due.empty()) return std::nullopt;
    return Resend{lane.id, std::move(due)};
}

void LaneTable::resend(const Resend& wanted, dht::Time now) {
    const auto current = lanes();
    const auto found = current->find(wanted.lane);
    const auto out = outlet();
    if (found == current->end() || !out) return;
    SentPackets::Packet packet;
    for (const auto sequence : wanted.sequences) {
        if (!found->second->sent_packets.again(sequence, now, packet)) continue;
        out->push(packet.header, packet.bytes);
        ++found->second->resent;
    }
}

// --- Data ----------------------------------------------------------------------------------------

namespace {

/// Under the lane's lock. The receiver may close the lane inside the call, and then hears no more.
void hand_over(const LaneState& lane, const DataMessage& message) {
    if (const auto receiver = lane.receiver) receiver->receive_data(message);
}

}  // namespace

DataVerdict LaneTable::send_data(const LaneState& lane, const DataMessage& message) {
    const auto current = lanes();
    if (!current->contains(lane.id)) return DataVerdict::closed;
    return sender_.send(lane.id, message, glib::now().time);
}

void LaneTable::accept_data(LaneState& lane) {
    std::optional<DataAck> ack;
    {
        const std::lock_guard lock{lane.receiving};
        lane.data.accept([&lane](const DataMessage& message) { hand_over(lane, message); });
        ack = lane.data.acknowledgement();
    }
    acknowledge(lane, ack);
}

void LaneTable::deliver_data(LaneState& lane, const LanePacket& packet) {
    const auto data = decode_data(packet.body);
    if (!data) {
        ++packets_unknown;
        return;
    }
    std::optional<DataAck> ack;
    {
        const std::lock_guard lock{lane.receiving};
        if (!lane.receiver) return;
        lane.data.received(packet.header.sequence, *data,
                           [&lane](const DataMessage& message) { hand_over(lane, message); });
        ack = lane.data.acknowledgement();
    }
    acknowledge(lane, ack);
}

void LaneTable::acknowledge(const LaneState& lane, const std::optional<DataAck>& ack) const {
    const auto out = ack ? outlet() : nullptr;
    if (out) out->push({PacketKind::data_ack, 0, 0, lane.id}, encode(*ack));
}

void LaneTable::deliver_data_ack(LaneState& lane, const LanePacket& packet) {
    const auto ack = decode_data_ack(packet.body);
    if (!ack) {
        ++packets_unknown;
        return;
    }
    if (!sender_.acknowledged(lane.id, *ack, glib::now().time)) return;
    const std::lock_guard lock{lane.receiving};
    if (const auto receiver = lane.receiver) receiver->data_drained();
}

}  // namespace gst
