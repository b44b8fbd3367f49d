// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/lane_table.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "federation/glib/loop.h"
#include "gst/bandwidth_estimate.h"
#include "gst/data_receiver.h"
#include "gst/fair_share.h"
#include "gst/lane_gaps.h"
#include "gst/sent_packets.h"

namespace gst {

/// What a Lane and its table share.
struct LaneState {
    LaneState(federation::LaneId number, unsigned sends_through, std::shared_ptr<LaneReceiver> to,
              std::shared_ptr<std::atomic<std::size_t>> kept_data)
        : id(number), shard(sends_through), receiver(std::move(to)), data(std::move(kept_data)) {}

    const federation::LaneId id;
    const unsigned shard;
    std::atomic<std::uint64_t> sent = 0, dropped = 0, received = 0;
    std::atomic<std::uint64_t> lost = 0, missed = 0, repaired = 0, asked = 0, resent = 0;
    SentPackets sent_packets;

    std::atomic<std::uint64_t> bytes_sent = 0;           ///< of packets
    std::uint64_t bytes_shared = 0, packets_shared = 0;  ///< as they were when shares were last made
    std::atomic<std::uint64_t> available = unlimited;

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

/// What is around each packet of a lane on the wire.
constexpr std::size_t around_bytes = outer_overhead_bytes + 12 + lane_header_bytes;
// Rates grow while nobody looks.
constexpr double want_more = 1.25;
constexpr double rates_useful = 2;  // seconds; of a longer time the mean says nothing
// What changes by less is not worth a message to an encoder.
constexpr double noticeable = 0.03;

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
    [[nodiscard]] std::size_t data_buffered() const override { return table_->data_buffered(*state_); }

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

    [[nodiscard]] std::uint64_t available() const override { return state_->available; }

private:
    const std::shared_ptr<LaneTable> table_;
    const std::shared_ptr<LaneState> state_;
};

}  // namespace

LaneTable::LaneTable(std::size_t lanes_max, std::size_t packet_bytes_max, std::size_t lanes_per_shard)
    : lanes_max_(lanes_max),
      packet_bytes_max_(packet_bytes_max),
      lanes_per_shard_(lanes_per_shard),
      round_trip_(round_trip_first.count()) {
    for (auto& shard : shards_) shard = std::make_unique<Shard>(packet_bytes_max);
}

std::shared_ptr<const LaneTable::Lanes> LaneTable::lanes() const {
    const std::lock_guard lock{snapshot_};
    return lanes_;
}

std::shared_ptr<Outlet> LaneTable::outlet(const LaneState& lane) const {
    const Shard& shard = *shards_.at(lane.shard);
    const std::lock_guard lock{shard.snapshot};
    return shard.outlet;
}

bool LaneTable::is_up(const Shard& shard) const {
    const std::lock_guard lock{shard.snapshot};
    return shard.outlet != nullptr;
}

std::size_t LaneTable::size() const {
    return lanes()->size();
}

std::size_t LaneTable::size(unsigned shard) const {
    return shards_.at(shard)->lanes;
}

void LaneTable::set_outlet(unsigned number, std::shared_ptr<Outlet> outlet) {
    Shard& shard = *shards_.at(number);
    const auto way = outlet;
    {
        const std::lock_guard lock{shard.snapshot};
        shard.outlet.swap(outlet);
    }
    DataSender::Push push;
    if (way)
        push = [way](const LaneHeader& header, std::span<const std::uint8_t> body) {
            way->push(header, body);
        };
    shard.data.set_way(std::move(push), glib::now().time);
}

/// Under writing_. Which shard the next lane is to send through.
LaneTable::Opened LaneTable::place() const {
    Opened placed{.lane = nullptr, .shard = 0, .crowded = true};
    std::size_t fewest = SIZE_MAX;
    for (unsigned number = 0; number < shards_limit; ++number) {
        const Shard& shard = *shards_.at(number);
        const std::size_t count = shard.lanes;
        if (!is_up(shard) || count >= fewest) continue;
        placed.shard = number;
        placed.crowded = count >= lanes_per_shard_;
        if (!placed.crowded) return placed;
        fewest = count;
    }
    placed.crowded = fewest != SIZE_MAX;  // before the first is up there is no use for a second
    return placed;
}

LaneTable::Opened LaneTable::open(federation::LaneId id, std::shared_ptr<LaneReceiver> receiver) {
    const std::lock_guard writing{writing_};
    const auto before = lanes();
    if (ended_ || id == control_lane || before->size() >= lanes_max_ || before->contains(id)) return {};
    Opened opened = place();
    Shard& shard = *shards_.at(opened.shard);
    auto state = std::make_shared<LaneState>(id, opened.shard, std::move(receiver), kept_data_);
    state->available = shard.share.load();
    ++shard.lanes;
    auto after = std::make_shared<Lanes>(*before);
    after->emplace(id, state);
    {
        const std::lock_guard lock{snapshot_};
        lanes_ = std::move(after);
    }
    opened.lane = std::make_shared<OpenLane>(shared_from_this(), std::move(state));
    return opened;
}

