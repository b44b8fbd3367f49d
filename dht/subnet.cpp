// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/subnet.h"

#include <algorithm>

namespace dht {

Subnet subnet_of(const Endpoint& endpoint) {
    const bool v4 = endpoint.is_v4();
    const std::size_t begin = v4 ? 12 : 0;
    const std::size_t end = v4 ? 15 : 8;
    Subnet out{.prefix = 0, .v4 = v4};
    for (std::size_t i = begin; i < end; ++i) out.prefix = out.prefix << 8U | endpoint.address[i];
    return out;
}

bool is_loopback(const Endpoint& endpoint) {
    const auto& a = endpoint.address;
    if (endpoint.is_v4()) return a[12] == 127;
    return a[15] == 1 && std::all_of(a.begin(), a.end() - 1, [](auto octet) { return octet == 0; });
}

bool is_private(const Endpoint& endpoint) {
    const auto& a = endpoint.address;
    if (endpoint.is_v4()) {
        return is_loopback(endpoint) || a[12] == 10 || (a[12] == 172 && (a[13] & 0xf0) == 16) ||
               (a[12] == 192 && a[13] == 168) || (a[12] == 169 && a[13] == 254) ||
               (a[12] == 100 && (a[13] & 0xc0) == 64);
    }
    return is_loopback(endpoint) || (a[0] & 0xfe) == 0xfc || (a[0] == 0xfe && (a[1] & 0xc0) == 0x80);
}

bool is_unicast(const Endpoint& endpoint) {
    if (endpoint.port == 0) return false;
    const auto& a = endpoint.address;
    if (endpoint.is_v4()) return a[12] != 0 && a[12] < 224;
    return a[0] != 0xff && std::any_of(a.begin(), a.end(), [](auto o) { return o != 0; });
}

}  // namespace dht

std::size_t std::hash<dht::Subnet>::operator()(const dht::Subnet& subnet) const noexcept {
    const auto out = (subnet.prefix * 2 + (subnet.v4 ? 1 : 0)) * 0x9e3779b97f4a7c15U;
    return static_cast<std::size_t>(out ^ (out >> 32U));
}
