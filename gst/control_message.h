// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <variant>
#include <vector>

namespace gst {

/// Messages on lane 0 (docs/trunk.md): one octet of type, then what the type says. Numbers are
/// big-endian. Types that are not here are ignored, so that newer peers may say more.
struct Ping {
    std::uint64_t stamp = 0;  ///< means nothing to the peer, which sends it back
};
struct Pong {
    std::uint64_t stamp = 0;
};
/// The sender needs this trunk no more and has already left it.
struct Close {};

using ControlMessage = std::variant<Ping, Pong, Close>;

std::vector<std::uint8_t> encode(const ControlMessage& message);
/// Hostile input: nothing if it is unknown or too short.
std::optional<ControlMessage> decode_control(std::span<const std::uint8_t> body);

}  // namespace gst
