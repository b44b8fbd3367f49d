// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/mlines.h"

#include <gst/sdp/sdp.h>

#include <cstdlib>
#include <memory>
#include <string_view>

namespace plugin {

namespace {

struct FreeSdp {
    void operator()(GstSDPMessage* sdp) const noexcept { gst_sdp_message_free(sdp); }
};

/// "3 urn:…" or "3/sendonly urn:…" (RFC 8285 §5).
void read_extmap(std::string_view value, MLine& mline) {
    const int id = std::atoi(std::string{value}.c_str());
    const auto names = [&](std::string_view uri) { return value.find(uri) != std::string_view::npos; };
    if (id < 1 || id > 255) return;
    if (names("urn:ietf:params:rtp-hdrext:ssrc-audio-level")) mline.audio_level = id;
    if (names("urn:3gpp:video-orientation")) mline.orientation = id;
}

MLine read_media(const GstSDPMedia* media) {
    const std::string_view kind = gst_sdp_media_get_media(media) ? gst_sdp_media_get_media(media) : "";
    MLine mline;
    mline.video = kind == "video";
    mline.data = kind == "application";
    for (guint i = 0; i < gst_sdp_media_attributes_len(media); ++i) {
        const GstSDPAttribute* attribute = gst_sdp_media_get_attribute(media, i);
        if (std::string_view{attribute->key} == "extmap" && attribute->value)
            read_extmap(attribute->value, mline);
    }
    return mline;
}

}  // namespace

std::optional<std::vector<MLine>> parse_mlines(const std::string& sdp) {
    if (*sdp.c_str() == '\0') return std::nullopt;  // GStreamer would call it a programming error
    GstSDPMessage* parsed = nullptr;
    if (gst_sdp_message_new_from_text(sdp.c_str(), &parsed) != GST_SDP_OK) {
        if (parsed) gst_sdp_message_free(parsed);
        return std::nullopt;
    }
    const std::unique_ptr<GstSDPMessage, FreeSdp> message{parsed};
    const guint count = gst_sdp_message_medias_len(parsed);
    if (count == 0 || count > mlines_max) return std::nullopt;
    std::vector<MLine> mlines;
    mlines.reserve(count);
    for (guint i = 0; i < count; ++i) mlines.push_back(read_media(gst_sdp_message_get_media(parsed, i)));
    return mlines;
}

}  // namespace plugin
