// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "federation/result.h"
#include "gst/ptr.h"

namespace elements {

/// What raw media is encoded with.
struct EncoderChoice {
    std::string factory{};  ///< this encoder and no other; empty: the best that is installed
    std::string codec{};    ///< of these caps' name ("video/x-h264"); empty: any
    bool fec = false;       ///< Opus: each packet also holds the one before, in fewer bits
};

struct Encoder {
    gst::Ref<GstElement> element;
    std::string caps;                                ///< what it makes: "video/x-vp8"
    std::string profile{};                           ///< to be asked of it, so that browsers can decode: caps
    std::function<void(std::uint64_t)> set_bitrate;  ///< bit/s; from any thread
};

/// The best of what is installed and can be opened, hardware first, set for live pictures: no look-ahead, no
/// frames that wait for later ones, keyframes when they are asked for.
federation::Result<Encoder> make_encoder(bool video, const EncoderChoice& choice, std::uint64_t bitrate);

/// The factories that `make_encoder` knows, best first.
std::vector<std::string_view> known_encoders(bool video);

}  // namespace elements
