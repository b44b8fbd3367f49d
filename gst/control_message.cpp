// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/control_message.h"

namespace gst {

namespace {

enum class Type : std::uint8_t { ping = 1, pong = 2, close = 3 };

constexpr std::size_t stamp_bytes = 8;

std::vector<std::uint8_t> stamped(Type type, std::uint64_t stamp) {
    std::vector<std::uint8_t> out{static_cast<std::uint8_t>(type)};
    for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(stamp >> shift));
    return out;
}

struct Encoder {
    std::vector<std::uint8_t> operator()(const Ping& ping) const { return stamped(Type::ping, ping.stamp); }
    std::vector<std::uint8_t> operator()(const Pong& pong) const { return stamped(Type::pong, pong.stamp); }
    std::vector<std::uint8_t> operator()(const Close&) const {
        return {static_cast<std::uint8_t>(Type::close)};
    }
};

}  // namespace

std::vector<std::uint8_t> encode(const ControlMessage& message) {
    return std::visit(Encoder{}, message);
}

std::optional<ControlMessage> decode_control(std::span<const std::uint8_t> body) {
    if (body.empty()) return std::nullopt;
    const auto type = static_cast<Type>(body[0]);
    if (type == Type::close) return Close{};
    if (type != Type::ping && type != Type::pong) return std::nullopt;

    // Octets behind the stamp are left to later versions.
    if (body.size() < 1 + stamp_bytes) return std::nullopt;
    std::uint64_t stamp = 0;
    for (const std::uint8_t octet : body.subspan(1, stamp_bytes)) stamp = stamp << 8 | octet;
    if (type == Type::ping) return Ping{stamp};
    return Pong{stamp};
}

}  // namespace gst
