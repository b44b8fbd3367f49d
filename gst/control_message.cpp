// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/control_message.h"

namespace gst {

namespace {

enum class Type : std::uint8_t { ping = 1, pong = 2, close = 3, resend = 4, bandwidth = 5 };

constexpr std::size_t stamp_bytes = 8;
constexpr std::size_t bandwidth_bytes = 4;
constexpr std::size_t resend_header_bytes = 5, pair_bytes = 4;
constexpr unsigned bits_per_pair = 16;

std::vector<std::uint8_t> stamped(Type type, std::uint64_t stamp) {
    std::vector<std::uint8_t> out{static_cast<std::uint8_t>(type)};
    for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(stamp >> shift));
    return out;
}

std::vector<std::uint8_t> pairs_of(const Resend& resend) {
    std::vector<std::uint8_t> out{static_cast<std::uint8_t>(Type::resend)};
    for (int shift = 24; shift >= 0; shift -= 8)
        out.push_back(static_cast<std::uint8_t>(resend.lane >> shift));
    auto next = resend.sequences.begin();
    for (std::size_t pair = 0; pair < resend_pairs_max && next != resend.sequences.end(); ++pair) {
        const std::uint16_t first = *next++;
        std::uint16_t bits = 0;
        for (; next != resend.sequences.end(); ++next) {
            const auto behind = static_cast<std::uint16_t>(*next - first - 1);
            if (behind >= bits_per_pair) break;
            bits = static_cast<std::uint16_t>(bits | 1u << behind);
        }
        for (const auto number : {first, bits}) {
            out.push_back(static_cast<std::uint8_t>(number >> 8));
            out.push_back(static_cast<std::uint8_t>(number));
        }
    }
    return out;
}

std::optional<Resend> read_pairs(std::span<const std::uint8_t> body) {
    if (body.size() < resend_header_bytes + pair_bytes) return std::nullopt;
    Resend resend;
    for (const auto octet : body.subspan(1, 4)) resend.lane = resend.lane << 8 | octet;
    auto pairs = body.subspan(resend_header_bytes);
    for (std::size_t pair = 0; pair < resend_pairs_max && pairs.size() >= pair_bytes; ++pair) {
        const auto first = static_cast<std::uint16_t>(pairs[0] << 8 | pairs[1]);
        const unsigned bits = static_cast<unsigned>(pairs[2]) << 8 | pairs[3];
        resend.sequences.push_back(first);
        for (unsigned bit = 0; bit < bits_per_pair; ++bit)
            if (bits >> bit & 1) resend.sequences.push_back(static_cast<std::uint16_t>(first + bit + 1));
        pairs = pairs.subspan(pair_bytes);
    }
    return resend;
}

struct Encoder {
    std::vector<std::uint8_t> operator()(const Ping& ping) const { return stamped(Type::ping, ping.stamp); }
    std::vector<std::uint8_t> operator()(const Pong& pong) const { return stamped(Type::pong, pong.stamp); }
    std::vector<std::uint8_t> operator()(const Close&) const {
        return {static_cast<std::uint8_t>(Type::close)};
    }
    std::vector<std::uint8_t> operator()(const Resend& resend) const { return pairs_of(resend); }
    std::vector<std::uint8_t> operator()(const Bandwidth& bandwidth) const {
        std::vector<std::uint8_t> out{static_cast<std::uint8_t>(Type::bandwidth)};
        for (int shift = 24; shift >= 0; shift -= 8)
            out.push_back(static_cast<std::uint8_t>(bandwidth.bits_per_second >> shift));
        return out;
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
    if (type == Type::resend) {
        if (auto resend = read_pairs(body)) return *std::move(resend);
        return std::nullopt;
    }
    if (type == Type::bandwidth) {
        if (body.size() < 1 + bandwidth_bytes) return std::nullopt;
        Bandwidth bandwidth;
        for (const auto octet : body.subspan(1, bandwidth_bytes))
            bandwidth.bits_per_second = bandwidth.bits_per_second << 8 | octet;
        return bandwidth;
    }
    if (type != Type::ping && type != Type::pong) return std::nullopt;

    // Octets behind the stamp are left to later versions.
    if (body.size() < 1 + stamp_bytes) return std::nullopt;
    std::uint64_t stamp = 0;
    for (const std::uint8_t octet : body.subspan(1, stamp_bytes)) stamp = stamp << 8 | octet;
    if (type == Type::ping) return Ping{stamp};
    return Pong{stamp};
}

}  // namespace gst
