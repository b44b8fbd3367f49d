// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace dht {

/// Octets that somebody else owns.
using BytesView = std::span<const std::uint8_t>;

/// Octets of our own. A `std::string`, since bencode and the wire are strings of octets, and a
/// short one needs no allocation.
using Bytes = std::string;

inline BytesView view(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::string_view text(BytesView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace dht
