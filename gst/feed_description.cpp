// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/feed_description.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <utility>

namespace gst {

using federation::Error;
using federation::Json;
using federation::Result;

namespace {

// Of a codec's name (RFC 8866's tokens are short words); of what people write; of parameters: H.265's
// parameter sets in base64.
constexpr std::size_t word_bytes_max = 64, text_bytes_max = 512, fmtp_bytes_max = 4096;
constexpr int payload_type_max = 127, clock_max = 1'000'000, channels_max = 64, extension_max = 255;

void set_text(json_t* json, const char* key, const std::string& value) {
    if (value.empty()) return;
    json_t* text = json_stringn(value.data(), value.size());
    json_object_set_new(json, key, text ? text : json_string("?"));
}

void set_true(json_t* json, const char* key, bool value) {
    if (value) json_object_set_new(json, key, json_true());
}

void set_number(json_t* json, const char* key, int value) {
    if (value != 0) json_object_set_new(json, key, json_integer(value));
}

bool is_word(std::string_view text) {
    return text.size() <= word_bytes_max && std::ranges::all_of(text, [](char c) {
               return (std::isalnum(static_cast<unsigned char>(c)) != 0) || c == '-' || c == '_' ||
                      c == '.' || c == '+';
           });
}

/// Reads members one after the other, and keeps the first complaint.
class Reader {
public:
    explicit Reader(const json_t* object) : object_(object) {}

    std::string text(const char* key, std::size_t most = text_bytes_max) {
        const json_t* value = json_object_get(object_, key);
        if (!value) return {};
        std::string text;
        if (json_is_string(value)) text.assign(json_string_value(value), json_string_length(value));
        if (!json_is_string(value) || text.size() > most) complain(key);
        return text;
    }
    /// It is written into descriptions, which have lines.
    std::string line(const char* key, std::size_t most = text_bytes_max) {
        auto text = this->text(key, most);
        if (!std::ranges::all_of(text, [](unsigned char c) { return c >= ' ' && c != 127; })) complain(key);
        return text;
    }
    int number(const char* key, int most, int otherwise = 0) {
        const json_t* value = json_object_get(object_, key);
        if (!value) return otherwise;
        const auto number = json_integer_value(value);
        if (!json_is_integer(value) || number < 0 || number > most) complain(key);
        return static_cast<int>(std::clamp<json_int_t>(number, 0, most));
    }
    std::optional<bool> flag(const char* key) {
        const json_t* value = json_object_get(object_, key);
        if (!value) return std::nullopt;
        if (!json_is_boolean(value)) complain(key);
        return json_is_true(value);
    }
    void complain(const char* key) {
        if (error.empty()) error = std::string{"its \""} + key + "\" is not valid";
    }

