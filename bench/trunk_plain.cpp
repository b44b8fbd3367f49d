// SPDX-License-Identifier: LGPL-2.1-or-later
// The same packets as plain RTP, to a server that passes them on: what Janus does between two of its rooms.
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <thread>

#include "bench/process.h"
#include "bench/trunk_calls.h"
#include "bench/udp.h"

namespace bench {

namespace {

constexpr std::size_t rtp_header_bytes = 12;
constexpr std::uint32_t ssrc = 1000;  // by which a VideoRoom knows a remote publisher's first stream

void receive(const Udp& in, Delays& delays) {
    std::array<std::uint8_t, 2048> packet{};
    for (;;) {
        const auto came = in.receive(packet);
        if (came.empty()) return;
        if (came.size() < rtp_header_bytes + sizeof(Mark)) continue;
        delays.add(now_us() - mark_of(came.subspan(rtp_header_bytes)).sent_us);
    }
}

}  // namespace

Cost through_plain_rtp(const std::vector<std::uint16_t>& ports, std::uint16_t passed_on_to, double seconds) {
    const auto lanes = static_cast<std::uint32_t>(ports.size());
    const Udp in{passed_on_to}, out;
    Delays delays{static_cast<std::size_t>(lanes * packets_per_second * (seconds + 1))};
    std::thread receiver{[&] { receive(in, delays); }};
    std::vector<std::uint16_t> sequence(lanes);
    std::array<std::uint8_t, 2048> packet{0x80, 100};
    packet[10] = ssrc >> 8;
    packet[11] = ssrc & 0xFF;
    Cost cost;
    const double before = cpu_seconds(getpid());
    generate(lanes, seconds, [&](std::uint32_t lane, std::span<const std::uint8_t> body) {
        const auto number = sequence[lane]++;
        const auto at = static_cast<std::uint32_t>(now_us() / 1000 * 90);
        packet[2] = static_cast<std::uint8_t>(number >> 8);
        packet[3] = static_cast<std::uint8_t>(number);
        for (std::size_t i = 0; i < 4; ++i) packet[4 + i] = static_cast<std::uint8_t>(at >> (24 - 8 * i));
        std::memcpy(packet.data() + rtp_header_bytes, body.data(), body.size());
        out.send(ports[lane], std::span{packet}.first(rtp_header_bytes + body.size()));
        ++cost.sent;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
    cost.cpu = cpu_seconds(getpid()) - before;
    out.stop(in.port());
    receiver.join();
    cost.came(delays);
    return cost;
}

}  // namespace bench
