// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "federation/result.h"

namespace gst {

/// The outer stream's format, the same both ways: a description names one, and each side sends with
/// what the other's names.
constexpr std::uint8_t outer_payload_type = 100;
constexpr std::string_view outer_encoding = "X-VIADUCT-LANES";

enum class SdpKind { offer, answer };

/// What a trunk's session description says. Everything else in the text is of no use to us.
struct TrunkDescription {
    SdpKind kind = SdpKind::offer;
    std::string mid;
    std::string ice_ufrag, ice_pwd;
    std::string fingerprint;              ///< SHA-256 of the DTLS certificate: "AB:CD:…", upper case
    std::string setup;                    ///< "actpass", "active" or "passive"
    std::vector<std::string> candidates;  ///< "candidate:…", each one checked
};

struct SdpPolicy {
    bool loopback = false;  ///< whether candidates may name this very host
};

/// Hostile input. webrtcbin aborts the process on some descriptions (one without a mid, for example)
/// and resolves names in candidates, so nothing of a peer's text reaches it: this reads the few facts
/// that a trunk needs, checks each, and `write_sdp` makes a new text of them.
federation::Result<TrunkDescription> read_sdp(std::string_view text, SdpKind kind, SdpPolicy policy);

/// The description for webrtcbin.
std::string write_sdp(const TrunkDescription& description);

}  // namespace gst
