// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "federation/json.h"
#include "plugin/element_reader.h"

namespace plugin {

/// How a room is, by the names that VideoRoom's configuration, `create`, `edit` and `list` have for it.
struct RoomSettings {
    std::string description;
    std::string secret, pin;  ///< empty: none
    bool is_private = false;
    bool require_pvtid = false;
    bool signed_tokens = false;  ///< who joins shows a token that this Janus has signed for the room
    bool require_e2ee = false;
    std::uint32_t publishers = 3;
    std::uint32_t bitrate = 0;  ///< bits per second; 0: no cap
    bool bitrate_cap = false;
    std::uint32_t fir_freq = 0;                                            ///< seconds; 0: never
    std::vector<std::string> audiocodec = {"opus"}, videocodec = {"vp8"};  ///< the preferred first
    std::string vp9_profile, h264_profile;
    bool video_svc = false;  ///< pictures of VP9 and AV1 come in layers, of which each gets what it can take
    bool opus_fec = true, opus_dtx = false;
    bool audiolevel_ext = true, audiolevel_event = false;
    std::uint32_t audio_active_packets = 100, audio_level_average = 25;
    bool videoorient_ext = true, playoutdelay_ext = true, transport_wide_cc_ext = true;
    bool record = false, lock_record = false;
    std::string rec_dir;
    bool notify_joining = false;
    bool federated = false;  ///< lives on every server where somebody joins it

    bool operator==(const RoomSettings&) const = default;
};

/// The longest text in a setting.
constexpr std::size_t setting_bytes_max = 512;

/// What is said, over what stands there. `prefix` is "new_" in `edit`, which may change some only.
void read_settings(ElementReader& reader, RoomSettings& settings, const std::string& prefix = "");

/// A section of the configuration: its keys as text. The settings, or what is wrong.
std::variant<RoomSettings, std::string> settings_from(const std::map<std::string, std::string>& section);

/// As `list` tells it. Neither pin nor secret.
federation::Json to_json(const RoomSettings& settings);
/// As other servers have to know it: codecs, limits, what is required. Nothing that pin or secret could be
/// guessed from.
std::string rules_of(const RoomSettings& settings);
/// Hostile input: what is not understood is left as it is.
void apply_rules(const std::string& rules, RoomSettings& settings);

}  // namespace plugin
