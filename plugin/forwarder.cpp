// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/forwarder.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

namespace plugin {

namespace {

/// Larger ones are no browser's: Ethernet's, with room for what a tunnel adds.
constexpr std::size_t packet_max = 1500;

}  // namespace

std::shared_ptr<Forwarder> Forwarder::make(const To& to) {
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;  // a name would be looked up while everybody waits
    hints.ai_socktype = SOCK_DGRAM;
    addrinfo* found = nullptr;
    if (getaddrinfo(to.host.c_str(), std::to_string(to.port).c_str(), &hints, &found) != 0) return nullptr;
    const int socket = ::socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const bool connected = socket >= 0 && connect(socket, found->ai_addr, found->ai_addrlen) == 0;
    freeaddrinfo(found);
    if (connected) return std::shared_ptr<Forwarder>{new Forwarder{to, socket}};
    if (socket >= 0) close(socket);
    return nullptr;
}

Forwarder::~Forwarder() {
    close(socket_);
}

void Forwarder::send(std::span<const std::uint8_t> octets) const {
    [[maybe_unused]] const auto sent = ::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL);
}

void Forwarder::packet(const FeedPacket& packet) {
    if (packet.octets.size() > packet_max) return;
    if (packet.layer && to_.layer && packet.layer != to_.layer) return;
    std::array<std::uint8_t, packet_max> copy;
    std::ranges::copy(packet.octets, copy.begin());
    const std::span octets{copy.data(), packet.octets.size()};
    if (packet.layer && to_.selects) {
        const std::lock_guard lock{mutex_};
        const auto verdict = selector_.judge(*packet.layer, packet.parsed, packet.codec,
                                             packet.parsed.extension(packet.stream.dependencies), packet.now);
        if (!verdict.forward) return;
        LayerSelector::rewrite(verdict, octets, packet.parsed.payload_offset());
    }
    if (to_.ssrc != 0) set_ssrc(octets, to_.ssrc);
    if (to_.payload_type) octets[1] = static_cast<std::uint8_t>((octets[1] & 0x80U) | *to_.payload_type);
    send(octets);
}

void Forwarder::data(const gst::DataMessage& message) {
    send(message.bytes);
}

}  // namespace plugin
