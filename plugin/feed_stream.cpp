// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/feed_stream.h"

#include "plugin/element_reader.h"
#include "plugin/json.h"

namespace plugin {

using Kind = SdpLine::Kind;

namespace {

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

std::optional<FeedStream> read_stream(const json_t* json) {
    ElementReader reader{json};
    FeedStream stream;
    const auto text = [&](const char* key) { return reader.text(key, 512).value_or(""); };
    const auto number = [&](const char* key, std::uint32_t most) {
        return static_cast<int>(reader.number(key, most).value_or(0));
    };
    const auto flag = [&](const char* key) { return reader.flag(key).value_or(false); };
    const std::string kind = text("type");
    if (kind != "audio" && kind != "video" && kind != "data") return std::nullopt;
    stream.kind = kind == "audio" ? Kind::audio : kind == "video" ? Kind::video : Kind::data;
    stream.mindex = number("mindex", mlines_max - 1);
    stream.mid = text("mid");
    stream.disabled = flag("disabled");
    stream.codec = text("codec");
    stream.payload_type = number("pt", 127);
    stream.red = number("red", 127);
    stream.clock = number("clock", 192'000);
    stream.channels = number("channels", 8);
    stream.fmtp = text("fmtp");
    stream.h264_profile = text("h264_profile");
    stream.vp9_profile = text("vp9_profile");
    stream.description = text("description");
    stream.simulcast = flag("simulcast");
    stream.svc = flag("svc");
    stream.stereo = flag("stereo");
    stream.fec = flag("fec");
    stream.dtx = flag("dtx");
    stream.moderated = flag("moderated");
    stream.talking = reader.flag("talking");
    stream.audio_level = number("audio-level-id", 255);
    stream.orientation = number("orientation-id", 255);
    stream.playout_delay = number("playout-delay-id", 255);
    stream.dependencies = number("dependencies-id", 255);
    // What is written into descriptions must be one line.
    for (const auto* written : {&stream.mid, &stream.codec, &stream.fmtp})
        for (const char c : *written)
            if (static_cast<unsigned char>(c) < 0x20) return std::nullopt;
    if (reader.error) return std::nullopt;
    return stream;
}

}  // namespace

const char* kind_name(Kind kind) {
    return kind == Kind::audio ? "audio" : kind == Kind::video ? "video" : "data";
}

MLine FeedStream::mline() const {
    MLine line;
    line.video = video();
    line.data = data();
    line.rejected = disabled;
    line.audio_level = audio_level;
    line.orientation = orientation;
    line.playout_delay = playout_delay;
    line.dependencies = dependencies;
    if (red != 0) line.formats.push_back({static_cast<std::uint8_t>(red), "red"});
    line.formats.push_back({static_cast<std::uint8_t>(payload_type), codec});
    return line;
}

federation::Json to_json(const FeedStream& stream) {
    federation::Json json{json_object()};
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

federation::Json about_of(const std::vector<FeedStream>& streams) {
    json_t* list = json_array();
    for (const auto& stream : streams) {
        auto json = to_json(stream);
        if (!stream.disabled) {
            set_text(json.get(), "codec", stream.codec);
            set_number(json.get(), "pt", stream.payload_type);
            set_number(json.get(), "red", stream.red);
            set_number(json.get(), "clock", stream.clock);
            set_number(json.get(), "channels", stream.channels);
            set_text(json.get(), "fmtp", stream.fmtp);
            set_number(json.get(), "audio-level-id", stream.audio_level);
            set_number(json.get(), "orientation-id", stream.orientation);
            set_number(json.get(), "playout-delay-id", stream.playout_delay);
            set_number(json.get(), "dependencies-id", stream.dependencies);
        }
        json_array_append_new(list, json.release());
    }
    return federation::Json{list};
}

std::optional<std::vector<FeedStream>> streams_from(const json_t* about) {
    if (!json_is_array(about) || json_array_size(about) > mlines_max) return std::nullopt;
    std::vector<FeedStream> streams;
    for (std::size_t i = 0; i < json_array_size(about); ++i) {
        auto stream = read_stream(json_array_get(about, i));
        if (!stream || stream->mindex != static_cast<int>(i)) return std::nullopt;
        streams.push_back(std::move(*stream));
    }
    return streams;
}

}  // namespace plugin
