// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/node_id.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "dht/hex.h"

namespace dht {

std::optional<NodeId> NodeId::from_hex(std::string_view hex) {
    NodeId id;
    return dht::from_hex(hex, id.octets) ? std::optional{id} : std::nullopt;
}

std::optional<NodeId> NodeId::from_bytes(BytesView bytes) {
    if (bytes.size() != size) return std::nullopt;
    NodeId id;
    std::copy(bytes.begin(), bytes.end(), id.octets.begin());
    return id;
}

std::string NodeId::hex() const {
    return dht::hex(octets);
}

NodeId distance(const NodeId& a, const NodeId& b) {
    NodeId out;
    for (std::size_t i = 0; i < NodeId::size; ++i) {
        out.octets[i] = static_cast<std::uint8_t>(a.octets[i] ^ b.octets[i]);
    }
    return out;
}

std::size_t shared_prefix(const NodeId& a, const NodeId& b) {
    for (std::size_t i = 0; i < NodeId::size; ++i) {
        const auto difference = static_cast<std::uint8_t>(a.octets[i] ^ b.octets[i]);
        if (difference != 0) return i * 8 + static_cast<std::size_t>(std::countl_zero(difference));
    }
    return NodeId::bits;
}

bool closer(const NodeId& target, const NodeId& a, const NodeId& b) {
    const auto from_a = leading_distance(a, target);
    const auto from_b = leading_distance(b, target);
    if (from_a != from_b) return from_a < from_b;
    for (std::size_t i = sizeof from_a; i < NodeId::size; ++i) {
        if (a.octets[i] != b.octets[i]) {
            return (a.octets[i] ^ target.octets[i]) < (b.octets[i] ^ target.octets[i]);
        }
    }
    return false;
}

}  // namespace dht

std::size_t std::hash<dht::NodeId>::operator()(const dht::NodeId& id) const noexcept {
    // Identifiers are hashes already; the last octets differ even among neighbours.
    std::size_t out = 0;
    std::memcpy(&out, id.octets.data() + dht::NodeId::size - sizeof out, sizeof out);
    return out;
}
