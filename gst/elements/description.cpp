// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/elements/description.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

#include "federation/json.h"

namespace elements {

using federation::Json;

namespace {

// Of a codec's name and a parameter's: RFC 8866's tokens are short words. Of a parameter's value: H.265's
// parameter sets in base64.
constexpr std::size_t word_bytes_max = 64, value_bytes_max = 2048, parameters_max = 32;
constexpr std::size_t display_bytes_max = 256;

bool is_word(std::string_view text) {
    return !text.empty() && text.size() <= word_bytes_max && std::ranges::all_of(text, [](char c) {
        return (std::isalnum(static_cast<unsigned char>(c)) != 0) || c == '-' || c == '_' || c == '.';
    });
}

bool is_value(std::string_view text) {
    return text.size() <= value_bytes_max &&
           std::ranges::all_of(text, [](char c) { return c >= ' ' && c < 127; });
}

std::string upper(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::toupper(c); });
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

std::string text_of(const json_t* object, const char* key) {
    const json_t* value = json_object_get(object, key);
    return json_is_string(value) ? std::string{json_string_value(value), json_string_length(value)} : "";
}

/// Nothing when it is no whole number from `least` to `most`.
std::optional<int> number_of(const json_t* object, const char* key, int least, int most) {
    const json_t* value = json_object_get(object, key);
    if (!json_is_integer(value)) return std::nullopt;
    const auto number = json_integer_value(value);
    if (number < least || number > most) return std::nullopt;
    return static_cast<int>(number);
}

bool read_parameters(json_t* object, std::map<std::string, std::string>& into) {
    if (!object) return true;
    if (!json_is_object(object) || json_object_size(object) > parameters_max) return false;
    const char* name = nullptr;
    json_t* value = nullptr;
    json_object_foreach(object, name, value) {
        if (!is_parameter(name) || !json_is_string(value) || !is_value(json_string_value(value)))
            return false;
        into[name] = json_string_value(value);
    }
    return true;
}

std::optional<StreamDescription> read_stream(const json_t* object) {
    constexpr int payload_type_max = 127, clock_rate_max = 1'000'000, channels_max = 64;
    StreamDescription stream;
    const auto mindex = number_of(object, "mindex", 0, static_cast<int>(streams_max) - 1);
    const auto payload_type = number_of(object, "pt", 0, payload_type_max);
    const auto clock_rate = number_of(object, "clock-rate", 1, clock_rate_max);
    const auto type = text_of(object, "type");
    stream.codec = upper(text_of(object, "codec"));
    if (!mindex || !payload_type || !clock_rate || !is_word(stream.codec)) return std::nullopt;
    if (type != "video" && type != "audio") return std::nullopt;
    if (!read_parameters(json_object_get(object, "fmtp"), stream.fmtp)) return std::nullopt;
    stream.mindex = static_cast<std::uint8_t>(*mindex);
    stream.video = type == "video";
    stream.payload_type = static_cast<std::uint8_t>(*payload_type);
    stream.clock_rate = *clock_rate;
    stream.channels = number_of(object, "channels", 0, channels_max).value_or(0);
    return stream;
}

Json written(const StreamDescription& stream) {
    Json object{json_pack("{si ss ss ss si si}", "mindex", stream.mindex, "mid",
                          std::to_string(stream.mindex).c_str(), "type", stream.video ? "video" : "audio",
                          "codec", stream.codec.c_str(), "pt", stream.payload_type, "clock-rate",
                          stream.clock_rate)};
    if (stream.channels > 0) json_object_set_new(object.get(), "channels", json_integer(stream.channels));
    Json fmtp{json_object()};
    for (const auto& [name, value] : stream.fmtp)
        json_object_set_new(fmtp.get(), name.c_str(), json_string(value.c_str()));
    if (!stream.fmtp.empty()) json_object_set(object.get(), "fmtp", fmtp.get());
    return object;
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
    Json list{json_array()};
    for (const auto& stream : streams) json_array_append_new(list.get(), written(stream).release());
    const Json object{json_object()};
    json_object_set(object.get(), "streams", list.get());
    if (!display.empty()) json_object_set_new(object.get(), "display", json_string(display.c_str()));
    if (!repairs) json_object_set_new(object.get(), "repairs", json_false());
    if (ended) json_object_set_new(object.get(), "ended", json_true());
    char* text = json_dumps(object.get(), JSON_COMPACT | JSON_SORT_KEYS);
    std::string written = text ? text : "{}";
    free(text);  // NOLINT: jansson's default allocator
    return written;
}

std::optional<FeedDescription> FeedDescription::parse(std::string_view json) {
    const Json object{json_loadb(json.data(), json.size(), JSON_REJECT_DUPLICATES, nullptr)};
    const json_t* list = json_object_get(object.get(), "streams");
    if (!json_is_array(list) || json_array_size(list) > streams_max) return std::nullopt;
    FeedDescription feed;
    std::set<std::uint8_t> seen;
    for (std::size_t i = 0; i < json_array_size(list); ++i) {
        auto stream = read_stream(json_array_get(list, i));
        if (!stream || !seen.insert(stream->mindex).second) return std::nullopt;
        feed.streams.push_back(std::move(*stream));
    }
    feed.display = text_of(object.get(), "display");
    if (feed.display.size() > display_bytes_max) return std::nullopt;
    feed.repairs = !json_is_false(json_object_get(object.get(), "repairs"));
    feed.ended = json_is_true(json_object_get(object.get(), "ended"));
    return feed;
}

}  // namespace elements
