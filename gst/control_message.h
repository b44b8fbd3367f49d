// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "federation/protocol.h"

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

/// Packets of a lane that have not arrived.
struct Resend {
    federation::LaneId lane = 0;
    std::vector<std::uint16_t> sequences{};
};
/// On the wire each pair says up to 17 packets (RFC 4585 §6.2.1: a number, and bits for those behind it).
/// What is over is left out of a message.
constexpr std::size_t resend_pairs_max = 32;

/// What the path towards the sender of this carries, in bits per second with all headers: send no more.
struct Bandwidth {
    std::uint32_t bits_per_second = 0;  ///< the greatest number: no limit is known
};

using ControlMessage = std::variant<Ping, Pong, Close, Resend, Bandwidth>;

std::vector<std::uint8_t> encode(const ControlMessage& message);
/// Hostile input: nothing if it is unknown or too short.
std::optional<ControlMessage> decode_control(std::span<const std::uint8_t> body);

}  // namespace gst
