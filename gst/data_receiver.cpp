// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/data_receiver.h"

#include <utility>

namespace gst {

namespace {

constexpr int acknowledged_every = 2;       // as TCP does (RFC 9293 §3.8.6.3)
constexpr std::size_t kept_overhead = 128;  // what a small piece costs beside its octets

}  // namespace

DataReceiver::~DataReceiver() {
    for (const auto& [number, piece] : kept_) *kept_bytes_ -= piece.octets.size() + kept_overhead;
}

void DataReceiver::received(std::uint16_t sequence, const DataPacket& packet, const Deliver& deliver) {
    if (broken_) return;
    const auto ahead = static_cast<std::uint16_t>(sequence - static_cast<std::uint16_t>(next_));
    if (ahead >= data_window_packets && ahead < 0x8000) return;
    stamp_ = packet.stamp;
    if (ahead >= 0x8000) {
        owed_ = true;  // it came twice: our acknowledgement was lost, perhaps
        return;
    }
    if (ahead > 0 || !kept_.empty() || packet.ask || ++unacknowledged_ >= acknowledged_every) owed_ = true;
    if (ahead > 0 || !accepting_ || delivering_) {
        keep(next_ + ahead, packet);
        return;
    }
    take(packet, deliver);
    ++next_;
    drain(deliver);
}

void DataReceiver::accept(const Deliver& deliver) {
    accepting_ = true;
    if (!kept_.empty()) owed_ = true;
    drain(deliver);
}

std::optional<DataAck> DataReceiver::acknowledgement() {
    if (!owed_ || broken_ || delivering_) return std::nullopt;
    owed_ = false;
    unacknowledged_ = 0;
    DataAck ack{.next = static_cast<std::uint16_t>(next_), .stamp = stamp_};
    for (const auto& [number, piece] : kept_) ack.kept.set(number - next_);
    return ack;
}

void DataReceiver::keep(std::uint64_t number, const DataPacket& packet) {
    const auto cost = packet.piece.size() + kept_overhead;
    if (kept_.contains(number) || *kept_bytes_ + cost > data_kept_bytes_max) return;
    *kept_bytes_ += cost;
    kept_.emplace(
        number, Piece{packet.first, packet.last, packet.binary, {packet.piece.begin(), packet.piece.end()}});
}

void DataReceiver::drain(const Deliver& deliver) {
    while (accepting_ && !delivering_ && !broken_) {
        const auto found = kept_.find(next_);
        if (found == kept_.end()) return;
        const auto piece = std::move(found->second);
        kept_.erase(found);
        *kept_bytes_ -= piece.octets.size() + kept_overhead;
        take({.first = piece.first, .last = piece.last, .binary = piece.binary, .piece = piece.octets},
             deliver);
        ++next_;
    }
}

void DataReceiver::take(const DataPacket& packet, const Deliver& deliver) {
    if (packet.first == begun_ || message_.size() + packet.piece.size() > encoded_data_bytes_max) {
        broken_ = true;
        return;
    }
    begun_ = !packet.last;
    if (!packet.last) {
        message_.insert(message_.end(), packet.piece.begin(), packet.piece.end());
        return;
    }
    // Most messages are one packet, and need no copy.
    std::vector<std::uint8_t> whole = std::exchange(message_, {});
    if (!packet.first) whole.insert(whole.end(), packet.piece.begin(), packet.piece.end());
    const auto message = decode_data_message(packet.first ? packet.piece : whole, packet.binary);
    if (!message) {
        broken_ = true;
        return;
    }
    delivering_ = true;
    deliver(*message);
    delivering_ = false;
}

}  // namespace gst
