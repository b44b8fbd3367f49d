// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <optional>

#include "dht/bytes.h"
#include "dht/endpoint.h"

namespace glib {

/// Datagrams that pass between us and the kernel in one call: a call for each would cost a busy node
/// more than what it does with them. Nothing here allocates.
class DatagramBatch {
public:
    static constexpr std::size_t capacity = 64;

    /// Of a socket for IPv6 even IPv4 addresses have their IPv6 form. `tells_local`: of a socket that is
    /// bound to no single address, and so has to be told of each datagram which of ours it came to, or is to
    /// leave from.
    DatagramBatch(bool v6, bool tells_local);
    DatagramBatch(const DatagramBatch&) = delete;
    DatagramBatch& operator=(const DatagramBatch&) = delete;

    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] bool full() const { return size_ == capacity; }

    /// Room that `recvmmsg` may write to, again and again.
    void offer(std::size_t index, char* room, std::size_t bytes) { pieces_[index] = {room, bytes}; }
    /// A datagram for `sendmmsg`, which must stay where it is until then.
    void add(dht::BytesView payload, const dht::Endpoint& to, const dht::Endpoint& leaves_from = {});

    /// Nothing came: -1. How many of those offered were filled otherwise.
    int receive(int socket);
    /// All of them. For each that the kernel does not take, `refused` gets its number.
    template <class Refused>
    void send(int socket, Refused refused) {
        int tries = 0;
        for (std::size_t sent = 0; sent < size_;) {
            const int count = sendmmsg(socket, &headers_[sent], static_cast<unsigned>(size_ - sent), 0);
            if (count > 0) {
                sent += static_cast<std::size_t>(count);
                tries = 0;
            } else if (errno != ECONNREFUSED || ++tries == tries_max) {
                // Only the first one's error is told; those behind it may well leave.
                refused(sent++);
                tries = 0;
            }
        }
        size_ = 0;
    }

    /// Of what was received. Nothing if it was longer than its room.
    [[nodiscard]] std::optional<dht::BytesView> payload(std::size_t index) const;
    [[nodiscard]] dht::Endpoint from(std::size_t index) const;
    /// The address of ours that it came to, without a port. Unspecified where it is not told.
    [[nodiscard]] dht::Endpoint at(std::size_t index) const;

private:
    /// The error may be of what was sent before, to somebody else: it is told once, and the next try
    /// leaves, unless another one has come between.
    static constexpr int tries_max = 8;

    union Address {
        sockaddr any;
        sockaddr_in v4;
        sockaddr_in6 v6;
    };

    /// Room for an in_pktinfo or an in6_pktinfo behind its header.
    struct Control {
        alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(in6_pktinfo))> octets{};
    };

    void write_local(std::size_t index, const dht::Endpoint& local);
    socklen_t write_address(Address& out, const dht::Endpoint& endpoint) const;

    bool v6_;
    std::size_t size_ = 0;
    std::array<mmsghdr, capacity> headers_{};
    std::array<iovec, capacity> pieces_{};
    std::array<Address, capacity> addresses_{};
    std::unique_ptr<std::array<Control, capacity>> controls_;  ///< none if the socket is bound to one address
};

}  // namespace glib
