// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/rtp.h"

namespace plugin {

namespace {

using Octets = std::span<const std::uint8_t>;

constexpr std::size_t fixed_header = 12, extension_header = 4, word = 4;

std::uint16_t read16(Octets octets, std::size_t at) {
    return static_cast<std::uint16_t>(octets[at] << 8U | octets[at + 1]);
}

std::uint32_t read32(Octets octets, std::size_t at) {
    return static_cast<std::uint32_t>(read16(octets, at)) << 16U | read16(octets, at + 2);
}

/// Walks through the elements; `header` is how many octets an element's own header has.
Octets find_element(Octets elements, unsigned wanted, std::size_t header) {
    while (!elements.empty()) {
        const bool one_octet = header == 1;
        const unsigned id = one_octet ? elements[0] >> 4U : elements[0];
        if (id == 0) {  // padding: one octet in both forms
            elements = elements.subspan(1);
            continue;
        }
        if (one_octet && id == 15) return {};  // RFC 8285 §4.2: stop here
        if (elements.size() < header) return {};
        const std::size_t length = one_octet ? (elements[0] & 0x0fU) + 1 : elements[1];
        if (elements.size() < header + length) return {};
        if (id == wanted) return elements.subspan(header, length);
        elements = elements.subspan(header + length);
    }
    return {};
}

}  // namespace

std::optional<RtpPacket> RtpPacket::parse(Octets octets) {
    if (octets.size() < fixed_header || octets[0] >> 6U != 2) return std::nullopt;
    std::size_t length = fixed_header + word * (octets[0] & 0x0fU);
    std::size_t extension = 0;
    if ((octets[0] & 0x10U) != 0) {
        if (octets.size() < length + extension_header) return std::nullopt;
        extension = length;
        length += extension_header + word * read16(octets, extension + 2);
    }
    if (length > octets.size()) return std::nullopt;
    return RtpPacket{octets, extension, length};
}

std::uint16_t RtpPacket::sequence() const {
    return read16(octets_, 2);
}

std::uint32_t RtpPacket::timestamp() const {
    return read32(octets_, 4);
}

std::uint32_t RtpPacket::ssrc() const {
    return read32(octets_, 8);
}

Octets RtpPacket::extension(int id) const {
    if (id < 1 || id > 255 || extension_ == 0) return {};
    const std::size_t begin = extension_ + extension_header;
    const Octets elements = octets_.subspan(begin, payload_ - begin);
    const std::uint16_t profile = read16(octets_, extension_);
    if (profile == 0xbede) return find_element(elements, static_cast<unsigned>(id), 1);
    if (profile >> 4U == 0x100) return find_element(elements, static_cast<unsigned>(id), 2);
    return {};
}

void set_marker(std::span<std::uint8_t> packet) {
    packet[1] |= 0x80U;
}

void set_sequence(std::span<std::uint8_t> packet, std::uint16_t sequence) {
    packet[2] = static_cast<std::uint8_t>(sequence >> 8U);
    packet[3] = static_cast<std::uint8_t>(sequence);
}

namespace {

void write32(std::span<std::uint8_t> packet, std::size_t at, std::uint32_t number) {
    for (std::size_t i = 0; i < word; ++i) packet[at + i] = static_cast<std::uint8_t>(number >> (24 - 8 * i));
}

}  // namespace

void set_timestamp(std::span<std::uint8_t> packet, std::uint32_t timestamp) {
    write32(packet, 4, timestamp);
}

void set_ssrc(std::span<std::uint8_t> packet, std::uint32_t ssrc) {
    write32(packet, 8, ssrc);
}

}  // namespace plugin
