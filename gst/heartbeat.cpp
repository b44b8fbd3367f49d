// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/heartbeat.h"

#include "federation/glib/loop.h"

namespace gst {

namespace {

constexpr int rtt_weight = 8;                     // RFC 6298 §2: alpha is 1/8
constexpr std::uint64_t rtt_us_max = 60'000'000;  // beyond: a stamp that we never sent

}  // namespace

Heartbeat::Heartbeat(std::shared_ptr<LaneTable> lanes, unsigned shard, std::function<void()> on_close)
    : lanes_(std::move(lanes)), shard_(shard), on_close_(std::move(on_close)) {}

dht::Time Heartbeat::now() {
    return glib::now().time;
}

void Heartbeat::start(std::shared_ptr<Outlet> outlet) {
    heard_ = now().time_since_epoch().count();
    const std::lock_guard lock{mutex_};
    outlet_ = std::move(outlet);
}

void Heartbeat::send(const ControlMessage& message) {
    std::shared_ptr<Outlet> out;
    {
        const std::lock_guard lock{mutex_};
        out = outlet_;
    }
    if (out) out->push({PacketKind::control, 0, sequence_++, control_lane}, encode(message));
}

void Heartbeat::received(std::span<const std::uint8_t> payload, const OuterPacket& outer) {
    const auto time = now();
    heard_ = time.time_since_epoch().count();
    const auto packet = decode_lane_packet(payload);
    measure(outer, packet && packet->header.kind == PacketKind::data, time);
    if (!packet) {
        ++lanes_->packets_unknown;
        return;
    }
    if (packet->header.kind != PacketKind::control) {
        lane_packets_.fetch_add(1, std::memory_order_relaxed);
        if (const auto wanted = lanes_->deliver(*packet, time)) send(*wanted);
        return;
    }
    if (const auto message = decode_control(packet->body)) control(*message);
}

void Heartbeat::measure(const OuterPacket& outer, bool yields, dht::Time time) {
    const auto report = estimate_.received(outer, yields, time);
    if (!report) return;
    carries_ = *report;
    send(Bandwidth{*report});
}

void Heartbeat::control(const ControlMessage& message) {
    if (const auto* ping = std::get_if<Ping>(&message)) return send(Pong{ping->stamp});
    if (const auto* pong = std::get_if<Pong>(&message)) {
        const auto age = static_cast<std::uint64_t>(now().time_since_epoch().count()) - pong->stamp;
        if (age > rtt_us_max) return;
        const auto sample = static_cast<std::int64_t>(age);
        const std::int64_t before = rtt_us_;
        // The first answer may have waited for the peer's own handshake to end.
        rtt_us_ = ++pongs_ <= 2 ? sample : before + (sample - before) / rtt_weight;
        lanes_->set_round_trip(std::chrono::microseconds{rtt_us_});
        return;
    }
    if (const auto* wanted = std::get_if<Resend>(&message)) return lanes_->resend(*wanted, now());
    if (const auto* bandwidth = std::get_if<Bandwidth>(&message))
        return lanes_->set_bandwidth(shard_, bandwidth->bits_per_second, now());
    if (!closed_.exchange(true)) on_close_();
}

}  // namespace gst
