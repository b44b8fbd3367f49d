// SPDX-License-Identifier: LGPL-2.1-or-later
// The same packets as plain RTP, to a server that passes them on: what Janus does between two of its rooms.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <thread>

#include "bench/process.h"
#include "bench/trunk_calls.h"

namespace bench {

namespace {

constexpr std::size_t rtp_header_bytes = 12;
constexpr std::uint32_t ssrc = 1000;  // by which a VideoRoom knows a remote publisher's first stream
constexpr int buffer_bytes = 4'000'000;

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

int bound(std::uint16_t port) {
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const auto address = loopback(port);
    if (fd < 0 || bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        throw std::runtime_error{"no socket at port " + std::to_string(port)};
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof buffer_bytes);
    return fd;
}

void receive(int in, Delays& delays) {
    std::array<std::uint8_t, 2048> packet{};
    for (;;) {
        const auto size = recv(in, packet.data(), packet.size(), 0);
        if (size <= 1) return;
        if (static_cast<std::size_t>(size) < rtp_header_bytes + sizeof(Mark)) continue;
        delays.add(now_us() - mark_of({packet.data() + rtp_header_bytes, sizeof(Mark)}).sent_us);
    }
}

}  // namespace

Cost through_plain_rtp(const std::vector<std::uint16_t>& ports, std::uint16_t passed_on_to, double seconds) {
    const auto lanes = static_cast<std::uint32_t>(ports.size());
    const int in = bound(passed_on_to), out = bound(0);
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
        const auto to = loopback(ports[lane]);
        sendto(out, packet.data(), rtp_header_bytes + body.size(), 0, reinterpret_cast<const sockaddr*>(&to),
               sizeof to);
        ++cost.sent;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
    cost.cpu = cpu_seconds(getpid()) - before;
    const auto own = loopback(passed_on_to);
    sendto(out, packet.data(), 1, 0, reinterpret_cast<const sockaddr*>(&own), sizeof own);
    receiver.join();
    cost.received = delays.count();
    cost.p50 = delays.percentile(0.5);
    cost.p99 = delays.percentile(0.99);
    close(in);
    close(out);
    return cost;
}

}  // namespace bench
