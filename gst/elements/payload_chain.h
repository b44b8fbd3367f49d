// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "federation/result.h"
#include "gst/elements/encoder.h"
#include "gst/elements/lane_sink.h"
#include "gst/ptr.h"

namespace elements {

struct PayloadOptions {
    std::uint8_t payload_type = 96;
    EncoderChoice encoder{};
    std::uint64_t bitrate = 0;  ///< of what is encoded here, to begin with
    bool live = true;
    std::function<void(GstElement*)> encoder_made{}, payloader_made{};  ///< before they start: for settings
};

/// From what is put into a pad to RTP packets that fit a lane: raw media is encoded, encoded media put into
/// packets, RTP taken as it is.
struct PayloadChain {
    gst::Ref<GstElement> bin;                          ///< with a pad "sink"
    std::function<void(std::uint64_t)> set_bitrate{};  ///< if it encodes
    bool encodes = false;

    /// For these fixed caps. An error says what is missing and what to do.
    static federation::Result<PayloadChain> make(const GstCaps* caps, const PayloadOptions& options,
                                                 LaneSinkCallbacks callbacks);
};

/// What a pad takes, of this kind.
gst::Ptr<GstCaps> accepted_caps(bool video);

/// Of one packet. Browsers send no larger ones; with every header of a trunk it fits IPv6's least MTU.
constexpr int payload_mtu = 1200;

}  // namespace elements
