// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace gst {

/// One message of a browser's data channel. A view: valid as long as what it was made of.
struct DataMessage {
    std::string_view label{}, protocol{};  ///< of the data channel
    bool binary = false;                   ///< else it is text
    std::span<const std::uint8_t> bytes{};
};

/// What browsers send without negotiation (RFC 8841 §6.1: 64 KiB unless said otherwise; Chromium says this).
constexpr std::size_t data_message_bytes_max = 256 * 1024;
/// Of label and of protocol. RFC 8832 §5.1 has room for 65,535; applications use words.
constexpr std::size_t data_label_bytes_max = 1024;
/// Not yet at the other side, per lane. A browser's upload of 10 MB is taken at once, since nothing can slow
/// it down, with room for what else goes on.
constexpr std::size_t data_buffered_max = 16 * 1024 * 1024;
/// When the buffered amount falls to this, `LaneReceiver::data_drained` tells.
constexpr std::size_t data_buffered_low = 256 * 1024;

/// What became of a message that was to be sent.
enum class DataVerdict {
    taken,    ///< it will arrive, once and in order, unless the call ends before
    too_big,  ///< beyond data_message_bytes_max or data_label_bytes_max
    full,     ///< beyond data_buffered_max: the other side or the path does not keep up
    closed,   ///< the lane leads nowhere any more
};

/// For people.
std::string_view word(DataVerdict verdict);

bool fits(const DataMessage& message);

/// As it travels (docs/trunk.md): label and protocol, each behind its length, then the octets.
std::vector<std::uint8_t> encode(const DataMessage& message);
/// Hostile input. What is found is a view of `text`.
std::optional<DataMessage> decode_data_message(std::span<const std::uint8_t> text, bool binary);
constexpr std::size_t encoded_data_bytes_max = 4 + 2 * data_label_bytes_max + data_message_bytes_max;

}  // namespace gst