void LaneTable::close(LaneState& lane) {
    std::shared_ptr<LaneReceiver> receiver;
    {
        const std::lock_guard lock{lane.receiving};
        receiver.swap(lane.receiver);  // its destructor runs without the lock
    }
    Shard& shard = *shards_.at(lane.shard);
    shard.data.close(lane.id);
    const std::lock_guard writing{writing_};
    const auto before = lanes();
    const auto found = before->find(lane.id);
    if (found == before->end() || found->second.get() != &lane) return;
    --shard.lanes;
    auto after = std::make_shared<Lanes>(*before);
    after->erase(lane.id);
    const std::lock_guard lock{snapshot_};
    lanes_ = std::move(after);
}

void LaneTable::end() {
    const std::lock_guard writing{writing_};
    ended_ = true;
    for (unsigned number = 0; number < shards_limit; ++number) {
        shards_.at(number)->data.on_wake({});
        set_outlet(number, nullptr);
        shards_.at(number)->lanes = 0;
    }
    const std::lock_guard lock{snapshot_};
    lanes_ = std::make_shared<Lanes>();
}

bool LaneTable::send(LaneState& lane, PacketKind kind, std::uint8_t stream,
                     std::span<const std::uint8_t> packet) {
    const bool fits = is_media(kind) && !packet.empty() && packet.size() <= packet_bytes_max_;
    const auto out = fits ? outlet(lane) : nullptr;
    if (!out ||
        !out->push(lane.sent_packets.keep({kind, stream, 0, lane.id}, packet, glib::now().time), packet)) {
        ++lane.dropped;
        return false;
    }
    lane.bytes_sent += packet.size();
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
    if (found == current->end()) return;
    const auto out = outlet(*found->second);
    if (!out) return;
    SentPackets::Packet packet;
    for (const auto sequence : wanted.sequences) {
        if (!found->second->sent_packets.again(sequence, now, packet)) continue;
        out->push(packet.header, packet.bytes);
        ++found->second->resent;
    }
}

// --- Bandwidth -----------------------------------------------------------------------------------

void LaneTable::set_bandwidth(unsigned number, std::uint32_t bits_per_second, dht::Time now) {
    Shard& shard = *shards_.at(number);
    const std::lock_guard sharing{shard.sharing};
    const double seconds = std::chrono::duration<double>(now - std::exchange(shard.shared, now)).count();
    const bool rates_known = seconds < rates_useful;
    shard.bandwidth = bits_per_second == no_bandwidth_limit ? unlimited : bits_per_second;
    const auto current = lanes();
    std::vector<std::uint64_t> wants;
    for (const auto& [id, lane] : *current) {
        if (lane->shard != number) continue;
        const std::uint64_t packets = lane->sent, bytes = lane->bytes_sent;
        const auto more = bytes - lane->bytes_shared + around_bytes * (packets - lane->packets_shared);
        lane->bytes_shared = bytes;
        lane->packets_shared = packets;
        if (rates_known)
            wants.push_back(static_cast<std::uint64_t>(want_more * 8 * static_cast<double>(more) / seconds));
        else
            wants.push_back(more > 0 ? bits_per_second : 0);
    }
    shard.share =
        bits_per_second == no_bandwidth_limit ? unlimited : fair_share(bits_per_second, std::move(wants));
    for (const auto& [id, lane] : *current)
        if (lane->shard == number) tell_share(*lane, shard.share);
}

void LaneTable::tell_share(LaneState& lane, std::uint64_t share) {
    std::uint64_t available = share;
    if (share != unlimited) {
        // Of what is on the wire, the packets' part.
        const auto packets = static_cast<double>(std::max<std::uint64_t>(1, lane.sent));
        const auto bytes = static_cast<double>(std::max<std::uint64_t>(around_bytes, lane.bytes_sent));
        const double part = bytes / (bytes + around_bytes * packets);
        available = std::max(lane_bits_min, static_cast<std::uint64_t>(part * static_cast<double>(share)));
    }
    const std::uint64_t before = lane.available;
    const auto change = std::abs(static_cast<double>(available) - static_cast<double>(before));
    if (available == before || change < noticeable * static_cast<double>(std::min(available, before))) return;
    lane.available = available;
    const std::lock_guard lock{lane.receiving};
    // A copy: the receiver may close the lane inside the call.
    if (const auto receiver = lane.receiver) receiver->available_changed(available);
}

std::uint64_t LaneTable::bandwidth() const {
    std::uint64_t all = unlimited;
    for (const auto& shard : shards_)
        if (const std::uint64_t each = shard->bandwidth; each != unlimited)
            all = all == unlimited ? each : all + each;
    return all;
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
    return shards_.at(lane.shard)->data.send(lane.id, message, glib::now().time);
}

std::size_t LaneTable::data_buffered(const LaneState& lane) const {
    return shards_.at(lane.shard)->data.buffered(lane.id);
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
    const auto out = ack ? outlet(lane) : nullptr;
    if (out) out->push({PacketKind::data_ack, 0, 0, lane.id}, encode(*ack));
}

void LaneTable::deliver_data_ack(LaneState& lane, const LanePacket& packet) {
    const auto ack = decode_data_ack(packet.body);
    if (!ack) {
        ++packets_unknown;
        return;
    }
    if (!shards_.at(lane.shard)->data.acknowledged(lane.id, *ack, glib::now().time)) return;
    const std::lock_guard lock{lane.receiving};
    if (const auto receiver = lane.receiver) receiver->data_drained();
}

}  // namespace gst
