// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace elements {

/// What a viewer asks for in a (compound) RTCP packet.
struct Feedback {
    bool keyframe = false;                 ///< PLI (RFC 4585 §6.3.1) or FIR (RFC 5104 §4.3.1)
    std::optional<std::uint64_t> bitrate;  ///< REMB, in bit/s: what the way to the viewer bears
};

/// Hostile input: what is malformed asks for nothing.
Feedback read_feedback(std::span<const std::uint8_t> rtcp);

/// A compound packet that asks the sender of `media` for a keyframe.
std::vector<std::uint8_t> keyframe_request(std::uint32_t viewer, std::uint32_t media);
/// A REMB (draft-alvestrand-rmcat-remb): this many bit/s arrive.
std::vector<std::uint8_t> bitrate_report(std::uint32_t viewer, std::uint32_t media, std::uint64_t bits);

/// What sender reports say of one stream (RFC 3550 §6.4.1).
struct SenderReport {
    std::uint32_t ssrc = 0;
    std::uint64_t ntp = 0;  ///< the moment that `timestamp` means, 32.32 bits
    std::uint32_t timestamp = 0;
    std::uint32_t packets = 0, octets = 0;
};
/// With the CNAME: streams of one are played in step.
std::vector<std::uint8_t> encode(const SenderReport& report, const std::string& cname);

/// The first sender report in it. Hostile input.
std::optional<SenderReport> read_report(std::span<const std::uint8_t> rtcp);

}  // namespace elements
