// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/sdp_lines.h"

#include <glib.h>
#include <gst/sdp/sdp.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "plugin/mlines.h"

namespace plugin {

namespace {

/// RTP has no more payload types, and a description no more extensions that we could tell apart.
constexpr std::size_t formats_max = 128, extensions_max = 64;

struct FreeSdp {
    void operator()(GstSDPMessage* sdp) const noexcept { gst_sdp_message_free(sdp); }
};

/// The number that a text begins with, which is cut off with the space behind it; -1: none.
int take_number(std::string_view& text) {
    int number = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return -1;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    while (text.starts_with(' ')) text.remove_prefix(1);
    return number;
}

std::string lower(std::string_view text) {
    std::string result{text};
    std::ranges::transform(result, result.begin(), [](char c) { return g_ascii_tolower(c); });
    return result;
}

/// What stands before the separator, which is cut off with it.
std::string_view take_until(std::string_view& text, char separator) {
    const auto end = std::min(text.find(separator), text.size());
    const auto taken = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return taken;
}

SdpLine::Format* find(SdpLine& line, int payload_type) {
    const auto found = std::ranges::find(line.formats, payload_type, &SdpLine::Format::payload_type);
    return found == line.formats.end() ? nullptr : &*found;
}

void read_attribute(std::string_view key, std::string_view value, SdpLine& line) {
    if (key == "mid") line.mid = value;
    if (key == "sendonly") line.receives = false;
    if (key == "recvonly") line.sends = false;
    if (key == "inactive") line.sends = line.receives = false;
    if (key == "rtpmap") {
        auto* format = find(line, take_number(value));
        if (!format) return;
        format->codec = lower(take_until(value, '/'));
        format->clock = std::max(0, take_number(value));
        take_until(value, '/');
        format->channels = std::max(0, take_number(value));
    }
    if (key == "fmtp")
        if (auto* format = find(line, take_number(value))) format->fmtp = value;
    if (key == "extmap" && line.extensions.size() < extensions_max) {
        const int id = take_number(value);
        if (value.starts_with('/')) take_until(value, ' ');  // a direction (RFC 8285 §5)
        if (id >= 1 && id <= 255) line.extensions.emplace_back(id, take_until(value, ' '));
    }
}

/// The few that need no rtpmap (RFC 3551 §6).
void name_static(SdpLine& line) {
    for (auto& format : line.formats) {
        if (!format.codec.empty()) continue;
        format.codec = format.payload_type == 0   ? "pcmu"
                       : format.payload_type == 8 ? "pcma"
                       : format.payload_type == 9 ? "g722"
                                                  : "";
        if (!format.codec.empty()) format.clock = 8000;
    }
}

SdpLine read_line(const GstSDPMedia* media) {
    const auto text = [](const char* value) { return std::string_view{value ? value : ""}; };
    const auto name = text(gst_sdp_media_get_media(media));
    SdpLine line;
    line.kind = name == "audio"         ? SdpLine::Kind::audio
                : name == "video"       ? SdpLine::Kind::video
                : name == "application" ? SdpLine::Kind::data
                                        : SdpLine::Kind::other;
    line.protocol = text(gst_sdp_media_get_proto(media));
    line.rejected = gst_sdp_media_get_port(media) == 0;
    for (guint i = 0; i < gst_sdp_media_formats_len(media) && line.formats.size() < formats_max; ++i) {
        auto format = text(gst_sdp_media_get_format(media, i));
        const int number = take_number(format);
        if (number >= 0 && number <= 127) line.formats.push_back({number, "", 0, 0, ""});
    }
    for (guint i = 0; i < gst_sdp_media_attributes_len(media); ++i) {
        const GstSDPAttribute* attribute = gst_sdp_media_get_attribute(media, i);
        read_attribute(text(attribute->key), text(attribute->value), line);
    }
    name_static(line);
    return line;
}

}  // namespace

const SdpLine::Format* SdpLine::format(std::string_view codec) const {
    const auto found = std::ranges::find(formats, codec, &Format::codec);
    return found == formats.end() ? nullptr : &*found;
}

int SdpLine::extension(std::string_view uri) const {
    const auto found = std::ranges::find(extensions, uri, &std::pair<int, std::string>::second);
    return found == extensions.end() ? 0 : found->first;
}

std::optional<std::vector<SdpLine>> parse_sdp_lines(const std::string& sdp) {
    if (*sdp.c_str() == '\0') return std::nullopt;  // GStreamer would call it a programming error
    GstSDPMessage* parsed = nullptr;
    if (gst_sdp_message_new_from_text(sdp.c_str(), &parsed) != GST_SDP_OK) {
        if (parsed) gst_sdp_message_free(parsed);
        return std::nullopt;
    }
    const std::unique_ptr<GstSDPMessage, FreeSdp> message{parsed};
    const guint count = gst_sdp_message_medias_len(parsed);
    if (count == 0 || count > mlines_max) return std::nullopt;
    std::vector<SdpLine> lines;
    lines.reserve(count);
    for (guint i = 0; i < count; ++i) lines.push_back(read_line(gst_sdp_message_get_media(parsed, i)));
    return lines;
}

}  // namespace plugin
