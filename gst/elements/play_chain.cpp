// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/elements/play_chain.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "gst/elements/row.h"

namespace elements {

namespace {

struct Decoding {
    std::string_view name;  ///< as in RTP
    const char* depayloader;
    const char* parser;  ///< empty: none is needed
    const char* caps;
    const char* package = "";
};

constexpr std::array decodings = {
    Decoding{"H264", "rtph264depay", "h264parse", "video/x-h264"},
    Decoding{"H265", "rtph265depay", "h265parse", "video/x-h265"},
    Decoding{"VP8", "rtpvp8depay", "", "video/x-vp8"},
    Decoding{"VP9", "rtpvp9depay", "vp9parse", "video/x-vp9"},
    Decoding{"AV1", "rtpav1depay", "av1parse", "video/x-av1", "gst-plugins-rs (libgstrsrtp.so)"},
    Decoding{"OPUS", "rtpopusdepay", "", "audio/x-opus"},
    Decoding{"PCMU", "rtppcmudepay", "", "audio/x-mulaw"},
    Decoding{"PCMA", "rtppcmadepay", "", "audio/x-alaw"},
    Decoding{"G722", "rtpg722depay", "", "audio/G722"},
};

const Decoding* find(const StreamDescription& stream) {
    const auto* const found = std::ranges::find(decodings, stream.codec, &Decoding::name);
    return found == decodings.end() ? nullptr : found;
}

}  // namespace

bool can_depayload(const StreamDescription& stream) {
    return find(stream) != nullptr;
}

gst::Ptr<GstCaps> played_caps(const StreamDescription& stream) {
    const Decoding* codec = find(stream);
    return codec ? gst::Ptr<GstCaps>{gst_caps_new_empty_simple(codec->caps)} : stream.caps();
}

federation::Result<gst::Ref<GstElement>> make_play_chain(const StreamDescription& stream) {
    const Decoding* codec = find(stream);
    if (!codec) return federation::Error{"no depayloader is known for " + stream.codec + ": ask for RTP"};
    Row row;
    const auto depayloader = row.add(codec->depayloader, codec->package);
    if (!depayloader) return depayloader.error();
    // Nobody needs pictures that build on one that is not there; who lost it asks for a new one.
    set_if_known(*depayloader, "wait-for-keyframe", "true");
    set_if_known(*depayloader, "request-keyframe", "true");
    if (*codec->parser)
        if (const auto parser = row.add(codec->parser, codec->package); !parser) return parser.error();
    return row.take();
}

}  // namespace elements