    std::string error;

private:
    const json_t* object_;
};

Result<FeedStream> read_stream(const json_t* json) {
    if (!json_is_object(json)) return Error{"a stream is no object"};
    Reader reader{json};
    FeedStream stream;
    const auto on = [&](const char* key) { return reader.flag(key).value_or(false); };
    const std::string kind = reader.text("type");
    if (kind != "audio" && kind != "video" && kind != "data") reader.complain("type");
    stream.kind = kind == "audio" ? MediaKind::audio : kind == "video" ? MediaKind::video : MediaKind::data;
    stream.mindex = reader.number("mindex", static_cast<int>(FeedDescription::streams_max) - 1);
    stream.mid = reader.line("mid");
    stream.disabled = on("disabled");
    stream.codec = reader.line("codec");
    stream.payload_type = reader.number("pt", payload_type_max);
    stream.red = reader.number("red", payload_type_max);
    stream.clock = reader.number("clock", clock_max, FeedStream{}.clock);
    stream.channels = reader.number("channels", channels_max);
    stream.fmtp = reader.line("fmtp", fmtp_bytes_max);
    stream.h264_profile = reader.text("h264_profile");
    stream.vp9_profile = reader.text("vp9_profile");
    stream.description = reader.text("description");
    stream.simulcast = on("simulcast");
    stream.svc = on("svc");
    stream.stereo = on("stereo");
    stream.fec = on("fec");
    stream.dtx = on("dtx");
    stream.moderated = on("moderated");
    stream.talking = reader.flag("talking");
    stream.audio_level = reader.number("audio-level-id", extension_max);
    stream.orientation = reader.number("orientation-id", extension_max);
    stream.playout_delay = reader.number("playout-delay-id", extension_max);
    stream.dependencies = reader.number("dependencies-id", extension_max);
    const bool sent = !stream.disabled && !stream.data();
    if (!is_word(stream.codec) || (sent && stream.codec.empty())) reader.complain("codec");
    if (sent && stream.clock == 0) reader.complain("clock");
    if (!reader.error.empty()) return Error{"stream " + std::to_string(stream.mindex) + ": " + reader.error};
    if (stream.codec == "h264" && stream.h264_profile.empty())
        stream.h264_profile = fmtp_value(stream.fmtp, "profile-level-id").substr(0, text_bytes_max);
    if (stream.codec == "vp9" && stream.vp9_profile.empty())
        stream.vp9_profile = fmtp_value(stream.fmtp, "profile-id").substr(0, text_bytes_max);
    return stream;
}

Json written(const FeedStream& stream) {
    auto json = to_json(stream);
    if (stream.disabled) return json;
    set_text(json.get(), "codec", stream.codec);
    set_number(json.get(), "pt", stream.payload_type);
    set_number(json.get(), "red", stream.red);
    json_object_set_new(json.get(), "clock", json_integer(stream.clock));
    set_number(json.get(), "channels", stream.channels);
    set_text(json.get(), "fmtp", stream.fmtp);
    set_number(json.get(), "audio-level-id", stream.audio_level);
    set_number(json.get(), "orientation-id", stream.orientation);
    set_number(json.get(), "playout-delay-id", stream.playout_delay);
    set_number(json.get(), "dependencies-id", stream.dependencies);
    return json;
}

/// Nothing when there are two of one number.
std::optional<std::vector<FeedStream>> in_their_places(std::vector<FeedStream> streams) {
    std::vector<FeedStream> places;
    std::vector<bool> taken(FeedDescription::streams_max);
    for (auto& stream : streams) {
        const auto place = static_cast<std::size_t>(stream.mindex);
        if (taken[place]) return std::nullopt;
        taken[place] = true;
        while (places.size() <= place) {
            FeedStream empty;
            empty.mindex = static_cast<int>(places.size());
            empty.disabled = true;
            places.push_back(std::move(empty));
        }
        places[place] = std::move(stream);
    }
    return places;
}

}  // namespace

const char* kind_name(MediaKind kind) {
    return kind == MediaKind::audio ? "audio" : kind == MediaKind::video ? "video" : "data";
}

std::string fmtp_value(std::string_view fmtp, std::string_view key) {
    while (!fmtp.empty()) {
        auto one = fmtp.substr(0, fmtp.find(';'));
        fmtp.remove_prefix(std::min(fmtp.size(), one.size() + 1));
        while (one.starts_with(' ')) one.remove_prefix(1);
        if (one.starts_with(key) && one.substr(key.size()).starts_with('='))
            return std::string{one.substr(key.size() + 1)};
    }
    return {};
}

Json to_json(const FeedStream& stream) {
    Json json{json_object()};
    json_t* object = json.get();
    json_object_set_new(object, "type", json_string(kind_name(stream.kind)));
    json_object_set_new(object, "mindex", json_integer(stream.mindex));
    set_text(object, "mid", stream.mid);
    if (stream.disabled) {
        set_true(object, "disabled", true);
        return json;
    }
    set_text(object, "codec", stream.data() ? "" : stream.codec);
    set_text(object, "description", stream.description);
    set_true(object, "moderated", stream.moderated);
    set_true(object, "simulcast", stream.simulcast);
    set_true(object, "svc", stream.svc);
    set_true(object, "stereo", stream.stereo);
    set_true(object, "fec", stream.fec);
    set_true(object, "dtx", stream.dtx);
    set_text(object, "h264_profile", stream.h264_profile);
    set_text(object, "vp9_profile", stream.vp9_profile);
    if (stream.talking) json_object_set_new(object, "talking", json_boolean(*stream.talking));
    return json;
}

bool FeedDescription::publishes() const {
    return std::ranges::any_of(streams, [](const auto& stream) { return !stream.disabled; });
}

std::string FeedDescription::json() const {
    const Json object{json_object()};
    if (metadata) json_object_set(object.get(), "metadata", metadata.get());
    if (!streams.empty()) {
        json_t* list = json_array();
        for (const auto& stream : streams) json_array_append_new(list, written(stream).release());
        json_object_set_new(object.get(), "streams", list);
    }
    set_text(object.get(), "display", display);
    set_true(object.get(), "e2ee", e2ee);
    set_true(object.get(), "ended", ended);
    if (!repairs) json_object_set_new(object.get(), "repairs", json_false());
    char* text = json_dumps(object.get(), JSON_COMPACT);
    std::string written = text ? text : "{}";
    std::free(text);  // NOLINT: jansson's default allocator
    return written;
}

Result<FeedDescription> FeedDescription::parse(std::string_view json) {
    const Json object{json_loadb(json.data(), json.size(), JSON_REJECT_DUPLICATES, nullptr)};
    if (!json_is_object(object.get())) return Error{"it is no object"};
    const json_t* list = json_object_get(object.get(), "streams");
    if (list && (!json_is_array(list) || json_array_size(list) > streams_max))
        return Error{"its \"streams\" are no list of at most " + std::to_string(streams_max)};
    std::vector<FeedStream> streams;
    for (std::size_t i = 0; i < json_array_size(list); ++i) {
        auto stream = read_stream(json_array_get(list, i));
        if (!stream) return stream.error();
        streams.push_back(std::move(*stream));
    }
    auto placed = in_their_places(std::move(streams));
    if (!placed) return Error{"two of its streams have one mindex"};
    FeedDescription feed;
    feed.streams = std::move(*placed);
    Reader reader{object.get()};
    feed.display = reader.text("display");
    feed.repairs = reader.flag("repairs").value_or(true);
    feed.ended = reader.flag("ended").value_or(false);
    feed.e2ee = reader.flag("e2ee").value_or(false);
    json_t* metadata = json_object_get(object.get(), "metadata");
    if (metadata && !json_is_object(metadata)) reader.complain("metadata");
    if (!reader.error.empty()) return Error{reader.error};
    if (metadata) feed.metadata = {json_incref(metadata), [](json_t* held) { json_decref(held); }};
    return feed;
}

}  // namespace gst
