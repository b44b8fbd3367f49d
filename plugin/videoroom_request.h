// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "federation/json.h"
#include "plugin/room_id.h"
#include "plugin/room_settings.h"
#include "plugin/videoroom_error.h"

/// What clients and administrators ask of rooms. Everything they send is checked here and nowhere else.
namespace plugin::room_request {

/// Elements that every list in a request may have.
constexpr std::size_t items_max = 128;
/// A token, a display name, a description of a stream, a base name of files.
constexpr std::size_t text_max = 512;
/// `metadata`, as JSON.
constexpr std::size_t metadata_bytes_max = 4096;

// ---- For administrators, answered at once

struct Create {
    std::optional<Id> room;
    RoomSettings settings;
    std::optional<std::vector<std::string>> allowed;
    bool permanent = false;
    std::string admin_key;
};
/// Whoever manages a room shows its secret.
struct OfRoom {
    Id room;
    std::string secret;
};
struct Edit : OfRoom {
    federation::Json changes;  ///< new_…
    bool permanent = false;
};
struct Destroy : OfRoom {
    bool permanent = false;
};
struct Exists {
    Id room;
};
struct List {
    std::string admin_key;
};
struct ListParticipants : OfRoom {};
struct Allowed : OfRoom {
    enum class Action { enable, disable, add, remove } action = Action::enable;
    std::vector<std::string> tokens;
};
struct Kick : OfRoom {
    Id id;
};
struct Moderate : OfRoom {
    Id id;
    std::string mid;
    bool mute = false;
};
struct EnableRecording : OfRoom {
    bool record = false;
};
struct Forward : OfRoom {
    struct Stream {
        std::string mid, host;
        bool simulcast = false;  ///< one layer at a time, renumbered
        struct To {
            std::uint16_t port = 0;
            std::optional<std::uint32_t> ssrc;
            std::optional<std::uint8_t> payload_type;
        };
        std::vector<To> to;  ///< of a simulcast: a place for each layer
        std::uint16_t rtcp_port = 0;
    };
    Id publisher;
    std::vector<Stream> streams;
    std::string admin_key;
};
struct StopForward : OfRoom {
    Id publisher;
    std::uint32_t stream = 0;
    std::string admin_key;
};
struct ListForwarders : OfRoom {};
/// Of VideoRoom's own cascading.
struct Remote {
    std::string name;
};

using Administration = std::variant<Create, Edit, Destroy, Exists, List, ListParticipants, Allowed, Kick,
                                    Moderate, EnableRecording, Forward, StopForward, ListForwarders, Remote>;

// ---- Of one handle

struct Description {
    std::string mid, text;
};
/// What a publisher says of itself and its streams.
struct Publish {
    std::optional<std::string> audiocodec, videocodec;
    std::optional<std::uint32_t> bitrate;
    std::optional<bool> record;
    std::optional<std::string> filename;
    std::optional<std::string> display;
    std::shared_ptr<json_t> metadata;
    std::optional<std::uint32_t> audio_active_packets, audio_level_average;
    std::vector<Description> descriptions;
    std::string secret;  ///< lets a recording be changed that is locked
    bool keyframe = false;
    struct Stream {
        std::string mid;
        bool keyframe = false;
        std::optional<bool> send;
    };
    std::vector<Stream> streams;
    std::optional<bool> audio, video, data;  ///< of old: all streams of a kind
    bool publishes = false;                  ///< `publish`, which is for those who do not yet
    bool update = false, restart = false;
};
/// Which layers, for how long, and whether at all.
struct Target {
    std::optional<bool> send;
    std::optional<int> substream, temporal, spatial_layer, temporal_layer;
    std::optional<std::chrono::microseconds> fallback;
    std::optional<std::uint32_t> min_delay, max_delay;  ///< in units of 10 ms
};
/// What to subscribe to: a stream of a feed, or all of them.
struct Source : Target {
    Id feed;
    std::optional<std::string> mid;
    std::string crossrefid;
    std::optional<std::string> sub_mid;  ///< to switch: which m-line of the subscription
};
struct Sink {  ///< what to unsubscribe from
    std::optional<Id> feed;
    std::optional<std::string> mid, sub_mid;
};
struct Join {
    Id room;
    std::string pin, token;
    // As a publisher.
    bool subscriber = false;
    std::optional<Id> id;
    Publish publish;
    bool configures = false;  ///< joinandconfigure
    // As a subscriber.
    std::vector<Source> streams;
    std::optional<Id> feed;  ///< of old: all of its streams but for those not wanted
    bool audio = true, video = true, data = true;
    bool use_msid = false, autoupdate = true;
    std::optional<std::uint32_t> private_id;
    Target target;
};
struct Unpublish {};
struct Leave {};
struct Start {};
struct Pause {};
struct Update {
    std::vector<Source> subscribe;
    std::vector<Sink> unsubscribe;
};
struct Switch {
    std::vector<Source> streams;
    std::optional<Id> feed;  ///< of old: everything to this one
};
/// `configure`, of a publisher or a subscriber: the handle knows.
struct Configure {
    Publish publish;
    struct Stream : Target {
        std::optional<std::string> mid;
    };
    std::vector<Stream> streams;
    bool restart = false;
};
struct Lookup {
    Id room;
};
using Request =
    std::variant<Join, Publish, Unpublish, Leave, Start, Pause, Update, Switch, Configure, Lookup>;

std::variant<Administration, RoomError> parse_administration(const json_t* message);
std::variant<Request, RoomError> parse(const json_t* message);

}  // namespace plugin::room_request
