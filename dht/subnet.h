// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>

#include "dht/endpoint.h"

namespace dht {

/// The addresses that one party can have cheaply: an IPv4 /24 or an IPv6 /64.
struct Subnet {
    std::uint64_t prefix = 0;
    bool v4 = false;

    auto operator<=>(const Subnet&) const = default;
};

Subnet subnet_of(const Endpoint& endpoint);

/// Loopback, link-local, shared and private ranges (RFC 1122, 1918, 3927, 4193, 4291, 6598): the
/// operator's own network, where many nodes behind one prefix are no attack.
bool is_private(const Endpoint& endpoint);

/// This machine: what comes from there, nobody else can forge.
bool is_loopback(const Endpoint& endpoint);

/// Whether a datagram may be sent there at all: no port 0, no multicast, no unspecified address.
bool is_unicast(const Endpoint& endpoint);

}  // namespace dht

template <>
struct std::hash<dht::Subnet> {
    std::size_t operator()(const dht::Subnet& subnet) const noexcept;
};
