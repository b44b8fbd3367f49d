// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/node_id.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace dht {

namespace {

int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

std::optional<NodeId> NodeId::from_hex(std::string_view hex) {
    if (hex.size() != 2 * size) return std::nullopt;
    NodeId id;
    for (std::size_t i = 0; i < size; ++i) {
        const int high = digit(hex[2 * i]);
        const int low = digit(hex[2 * i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        id.octets[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
    return id;
}

std::optional<NodeId> NodeId::from_bytes(BytesView bytes) {
    if (bytes.size() != size) return std::nullopt;
    NodeId id;
    std::copy(bytes.begin(), bytes.end(), id.octets.begin());
    return id;
}

std::string NodeId::hex() const {
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;
    out.reserve(2 * size);
    for (const auto octet : octets) {
        out += digits[octet >> 4];
        out += digits[octet & 15];
    }
    return out;
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
