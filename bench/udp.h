// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <netinet/in.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace bench {

sockaddr_in loopback(std::uint16_t port);

/// A UDP socket of the loopback, with room for a burst. Throws where there is none.
class Udp {
public:
    /// 0: any port.
    explicit Udp(std::uint16_t port = 0);
    ~Udp();
    Udp(const Udp&) = delete;
    Udp& operator=(const Udp&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    void send(std::uint16_t to, std::span<const std::uint8_t> datagram) const;
    /// Waits. Empty when told to `stop`.
    std::span<std::uint8_t> receive(std::span<std::uint8_t> room) const;
    /// Ends whoever waits at this port, once.
    void stop(std::uint16_t at) const;

private:
    int fd_ = -1;
    std::uint16_t port_ = 0;
};

}  // namespace bench
