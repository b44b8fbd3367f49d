// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace gst {

/// How many packets of a lane's data may be under way: what a receiver keeps behind a gap, and what its
/// acknowledgement has bits for. With 1,400 octets each that is more than DataWindow ever allows.
constexpr std::size_t data_window_packets = 1024;

/// One piece of a data message: the body of a packet of kind `data`. Its number is the lane header's, counted
/// for itself.
///
///     +---------------+---------------+---------------+---------------+---------------+----
///     |      0  |A|B|L|F|                 stamp                                       | piece
///     +---------------+---------------+---------------+---------------+---------------+----
struct DataPacket {
    bool first = false;       ///< F, the message begins here
    bool last = false;        ///< L, and ends here
    bool binary = false;      ///< B
    bool ask = false;         ///< A, to be acknowledged at once
    std::uint32_t stamp = 0;  ///< comes back with the acknowledgement, to measure the round trip
    std::span<const std::uint8_t> piece{};
};

constexpr std::size_t data_header_bytes = 5;

std::array<std::uint8_t, data_header_bytes> encode_header(const DataPacket& packet);
/// Hostile input. Bits that are not here are left to later versions.
std::optional<DataPacket> decode_data(std::span<const std::uint8_t> body);

/// The body of a packet of kind `data_ack`: what has arrived of the lane's data. Number and stamp, then the
/// bits, the first one the highest of the first octet; zeros at the end are left out.
struct DataAck {
    std::uint16_t next = 0;                   ///< all before it have arrived and are taken
    std::uint32_t stamp = 0;                  ///< of the packet that caused it
    std::bitset<data_window_packets> kept{};  ///< bit i: next + i has arrived and waits
};

std::vector<std::uint8_t> encode(const DataAck& ack);
/// Hostile input.
std::optional<DataAck> decode_data_ack(std::span<const std::uint8_t> body);

}  // namespace gst
