// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "dht/bytes.h"

namespace dht {

/// A point in Kademlia's 160-bit space: a node's identifier, or a key that records are stored
/// under (Maymounkov and Mazières 2002, §2.1). Written as 40 lower-case hexadecimal digits.
struct NodeId {
    static constexpr std::size_t size = 20;
    static constexpr std::size_t bits = size * 8;

    std::array<std::uint8_t, size> octets{};

    /// 40 hexadecimal digits of either case, and nothing else.
    static std::optional<NodeId> from_hex(std::string_view hex);
    /// Exactly 20 octets, and nothing else.
    static std::optional<NodeId> from_bytes(BytesView bytes);

    [[nodiscard]] std::string hex() const;
    [[nodiscard]] std::string_view bytes() const {
        return {reinterpret_cast<const char*>(octets.data()), size};
    }

    auto operator<=>(const NodeId&) const = default;
    /// The default compares by a call, which is felt where tables are searched.
    bool operator==(const NodeId& other) const {
        return std::memcmp(octets.data(), other.octets.data(), size) == 0;
    }
};

/// What `SHA-1(name)` gives: the place of a name's records in the same space.
using Key = NodeId;

/// XOR metric (§2.1). Compares as a big-endian number.
NodeId distance(const NodeId& a, const NodeId& b);

/// Its first 64 bits, which nearly always tell which of two is nearer.
inline std::uint64_t leading_distance(const NodeId& a, const NodeId& b) {
    const auto leading = [](const NodeId& id) {  // the compiler makes one load of it
        std::uint64_t out = 0;
        for (std::size_t i = 0; i < sizeof out; ++i) out = out << 8U | id.octets[i];
        return out;
    };
    return leading(a) ^ leading(b);
}

/// Number of leading bits that `a` and `b` share: 160 if they are equal. It is also the index of
/// the k-bucket in which `a` keeps `b`.
std::size_t shared_prefix(const NodeId& a, const NodeId& b);

/// Whether `a` is strictly nearer to `target` than `b`.
bool closer(const NodeId& target, const NodeId& a, const NodeId& b);

}  // namespace dht

template <>
struct std::hash<dht::NodeId> {
    std::size_t operator()(const dht::NodeId& id) const noexcept;
};
