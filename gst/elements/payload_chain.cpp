// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/elements/payload_chain.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "gst/elements/row.h"

namespace elements {

namespace {

/// How one codec goes into RTP.
struct Codec {
    std::string_view caps;
    const char* parser;  ///< empty: none is needed
    const char* payloader;
    const char* package;  ///< that has it, where it is not among those that Viaduct needs anyway
};

constexpr std::array codecs = {
    Codec{"video/x-h264", "h264parse", "rtph264pay", ""},
    Codec{"video/x-h265", "h265parse", "rtph265pay", ""},
    Codec{"video/x-vp8", "", "rtpvp8pay", ""},
    Codec{"video/x-vp9", "", "rtpvp9pay", ""},
    Codec{"video/x-av1", "av1parse", "rtpav1pay", "gst-plugins-rs (libgstrsrtp.so)"},
    Codec{"audio/x-opus", "", "rtpopuspay", ""},
};

/// Pictures in a graphics card's memory stay there.
bool in_system_memory(const GstCaps* caps) {
    const GstCapsFeatures* features = gst_caps_get_features(caps, 0);
    return !features || gst_caps_features_is_equal(features, GST_CAPS_FEATURES_MEMORY_SYSTEM_MEMORY);
}

std::string add_converters(Row& row, bool video, const GstCaps* caps) {
    if (video && !in_system_memory(caps)) return {};
    for (const char* factory :
         video ? std::vector{"videoconvert"} : std::vector{"audioconvert", "audioresample"})
        if (const auto added = row.add(factory); !added) return added.error().what;
    // Opus has other channels than these only in a mapping that no browser knows.
    if (!video && !row.add_filter("audio/x-raw,rate=48000,channels=[1,2]")) return "capsfilter is missing";
    return {};
}

federation::Result<std::string> add_encoder(Row& row, PayloadChain& chain, bool video, const GstCaps* caps,
                                            const PayloadOptions& options) {
    if (const auto wrong = add_converters(row, video, caps); !wrong.empty()) return federation::Error{wrong};
    auto encoder = make_encoder(video, options.encoder, options.bitrate);
    if (!encoder) return encoder.error();
    if (options.encoder_made) options.encoder_made(encoder->element.get());
    if (!row.add(std::move(encoder->element)))
        return federation::Error{"the encoder does not take this media"};
    if (!encoder->profile.empty()) row.add_filter(encoder->profile.c_str());
    chain.set_bitrate = std::move(encoder->set_bitrate);
    chain.encodes = true;
    return std::move(encoder->caps);
}

std::string add_payloader(Row& row, const std::string& caps, const PayloadOptions& options) {
    const auto* const codec = std::ranges::find(codecs, caps, &Codec::caps);
    if (codec == codecs.end())
        return "media of type " + caps +
               " has no place in RTP here: raw media, H.264, H.265, VP8, VP9, AV1, "
               "Opus and RTP are taken";
    if (*codec->parser) {
        const auto parser = row.add(codec->parser, codec->package);
        if (!parser) return parser.error().what;
        // Whoever comes later needs them with each keyframe.
        set_if_known(*parser, "config-interval", "-1");
    }
    const auto payloader = row.add(codec->payloader, codec->package);
    if (!payloader) return payloader.error().what;
    set_if_known(*payloader, "mtu", std::to_string(payload_mtu).c_str());
    set_if_known(*payloader, "pt", std::to_string(options.payload_type).c_str());
    set_if_known(*payloader, "config-interval", "-1");
    set_if_known(*payloader, "aggregate-mode", "zero-latency");
    set_if_known(*payloader, "picture-id-mode", "15-bit");
    if (options.payloader_made) options.payloader_made(*payloader);
    return {};
}

}  // namespace

federation::Result<PayloadChain> PayloadChain::make(const GstCaps* caps, const PayloadOptions& options,
                                                    LaneSinkCallbacks callbacks) {
    std::string type = gst_structure_get_name(gst_caps_get_structure(caps, 0));
    PayloadChain chain;
    Row row;
    if (type.ends_with("/x-raw")) {
        auto encoded = add_encoder(row, chain, type.starts_with("video/"), caps, options);
        if (!encoded) return encoded.error();
        type = std::move(*encoded);
    }
    if (type != "application/x-rtp") {
        if (const auto wrong = add_payloader(row, type, options); !wrong.empty())
            return federation::Error{wrong};
    }
    if (!row.add(make_lane_sink(std::move(callbacks), options.live)))
        return federation::Error{"the packets cannot be taken"};
    chain.bin = row.take();
    return chain;
}

gst::Ptr<GstCaps> accepted_caps(bool video) {
    const char* text =
        video ? "video/x-raw(ANY); video/x-h264; video/x-h265; video/x-vp8; video/x-vp9; video/x-av1; "
                "application/x-rtp, media=(string)video"
              : "audio/x-raw; audio/x-opus; application/x-rtp, media=(string)audio";
    return gst::Ptr<GstCaps>{gst_caps_from_string(text)};
}

}  // namespace elements
