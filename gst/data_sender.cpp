// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/data_sender.h"

#include <algorithm>
#include <utility>

namespace gst {

namespace {

// What a message and its packets cost beside their octets: a million empty messages are no small thing.
constexpr std::size_t message_overhead = 128;
constexpr dht::Duration round_trip_max = std::chrono::seconds{60};  // beyond: a stamp that we never sent

}  // namespace

void DataSender::on_wake(std::function<void()> wake) {
    const std::lock_guard lock{mutex_};
    wake_ = std::move(wake);
}

void DataSender::set_way(Push push, dht::Time now) {
    const std::lock_guard lock{mutex_};
    push_ = std::move(push);
    if (!push_) return;
    window_.restart();
    lose_everything();
    pump(now);
}

DataVerdict DataSender::send(federation::LaneId lane, const DataMessage& message, dht::Time now) {
    if (!fits(message)) return DataVerdict::too_big;
    const std::lock_guard lock{mutex_};
    auto& queue = queues_[lane];
    auto octets = std::make_shared<const std::vector<std::uint8_t>>(encode(message));
    const auto cost = octets->size() + message_overhead;
    if (queue.buffered + cost > data_buffered_max || buffered_ + cost > data_trunk_buffered_max)
        return DataVerdict::full;
    queue.buffered += cost;
    buffered_ += cost;
    queue.messages.push_back({std::move(octets), message.binary});
    wants_turn(lane, queue);
    pump(now);
    return DataVerdict::taken;
}

void DataSender::close(federation::LaneId lane) {
    const std::lock_guard lock{mutex_};
    const auto found = queues_.find(lane);
    if (found == queues_.end()) return;
    for (const auto& packet : found->second.packets)
        if (packet.state == State::under_way) under_way_ -= packet.size;
    buffered_ -= found->second.buffered;
    std::erase(turns_, lane);
    queues_.erase(found);
}

std::size_t DataSender::buffered(federation::LaneId lane) const {
    const std::lock_guard lock{mutex_};
    const auto found = queues_.find(lane);
    return found == queues_.end() ? 0 : found->second.buffered;
}

// --- What arrives --------------------------------------------------------------------------------

bool DataSender::acknowledged(federation::LaneId lane, const DataAck& ack, dht::Time now) {
    const std::lock_guard lock{mutex_};
    const auto found = queues_.find(lane);
    if (found == queues_.end()) return false;
    Queue& queue = found->second;
    const auto taken = static_cast<std::uint16_t>(ack.next - queue.first);
    if (taken > queue.packets.size()) return false;  // overtaken by a later one
    const bool was_above = queue.buffered > data_buffered_low;
    const bool filled = under_way_ + 2 * (piece_bytes_ + data_header_bytes) >= window_.bytes();

    dht::Time newest{};
    std::size_t bytes = 0;
    const auto arrived = [&](Packet& packet) {
        if (packet.state == State::arrived) return;
        newest = std::max(newest, packet.sent);
        bytes += settle(queue, packet);
    };
    for (std::uint16_t i = 0; i < taken; ++i) {
        arrived(queue.packets.front());
        queue.packets.pop_front();
    }
    queue.first = ack.next;
    for (std::size_t i = 0; i < std::min(queue.packets.size(), ack.kept.size()); ++i)
        if (ack.kept[i]) arrived(queue.packets[i]);

    if (bytes > 0) {
        const auto round_trip = std::chrono::microseconds{stamp(now) - ack.stamp};
        if (round_trip <= round_trip_max) window_.acknowledged(bytes, round_trip, filled, now);
        news_ = now;
        find_losses(queue, newest, now);
    }
    wants_turn(lane, queue);
    pump(now);
    return was_above && queue.buffered <= data_buffered_low;
}

std::size_t DataSender::settle(Queue& queue, Packet& packet) {
    if (packet.state == State::under_way) under_way_ -= packet.size;
    if (packet.state == State::lost) --queue.lost;
    packet.state = State::arrived;
    const bool ends = packet.offset + packet.size == packet.message->size();
    const auto cost = packet.size + (ends ? message_overhead : 0);
    queue.buffered -= cost;
    buffered_ -= cost;
    packet.message.reset();
    return packet.size;
}

void DataSender::find_losses(Queue& queue, dht::Time newest, dht::Time now) {
    const auto before = newest - window_.reordering();
    std::size_t found = 0;
    for (auto& packet : queue.packets) {
        if (packet.state != State::under_way || packet.sent >= before) continue;
        packet.state = State::lost;
        under_way_ -= packet.size;
        ++found;
    }
    queue.lost += found;
    if (found > 0) window_.lost(now);
}

// --- Time ----------------------------------------------------------------------------------------

std::optional<dht::Time> DataSender::deadline() {
    const std::lock_guard lock{mutex_};
    awake_ = push_ && under_way_ > 0;
    if (!awake_) return std::nullopt;
    return news_ + window_.timeout();
}

void DataSender::advance(dht::Time now) {
    const std::lock_guard lock{mutex_};
    if (!push_ || under_way_ == 0 || now < news_ + window_.timeout()) return;
    window_.timed_out();
    lose_everything();
    pump(now);
}

void DataSender::lose_everything() {
    for (auto& [lane, queue] : queues_) {
        for (auto& packet : queue.packets) {
            if (packet.state != State::under_way) continue;
            packet.state = State::lost;
            ++queue.lost;
        }
        wants_turn(lane, queue);
    }
    under_way_ = 0;
}

// --- What is sent --------------------------------------------------------------------------------

bool DataSender::has_work(const Queue& queue) {
    return queue.lost > 0 || (!queue.messages.empty() && queue.packets.size() < data_window_packets);
}

void DataSender::wants_turn(federation::LaneId lane, Queue& queue) {
    if (queue.waiting || !has_work(queue)) return;
    queue.waiting = true;
    turns_.push_back(lane);
}

DataSender::Queue* DataSender::whose_turn() {
    while (!turns_.empty()) {
        Queue& queue = queues_.at(turns_.front());
        if (has_work(queue)) return &queue;
        queue.waiting = false;
        turns_.pop_front();
    }
    return nullptr;
}

void DataSender::pump(dht::Time now) {
    while (push_ && under_way_ < window_.bytes()) {
        Queue* queue = whose_turn();
        if (!queue) return;
        const auto lane = turns_.front();
        const auto index = next_packet(*queue);
        Packet& packet = queue->packets[index];
        if (under_way_ == 0) news_ = now;
        under_way_ += packet.size;
        turns_.pop_front();
        queue->waiting = false;
        wants_turn(lane, *queue);
        transmit(lane, static_cast<std::uint16_t>(queue->first + index), packet, now);
    }
}

/// The oldest that is lost, or a new one. Its index; it is under way from here on.
std::size_t DataSender::next_packet(Queue& queue) {
    if (queue.lost > 0) {
        const auto found = std::find_if(queue.packets.begin(), queue.packets.end(),
                                        [](const Packet& packet) { return packet.state == State::lost; });
        --queue.lost;
        found->state = State::under_way;
        return static_cast<std::size_t>(found - queue.packets.begin());
    }
    const Message& message = queue.messages.front();
    const auto size = std::min(piece_bytes_, message.octets->size() - queue.cut);
    queue.packets.push_back({message.octets, queue.cut, size, message.binary});
    queue.cut += size;
    if (queue.cut == message.octets->size()) {
        queue.messages.pop_front();
        queue.cut = 0;
    }
    return queue.packets.size() - 1;
}

void DataSender::transmit(federation::LaneId lane, std::uint16_t number, Packet& packet, dht::Time now) {
    packet.sent = now;
    const bool pauses = under_way_ >= window_.bytes() || !whose_turn();
    const auto header = encode_header({.first = packet.offset == 0,
                                       .last = packet.offset + packet.size == packet.message->size(),
                                       .binary = packet.binary,
                                       .ask = pauses,
                                       .stamp = stamp(now)});
    scratch_.assign(header.begin(), header.end());
    const auto begin = packet.message->begin() + static_cast<std::ptrdiff_t>(packet.offset);
    scratch_.insert(scratch_.end(), begin, begin + static_cast<std::ptrdiff_t>(packet.size));
    push_({PacketKind::data, 0, number, lane}, scratch_);
    if (!std::exchange(awake_, true) && wake_) wake_();
}

std::uint32_t DataSender::stamp(dht::Time now) {
    return static_cast<std::uint32_t>(now.time_since_epoch().count());
}

}  // namespace gst
