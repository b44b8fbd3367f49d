// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>

#include "dht/bytes.h"
#include "dht/endpoint.h"
#include "dht/node.h"
#include "federation/glib/loop.h"

namespace glib {

/// One bound UDP socket. Replies leave from the address that it is bound to, so that whoever asked
/// recognises them. On the loop only.
class UdpSocket {
public:
    struct Received {
        dht::BytesView payload;  ///< valid until the next `receive`
        dht::Endpoint from;
    };

    /// Throws std::runtime_error. `on_readable` calls `receive` some times; it is called again while
    /// there is more.
    UdpSocket(Loop& loop, const dht::Endpoint& bind_to, std::function<void()> on_readable);

    std::optional<Received> receive();
    /// A datagram that cannot leave is lost, as datagrams are.
    void send(const dht::Datagram& datagram);
    /// With the port that was bound.
    [[nodiscard]] const dht::Endpoint& endpoint() const { return endpoint_; }

private:
    std::function<void()> on_readable_;
    Ref<GSocket> socket_;
    bool v6_;
    dht::Endpoint endpoint_;
    Source source_;
    std::array<char, 65'536> buffer_;  ///< no datagram is longer, so none is cut and misread
};

}  // namespace glib
