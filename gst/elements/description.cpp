// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/elements/description.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace elements {

namespace {

// Of a codec's name and a parameter's: RFC 8866's tokens are short words. Of a parameter's value: H.265's
// parameter sets in base64.
constexpr std::size_t word_bytes_max = 64, value_bytes_max = 2048, parameters_max = 32;

bool is_word(std::string_view text) {
    return !text.empty() && text.size() <= word_bytes_max && std::ranges::all_of(text, [](char c) {
        return (std::isalnum(static_cast<unsigned char>(c)) != 0) || c == '-' || c == '_' || c == '.';
    });
}

bool is_value(std::string_view text) {
    return text.size() <= value_bytes_max &&
           std::ranges::all_of(text, [](char c) { return c >= ' ' && c < 127 && c != ';'; });
}

std::string upper(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::toupper(c); });
    return text;
}

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}

/// Fields of RTP caps that are not the codec's parameters: what the stream is numbered with, what a session
/// negotiates, and what GStreamer adds for itself.
bool is_parameter(std::string_view name) {
    constexpr std::array others = {"media",           "encoding-name", "clock-rate",    "payload",
                                   "encoding-params", "ssrc",          "seqnum-offset", "timestamp-offset",
                                   "clock-base",      "seqnum-base",   "npt-start",     "npt-stop",
                                   "a-framerate",     "framesize"};
    constexpr std::array prefixes = {"rtcp-fb-", "extmap-", "ssrc-", "x-", "a-", "rtx-", "apt"};
    return is_word(name) && std::ranges::find(others, name) == others.end() &&
           std::ranges::none_of(prefixes, [&](const char* prefix) { return name.starts_with(prefix); });
}

int int_field(const GstStructure* fields, const char* name) {
    int value = 0;
    return gst_structure_get_int(fields, name, &value) ? value : 0;
}

void take_parameters(const GstStructure* fields, std::map<std::string, std::string>& into) {
    for (int i = 0; i < gst_structure_n_fields(fields); ++i) {
        const char* name = gst_structure_nth_field_name(fields, static_cast<guint>(i));
        const char* value = gst_structure_get_string(fields, name);
        if (value && is_parameter(name) && is_value(value) && into.size() < parameters_max)
            into[name] = value;
    }
}

std::string fmtp_of(const std::map<std::string, std::string>& parameters) {
    std::string text;
    for (const auto& [name, value] : parameters) text += (text.empty() ? "" : ";") + name + '=' + value;
    return text;
}

void read_fmtp(std::string_view text, std::map<std::string, std::string>& into) {
    while (!text.empty()) {
        auto one = text.substr(0, text.find(';'));
        text.remove_prefix(std::min(text.size(), one.size() + 1));
        while (one.starts_with(' ')) one.remove_prefix(1);
        const auto name = one.substr(0, one.find('='));
        if (name.size() == one.size() || !is_parameter(name) || into.size() >= parameters_max) continue;
        const auto value = one.substr(name.size() + 1);
        if (is_value(value)) into.emplace(name, value);
    }
}

gst::FeedStream to_feed(const StreamDescription& stream) {
    gst::FeedStream told;
    told.kind = stream.video ? gst::MediaKind::video : gst::MediaKind::audio;
    told.mindex = stream.mindex;
    told.mid = std::to_string(stream.mindex);
    told.codec = lower(stream.codec);
    told.payload_type = stream.payload_type;
    told.clock = stream.clock_rate;
    told.channels = stream.channels;
    told.red = stream.red;
    told.fmtp = fmtp_of(stream.fmtp);
    return told;
}

StreamDescription from_feed(const gst::FeedStream& told) {
    StreamDescription stream;
    stream.mindex = static_cast<std::uint8_t>(told.mindex);
    stream.video = told.video();
    stream.codec = upper(told.codec);
    stream.payload_type = static_cast<std::uint8_t>(told.payload_type);
    stream.clock_rate = told.clock;
    stream.channels = told.channels;
    stream.red = static_cast<std::uint8_t>(told.red);
    read_fmtp(told.fmtp, stream.fmtp);
    return stream;
}

}  // namespace

std::optional<StreamDescription> StreamDescription::from_caps(const GstCaps* caps, std::uint8_t mindex) {
    if (!caps || gst_caps_is_any(caps) || gst_caps_is_empty(caps)) return std::nullopt;
    const GstStructure* fields = gst_caps_get_structure(caps, 0);
    const char* media = gst_structure_get_string(fields, "media");
    const char* codec = gst_structure_get_string(fields, "encoding-name");
    if (!gst_structure_has_name(fields, "application/x-rtp") || !media || !codec) return std::nullopt;
    StreamDescription stream;
    stream.mindex = mindex;
    stream.video = std::string_view{media} == "video";
    stream.codec = upper(codec);
    stream.clock_rate = int_field(fields, "clock-rate");
    stream.payload_type = static_cast<std::uint8_t>(int_field(fields, "payload"));
    if (const char* channels = gst_structure_get_string(fields, "encoding-params"))
        stream.channels = static_cast<int>(g_ascii_strtoll(channels, nullptr, 10));
    if (!is_word(stream.codec) || stream.clock_rate <= 0 || stream.payload_type > 127) return std::nullopt;
    take_parameters(fields, stream.fmtp);
    return stream;
}

gst::Ptr<GstCaps> StreamDescription::caps() const {
    gst::Ptr<GstCaps> caps{gst_caps_new_simple("application/x-rtp", "media", G_TYPE_STRING,
                                               video ? "video" : "audio", "encoding-name", G_TYPE_STRING,
                                               codec.c_str(), "clock-rate", G_TYPE_INT, clock_rate, "payload",
                                               G_TYPE_INT, int{payload_type}, nullptr)};
    if (channels > 0)
        gst_caps_set_simple(caps.get(), "encoding-params", G_TYPE_STRING, std::to_string(channels).c_str(),
                            nullptr);
    for (const auto& [name, value] : fmtp)
        gst_caps_set_simple(caps.get(), name.c_str(), G_TYPE_STRING, value.c_str(), nullptr);
    // So that a decoder that has lost its way may ask.
    if (video) gst_caps_set_simple(caps.get(), "rtcp-fb-nack-pli", G_TYPE_BOOLEAN, TRUE, nullptr);
    return caps;
}

std::string FeedDescription::json() const {
    gst::FeedDescription told;
    for (const auto& stream : streams) told.streams.push_back(to_feed(stream));
    told.display = display;
    told.repairs = repairs;
    told.ended = ended;
    return told.json();
}

federation::Result<FeedDescription> FeedDescription::parse(std::string_view json) {
    const auto told = gst::FeedDescription::parse(json);
    if (!told) return told.error();
    FeedDescription feed;
    for (const auto& stream : told->streams)
        if (!stream.disabled && !stream.data()) feed.streams.push_back(from_feed(stream));
    feed.display = told->display;
    feed.repairs = told->repairs;
    feed.ended = told->ended;
    return feed;
}

}  // namespace elements
