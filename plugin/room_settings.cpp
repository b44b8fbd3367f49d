// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/room_settings.h"

#include <strings.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "plugin/json.h"

namespace plugin {

namespace {

using Codecs = std::vector<std::string> RoomSettings::*;
using Field =
    std::variant<bool RoomSettings::*, std::uint32_t RoomSettings::*, std::string RoomSettings::*, Codecs>;

struct Setting {
    const char* name;
    Field field;
    std::uint32_t most = 0;   ///< of a number
    bool editable = false;    ///< by `edit`, as new_NAME
    bool rule = false;        ///< holds wherever the room is
    bool told = true;         ///< by `list`
    const char* listed = "";  ///< when `list` calls it differently
};

constexpr std::uint32_t any = UINT32_MAX;
using S = RoomSettings;

// The first of a name is what is told.
const std::array settings_table = {
    Setting{"description", &S::description, 0, true, true},
    Setting{"secret", &S::secret, 0, true, false, false},
    Setting{"pin", &S::pin, 0, true, false, false},
    Setting{"is_private", &S::is_private, 0, true},
    Setting{"require_pvtid", &S::require_pvtid, 0, true, true},
    Setting{"signed_tokens", &S::signed_tokens, 0, false, true},
    Setting{"require_e2ee", &S::require_e2ee, 0, false, true},
    Setting{"publishers", &S::publishers, any, true, true, true, "max_publishers"},
    Setting{"bitrate", &S::bitrate, any, true, true},
    Setting{"bitrate_cap", &S::bitrate_cap, 0, false, true},
    Setting{"fir_freq", &S::fir_freq, 3600, true},
    Setting{"audiocodec", &S::audiocodec, 0, false, true},
    Setting{"videocodec", &S::videocodec, 0, false, true},
    Setting{"vp9_profile", &S::vp9_profile, 0, false, true, false},
    Setting{"h264_profile", &S::h264_profile, 0, false, true, false},
    Setting{"video_svc", &S::video_svc, 0, false, true},
    Setting{"opus_fec", &S::opus_fec, 0, false, true},
    Setting{"opus_dtx", &S::opus_dtx, 0, false, true},
    Setting{"audiolevel_ext", &S::audiolevel_ext},
    Setting{"audiolevel_event", &S::audiolevel_event, 0, false, true},
    Setting{"audio_active_packets", &S::audio_active_packets, 100'000},
    Setting{"audio_level_average", &S::audio_level_average, 127},
    Setting{"videoorient_ext", &S::videoorient_ext},
    Setting{"playoutdelay_ext", &S::playoutdelay_ext},
    Setting{"transport_wide_cc_ext", &S::transport_wide_cc_ext},
    Setting{"record", &S::record},
    Setting{"rec_dir", &S::rec_dir, 0, true},
    Setting{"lock_record", &S::lock_record, 0, true},
    Setting{"notify_joining", &S::notify_joining, 0, false, true},
    Setting{"federated", &S::federated},
};

constexpr std::array<std::string_view, 4> audio_codecs = {"opus", "g722", "pcmu", "pcma"};
constexpr std::array<std::string_view, 5> video_codecs = {"vp8", "vp9", "h264", "av1", "h265"};

std::string joined(const std::vector<std::string>& codecs) {
    std::string text;
    for (const auto& codec : codecs) text += (text.empty() ? "" : ",") + codec;
    return text;
}

/// "opus,pcmu". What nobody knows is passed over; nothing when nothing is left.
std::vector<std::string> split_codecs(const std::string& text, bool video) {
    std::vector<std::string> codecs;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        std::string codec = text.substr(begin, end - begin);
        begin = end + 1;
        std::erase(codec, ' ');
        const auto is = [&](std::string_view name) { return codec == name; };
        const bool known =
            video ? std::ranges::any_of(video_codecs, is) : std::ranges::any_of(audio_codecs, is);
        if (known && std::ranges::find(codecs, codec) == codecs.end()) codecs.push_back(codec);
    }
    return codecs;
}

void read_setting(ElementReader& reader, RoomSettings& settings, const Setting& setting,
                  const std::string& key) {
    if (const auto* flag = std::get_if<bool S::*>(&setting.field)) {
        if (const auto value = reader.flag(key.c_str())) settings.*(*flag) = *value;
    } else if (const auto* number = std::get_if<std::uint32_t S::*>(&setting.field)) {
        if (const auto value = reader.number(key.c_str(), setting.most)) settings.*(*number) = *value;
    } else if (const auto* text = std::get_if<std::string S::*>(&setting.field)) {
        if (auto value = reader.text(key.c_str(), setting_bytes_max)) settings.*(*text) = std::move(*value);
    } else if (const auto value = reader.text(key.c_str(), setting_bytes_max)) {
        auto codecs = split_codecs(*value, setting.field == Field{&S::videocodec});
        if (codecs.empty())
            return reader.complain(key.c_str(), "a list of codecs such as opus,pcmu or vp8,h264");
        settings.*std::get<Codecs>(setting.field) = std::move(codecs);
    }
}

json_t* value_of(const RoomSettings& settings, const Setting& setting) {
    if (const auto* flag = std::get_if<bool S::*>(&setting.field)) return json_boolean(settings.*(*flag));
    if (const auto* number = std::get_if<std::uint32_t S::*>(&setting.field))
        return json_integer(settings.*(*number));
    const std::string text = setting.field.index() == 2 ? settings.*std::get<std::string S::*>(setting.field)
                                                        : joined(settings.*std::get<Codecs>(setting.field));
    json_t* json = json_stringn(text.data(), text.size());
    return json ? json : json_string("?");
}

/// As JSON, by the kind of the setting; null: not valid.
json_t* typed(const Setting& setting, const std::string& text) {
    if (setting.field.index() == 0) {
        const auto is = [&](const char* word) { return strcasecmp(text.c_str(), word) == 0; };
        if (is("true") || is("yes") || is("1") || is("on")) return json_true();
        if (is("false") || is("no") || is("0") || is("off")) return json_false();
        return json_null();
    }
    return json_stringn(text.data(), text.size());
}

}  // namespace

void read_settings(ElementReader& reader, RoomSettings& settings, const std::string& prefix) {
    for (const auto& setting : settings_table)
        if (prefix.empty() || setting.editable)
            read_setting(reader, settings, setting, prefix + setting.name);
    // What VideoRoom's own code calls it.
    if (prefix.empty())
        if (const auto value = reader.number("audio_level_averge", 127))
            settings.audio_level_average = *value;
}

std::variant<RoomSettings, std::string> settings_from(const std::map<std::string, std::string>& section) {
    const Json object{json_object()};
    for (const auto& [key, text] : section) {
        const auto setting = std::ranges::find_if(
            settings_table, [&name = key](const Setting& each) { return each.name == name; });
        if (setting == settings_table.end()) return key + ": there is no such key of a room";
        json_object_set_new(object.get(), key.c_str(), typed(*setting, text));
    }
    RoomSettings settings;
    ElementReader reader{object.get()};
    read_settings(reader, settings);
    if (reader.error) return reader.error->text;
    return settings;
}

Json to_json(const RoomSettings& settings) {
    Json json{json_object()};
    json_object_set_new(json.get(), "pin_required", json_boolean(!settings.pin.empty()));
    for (const auto& setting : settings_table)
        if (setting.told)
            json_object_set_new(json.get(), *setting.listed != '\0' ? setting.listed : setting.name,
                                value_of(settings, setting));
    return json;
}

std::string rules_of(const RoomSettings& settings) {
    // What is as usual need not be said: a record is small.
    static const RoomSettings usual;
    const Json json{json_object()};
    for (const auto& setting : settings_table) {
        const Json value{value_of(settings, setting)}, other{value_of(usual, setting)};
        if (setting.rule && !json_equal(value.get(), other.get()))
            json_object_set(json.get(), setting.name, value.get());
    }
    return dump(json.get());
}

void apply_rules(const std::string& rules, RoomSettings& settings) {
    const Json json = load(rules);
    ElementReader reader{json.get()};
    for (const auto& setting : settings_table)
        if (setting.rule) read_setting(reader, settings, setting, setting.name);
}

}  // namespace plugin
