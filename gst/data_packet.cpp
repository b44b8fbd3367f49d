// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/data_packet.h"

#include <algorithm>

namespace gst {

namespace {

constexpr std::uint8_t first_bit = 1, last_bit = 2, binary_bit = 4, ask_bit = 8;
constexpr std::size_t ack_header_bytes = 6;

std::uint32_t read32(std::span<const std::uint8_t> octets) {
    std::uint32_t number = 0;
    for (const auto octet : octets.first(4)) number = number << 8 | octet;
    return number;
}

std::uint8_t octet(std::uint32_t number, int shift) {
    return static_cast<std::uint8_t>(number >> shift);
}

}  // namespace

std::array<std::uint8_t, data_header_bytes> encode_header(const DataPacket& packet) {
    const int flags = (packet.first ? first_bit : 0) | (packet.last ? last_bit : 0) |
                      (packet.binary ? binary_bit : 0) | (packet.ask ? ask_bit : 0);
    return {static_cast<std::uint8_t>(flags), octet(packet.stamp, 24), octet(packet.stamp, 16),
            octet(packet.stamp, 8), octet(packet.stamp, 0)};
}

std::optional<DataPacket> decode_data(std::span<const std::uint8_t> body) {
    if (body.size() <= data_header_bytes) return std::nullopt;
    const auto flags = body[0];
    return DataPacket{.first = (flags & first_bit) != 0,
                      .last = (flags & last_bit) != 0,
                      .binary = (flags & binary_bit) != 0,
                      .ask = (flags & ask_bit) != 0,
                      .stamp = read32(body.subspan(1)),
                      .piece = body.subspan(data_header_bytes)};
}

std::vector<std::uint8_t> encode(const DataAck& ack) {
    std::vector<std::uint8_t> out{octet(ack.next, 8),   octet(ack.next, 0),  octet(ack.stamp, 24),
                                  octet(ack.stamp, 16), octet(ack.stamp, 8), octet(ack.stamp, 0)};
    if (ack.kept.none()) return out;
    for (std::size_t i = 0; i < ack.kept.size(); i += 8) {
        std::uint8_t bits = 0;
        for (std::size_t bit = 0; bit < 8; ++bit)
            bits = static_cast<std::uint8_t>(bits << 1 | (ack.kept[i + bit] ? 1 : 0));
        out.push_back(bits);
    }
    while (out.back() == 0 && out.size() > ack_header_bytes) out.pop_back();
    return out;
}

std::optional<DataAck> decode_data_ack(std::span<const std::uint8_t> body) {
    if (body.size() < ack_header_bytes) return std::nullopt;
    DataAck ack{.next = static_cast<std::uint16_t>(body[0] << 8 | body[1]), .stamp = read32(body.subspan(2))};
    const auto bits = body.subspan(ack_header_bytes);
    for (std::size_t i = 0; i < std::min(bits.size() * 8, ack.kept.size()); ++i)
        ack.kept[i] = (bits[i / 8] >> (7 - i % 8) & 1) != 0;
    return ack;
}

}  // namespace gst
