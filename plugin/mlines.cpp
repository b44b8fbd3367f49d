// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/mlines.h"

#include <gst/sdp/sdp.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string_view>

namespace plugin {

namespace {

/// RTP has no more payload types.
constexpr std::size_t formats_max = 128;

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
    if (names("http://www.webrtc.org/experiments/rtp-hdrext/playout-delay")) mline.playout_delay = id;
    if (names("dependency-descriptor-rtp-header-extension")) mline.dependencies = id;
}

/// The few that need no rtpmap (RFC 3551 §6).
std::string static_format(unsigned payload_type) {
    return payload_type == 0 ? "pcmu" : payload_type == 8 ? "pcma" : payload_type == 9 ? "g722" : "";
}

/// "96 VP8/90000"
void read_rtpmap(std::string_view value, MLine& mline) {
    const std::size_t space = value.find(' ');
    if (space == std::string_view::npos) return;
    const int number = std::atoi(std::string{value.substr(0, space)}.c_str());
    std::string name{value.substr(space + 1, value.find('/', space) - space - 1)};
    std::ranges::transform(name, name.begin(), [](char c) { return g_ascii_tolower(c); });
    for (auto& format : mline.formats)
        if (format.payload_type == number) format.name = name;
}

void read_formats(const GstSDPMedia* media, MLine& mline) {
    for (guint i = 0; i < gst_sdp_media_formats_len(media) && mline.formats.size() < formats_max; ++i) {
        const char* text = gst_sdp_media_get_format(media, i);
        const int number = text ? std::atoi(text) : -1;
        if (number < 0 || number > 127) continue;
        mline.formats.push_back({static_cast<std::uint8_t>(number), static_format(number)});
    }
}

MLine read_media(const GstSDPMedia* media) {
    const std::string_view kind = gst_sdp_media_get_media(media) ? gst_sdp_media_get_media(media) : "";
    MLine mline;
    mline.video = kind == "video";
    mline.data = kind == "application";
    mline.rejected = gst_sdp_media_get_port(media) == 0;
    if (!mline.data) read_formats(media, mline);
    for (guint i = 0; i < gst_sdp_media_attributes_len(media); ++i) {
        const GstSDPAttribute* attribute = gst_sdp_media_get_attribute(media, i);
        if (!attribute->value) continue;
        const std::string_view key = attribute->key;
        if (key == "extmap") read_extmap(attribute->value, mline);
        if (key == "rtpmap") read_rtpmap(attribute->value, mline);
    }
    return mline;
}

}  // namespace

std::string_view MLine::format(std::uint8_t payload_type) const {
    const auto found = std::ranges::find(formats, payload_type, &Format::payload_type);
    return found == formats.end() ? std::string_view{} : found->name;
}

bool have_something_in_common(const std::vector<MLine>& offer, const std::vector<MLine>& answer) {
    for (std::size_t i = 0; i < std::min(offer.size(), answer.size()); ++i) {
        if (offer[i].rejected || answer[i].rejected) continue;
        if (offer[i].data && answer[i].data) return true;
        for (const auto& format : answer[i].formats)
            if (std::ranges::find(offer[i].formats, format.payload_type, &Format::payload_type) !=
                offer[i].formats.end())
                return true;
    }
    return false;
}

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
