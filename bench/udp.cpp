// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bench/udp.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <string>

namespace bench {

namespace {

constexpr int buffer_bytes = 4'000'000;

}  // namespace

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

Udp::Udp(std::uint16_t port) : fd_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    auto address = loopback(port);
    socklen_t size = sizeof address;
    if (fd_ < 0 || bind(fd_, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
        getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
        throw std::runtime_error{"no socket at port " + std::to_string(port)};
    setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof buffer_bytes);
    port_ = ntohs(address.sin_port);
}

Udp::~Udp() {
    close(fd_);
}

void Udp::send(std::uint16_t to, std::span<const std::uint8_t> datagram) const {
    const auto address = loopback(to);
    sendto(fd_, datagram.data(), datagram.size(), 0, reinterpret_cast<const sockaddr*>(&address),
           sizeof address);
}

std::span<std::uint8_t> Udp::receive(std::span<std::uint8_t> room) const {
    const auto size = recv(fd_, room.data(), room.size(), 0);
    return size <= 1 ? std::span<std::uint8_t>{} : room.first(static_cast<std::size_t>(size));
}

void Udp::stop(std::uint16_t at) const {
    static constexpr std::array<std::uint8_t, 1> end{};
    send(at, end);
}

}  // namespace bench
