// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>

#include "dht/bytes.h"
#include "dht/endpoint.h"
#include "dht/node.h"
#include "federation/glib/datagram_batch.h"
#include "federation/glib/loop.h"

namespace glib {

/// One bound UDP socket. Replies leave from the address that was asked, so that whoever asked
/// recognises them: the one that it is bound to or, bound to all of the machine's, the one that a
/// datagram is told to leave from. On the loop only.
class UdpSocket {
public:
    struct Received {
        dht::BytesView payload;  ///< valid until the next `receive`
        dht::Endpoint from;
        dht::Endpoint at;  ///< the address of ours that it came to; unspecified: the one that is bound
    };

    using OnRefused = std::function<void(const dht::Endpoint&)>;

    /// Throws std::runtime_error. `on_readable` calls `receive` some times; it is called again while
    /// there is more. `on_refused` is told where a datagram has met nobody, so far as the network says so
    /// (anybody may forge that).
    UdpSocket(Loop& loop, const dht::Endpoint& bind_to, std::function<void()> on_readable,
              OnRefused on_refused = {});

    std::optional<Received> receive();
    /// Leaves at the next `flush`, at the latest when there is a batch of them. A datagram that cannot
    /// leave is lost, as datagrams are.
    void send(dht::Datagram datagram);
    void flush();
    /// With the port that was bound.
    [[nodiscard]] const dht::Endpoint& endpoint() const { return endpoint_; }

private:
    /// Nobody sends us longer ones with good intent: the DHT's end at 1,200 octets, others' at what an
    /// Ethernet carries. A longer one is dropped as a whole, never cut and misread.
    static constexpr std::size_t datagram_bytes_max = 2048;

    /// Where the kernel writes what has come. A thread's sockets share one mostly, since each needs one only
    /// while it has something to read.
    struct Incoming {
        Incoming();
        DatagramBatch batch;
        /// Pages of it that were never needed take no memory: few datagrams come at the same moment.
        std::unique_ptr<char[]> room{new char[DatagramBatch::capacity * datagram_bytes_max]};
    };

    /// Whether anything was there.
    bool refill();
    void tell_refused();

    static thread_local std::unique_ptr<Incoming> spare_;

    std::function<void()> on_readable_;
    OnRefused on_refused_;
    Ref<GSocket> socket_;
    bool v6_;
    bool everywhere_;  ///< bound to all addresses
    dht::Endpoint endpoint_;
    Source source_;
    std::unique_ptr<Incoming> incoming_;  ///< while there is something to read
    std::size_t taken_ = 0;               ///< of those
    DatagramBatch outgoing_;
    std::array<dht::Datagram, DatagramBatch::capacity> queued_;  ///< what it points to
};

}  // namespace glib
