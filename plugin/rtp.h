// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace plugin {

/// A view of one RTP packet (RFC 3550 §5.1). It comes from another server: every length is checked here,
/// and Janus's own readers, which trust them, are left alone.
class RtpPacket {
public:
    /// Nothing for another version, or when header, CSRCs or extension do not lie within the packet.
    static std::optional<RtpPacket> parse(std::span<const std::uint8_t> octets);

    [[nodiscard]] bool marker() const { return (octets_[1] & 0x80U) != 0; }
    [[nodiscard]] std::uint8_t payload_type() const { return octets_[1] & 0x7fU; }
    [[nodiscard]] std::uint16_t sequence() const;
    [[nodiscard]] std::uint32_t timestamp() const;
    [[nodiscard]] std::uint32_t ssrc() const;
    [[nodiscard]] std::size_t payload_offset() const { return payload_; }
    /// Padding included. May be empty.
    [[nodiscard]] std::span<const std::uint8_t> payload() const { return octets_.subspan(payload_); }
    /// The element of this id in the header extension, of either form (RFC 8285 §4). Empty if there is none,
    /// or `id` is 0.
    [[nodiscard]] std::span<const std::uint8_t> extension(int id) const;

private:
    RtpPacket(std::span<const std::uint8_t> octets, std::size_t extension, std::size_t payload)
        : octets_(octets), extension_(extension), payload_(payload) {}

    std::span<const std::uint8_t> octets_;
    std::size_t extension_;  ///< where the extension's header begins; 0: there is none
    std::size_t payload_;
};

// The fields of a header that is known to be there.
void set_marker(std::span<std::uint8_t> packet);
void set_sequence(std::span<std::uint8_t> packet, std::uint16_t sequence);
void set_timestamp(std::span<std::uint8_t> packet, std::uint32_t timestamp);
void set_ssrc(std::span<std::uint8_t> packet, std::uint32_t ssrc);

}  // namespace plugin
