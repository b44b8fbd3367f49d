// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/videoroom_request.h"

#include <strings.h>

#include "plugin/element_reader.h"
#include "plugin/json.h"
#include "plugin/layer_selector.h"
#include "plugin/mlines.h"

namespace plugin::room_request {

namespace {

std::string text_or(ElementReader& reader, const char* key) {
    return reader.text(key, text_max).value_or("");
}

std::optional<int> layer(ElementReader& reader, const char* key) {
    const auto number = reader.number(key, simulcast_layers - 1);
    return number ? std::optional{static_cast<int>(*number)} : std::nullopt;
}

std::string required_mid(ElementReader& reader) {
    return reader.required("mid", reader.text("mid", text_max));
}

void read_target(ElementReader& reader, Target& target) {
    target.send = reader.flag("send");
    target.substream = layer(reader, "substream");
    target.temporal = layer(reader, "temporal");
    target.spatial_layer = layer(reader, "spatial_layer");
    target.temporal_layer = layer(reader, "temporal_layer");
    if (const auto fallback = reader.number("fallback"))
        target.fallback = std::chrono::microseconds{*fallback};
    target.min_delay = reader.number("min_delay", 4095);  // 12 bits
    target.max_delay = reader.number("max_delay", 4095);
}

/// Reads each object of a list with a reader of its own.
template <class Item, class Read>
std::vector<Item> read_each(ElementReader& reader, const char* key, Read read) {
    std::vector<Item> items;
    for (const json_t* object : reader.objects(key, items_max).value_or(std::vector<const json_t*>{})) {
        ElementReader each{object};
        items.push_back(read(each));
        if (each.error && !reader.error) reader.error = each.error;
    }
    return items;
}

Source read_source(ElementReader& reader) {
    Source source;
    read_target(reader, source);
    source.feed = reader.required("feed", reader.id("feed"));
    source.mid = reader.text("mid", text_max);
    source.crossrefid = text_or(reader, "crossrefid");
    source.sub_mid = reader.text("sub_mid", text_max);
    return source;
}

Sink read_sink(ElementReader& reader) {
    Sink sink{reader.id("feed"), reader.text("mid", text_max), reader.text("sub_mid", text_max)};
    if (!sink.feed && !sink.sub_mid) reader.missing("feed");
    return sink;
}

std::shared_ptr<json_t> read_metadata(ElementReader& reader) {
    json_t* metadata = json_object_get(reader.object(), "metadata");
    if (!metadata) return nullptr;
    if (!json_is_object(metadata) || dump(metadata).size() > metadata_bytes_max) {
        reader.complain("metadata", "an object of at most " + std::to_string(metadata_bytes_max) + " octets");
        return nullptr;
    }
    return {json_incref(metadata), json_decref};
}

Publish read_publish(ElementReader& reader) {
    Publish publish;
    publish.audiocodec = reader.text("audiocodec", text_max);
    publish.videocodec = reader.text("videocodec", text_max);
    publish.bitrate = reader.number("bitrate");
    publish.record = reader.flag("record");
    publish.filename = reader.text("filename", text_max);
    publish.display = reader.text("display", text_max);
    publish.metadata = read_metadata(reader);
    publish.audio_active_packets = reader.number("audio_active_packets", 100'000);
    publish.audio_level_average = reader.number("audio_level_average", 127);
    publish.descriptions = read_each<Description>(reader, "descriptions", [](ElementReader& each) {
        return Description{required_mid(each),
                           each.required("description", each.text("description", text_max))};
    });
    publish.secret = text_or(reader, "secret");
    publish.keyframe = reader.flag("keyframe").value_or(false);
    publish.audio = reader.flag("audio");
    publish.video = reader.flag("video");
    publish.data = reader.flag("data");
    publish.update = reader.flag("update").value_or(false);
    publish.restart = reader.flag("restart").value_or(false);
    return publish;
}

Configure read_configure(ElementReader& reader) {
    Configure configure;
    configure.publish = read_publish(reader);
    configure.restart = configure.publish.restart;
    // The same list tells a publisher's streams and a subscriber's.
    const auto read = [&](ElementReader& each) {
        Configure::Stream stream;
        read_target(each, stream);
        stream.mid = each.text("mid", text_max);
        if (stream.mid)
            configure.publish.streams.push_back(
                {*stream.mid, each.flag("keyframe").value_or(false), stream.send});
        return stream;
    };
    configure.streams = read_each<Configure::Stream>(reader, "streams", read);
    Configure::Stream flat;
    read_target(reader, flat);
    flat.mid = reader.text("mid", text_max);
    configure.streams.push_back(std::move(flat));
    return configure;
}

Join read_join(ElementReader& reader, bool configures) {
    Join join;
    join.room = reader.required("room", reader.id("room"));
    join.pin = text_or(reader, "pin");
    join.token = text_or(reader, "token");
    join.configures = configures;
    const std::string role =
        configures ? "publisher" : reader.required("ptype", reader.text("ptype", text_max));
    join.subscriber =
        strcasecmp(role.c_str(), "subscriber") == 0 || strcasecmp(role.c_str(), "listener") == 0;
    if (!join.subscriber && strcasecmp(role.c_str(), "publisher") != 0)
        reader.complain("ptype", "publisher or subscriber");
    if (!join.subscriber) {
        join.id = reader.id("id");
        join.publish = read_publish(reader);
        return join;
    }
    join.streams = read_each<Source>(reader, "streams", read_source);
    join.feed = reader.id("feed");
    if (join.streams.empty() && !join.feed) reader.missing("streams");
    const auto wanted = [&](const char* key, const char* offer) {
        return reader.flag(key).value_or(true) && reader.flag(offer).value_or(true);
    };
    join.audio = wanted("audio", "offer_audio");
    join.video = wanted("video", "offer_video");
    join.data = wanted("data", "offer_data");
    join.use_msid = reader.flag("use_msid").value_or(false);
    join.autoupdate = reader.flag("autoupdate").value_or(true);
    // A page that has none sends null.
    if (!json_is_null(json_object_get(reader.object(), "private_id")))
        join.private_id = reader.number("private_id");
    read_target(reader, join.target);
    return join;
}

Update read_update(ElementReader& reader) {
    Update update;
    update.subscribe = read_each<Source>(reader, "subscribe", read_source);
    update.unsubscribe = read_each<Sink>(reader, "unsubscribe", read_sink);
    if (update.subscribe.empty() && update.unsubscribe.empty()) reader.missing("subscribe or unsubscribe");
    return update;
}

Update read_streams(ElementReader& reader, bool subscribe) {
    Update update;
    if (subscribe)
        update.subscribe = read_each<Source>(reader, "streams", read_source);
    else
        update.unsubscribe = read_each<Sink>(reader, "streams", read_sink);
    if (update.subscribe.empty() && update.unsubscribe.empty()) reader.missing("streams");
    return update;
}

Switch read_switch(ElementReader& reader) {
    Switch change;
    change.streams = read_each<Source>(reader, "streams", read_source);
    for (const auto& source : change.streams)
        if (!source.mid || !source.sub_mid) reader.missing(source.mid ? "sub_mid" : "mid");
    change.feed = reader.id("feed");
    if (change.streams.empty() && !change.feed) reader.missing("streams");
    return change;
}

/// The name of the request, or what is wrong with the message.
std::variant<std::string, RoomError> name_of(const json_t* message) {
    if (!message) return RoomError{RoomCode::no_message, "No message", "no-message"};
    if (!json_is_object(message))
        return RoomError{RoomCode::invalid_json, "JSON error: not an object", "invalid-json"};
    ElementReader reader{message};
    auto name = reader.required("request", reader.text("request", text_max));
    if (reader.error) return *reader.error;
    return name;
}

// ---- For administrators

template <class T>
T of_room(ElementReader& reader) {
    T request;
    request.room = reader.required("room", reader.id("room"));
    request.secret = text_or(reader, "secret");
    return request;
}

Create read_create(ElementReader& reader) {
    Create create;
    create.room = reader.id("room");
    read_settings(reader, create.settings);
    create.allowed = reader.texts("allowed", items_max, text_max);
    create.permanent = reader.flag("permanent").value_or(false);
    create.admin_key = text_or(reader, "admin_key");
    return create;
}

Edit read_edit(ElementReader& reader) {
    auto edit = of_room<Edit>(reader);
    RoomSettings unused;
    read_settings(reader, unused, "new_");  // so that what is wrong is told before anything has changed
    edit.changes.reset(json_deep_copy(reader.object()));
    edit.permanent = reader.flag("permanent").value_or(false);
    return edit;
}

Allowed read_allowed(ElementReader& reader) {
    auto allowed = of_room<Allowed>(reader);
    const std::string action = reader.required("action", reader.text("action", text_max));
    const auto is = [&](const char* name) { return strcasecmp(action.c_str(), name) == 0; };
    if (is("enable"))
        allowed.action = Allowed::Action::enable;
    else if (is("disable"))
        allowed.action = Allowed::Action::disable;
    else if (is("add"))
        allowed.action = Allowed::Action::add;
    else if (is("remove"))
        allowed.action = Allowed::Action::remove;
    else
        reader.complain("action", "enable, disable, add or remove");
    allowed.tokens = reader.texts("allowed", items_max, text_max).value_or(std::vector<std::string>{});
    const bool changes = allowed.action == Allowed::Action::add || allowed.action == Allowed::Action::remove;
    if (changes && !json_object_get(reader.object(), "allowed")) reader.missing("allowed");
    return allowed;
}

Kick read_kick(ElementReader& reader) {
    auto kick = of_room<Kick>(reader);
    kick.id = reader.required("id", reader.id("id"));
    return kick;
}

Moderate read_moderate(ElementReader& reader) {
    auto moderate = of_room<Moderate>(reader);
    moderate.id = reader.required("id", reader.id("id"));
    moderate.mid = required_mid(reader);
    moderate.mute = reader.required("mute", reader.flag("mute"));
    return moderate;
}

Forward::Stream read_forwarded(ElementReader& reader, const std::string& host) {
    Forward::Stream stream;
    stream.mid = required_mid(reader);
    stream.host = reader.text("host", text_max).value_or(host);
    if (stream.host.empty()) reader.missing("host");
    stream.simulcast = reader.flag("simulcast").value_or(false);
    stream.rtcp_port = static_cast<std::uint16_t>(reader.number("rtcp_port", UINT16_MAX).value_or(0));
    for (const char* suffix : {"", "_2", "_3"}) {
        const auto key = [&](const char* name) { return name + std::string{suffix}; };
        const auto port = reader.number(key("port").c_str(), UINT16_MAX);
        if (!port) break;
        Forward::Stream::To to{static_cast<std::uint16_t>(*port), reader.number(key("ssrc").c_str()), {}};
        if (const auto type = reader.number(key("pt").c_str(), 127))
            to.payload_type = static_cast<std::uint8_t>(*type);
        stream.to.push_back(to);
    }
    if (stream.to.empty() || stream.to.front().port == 0) reader.missing("port");
    return stream;
}

Forward read_forward(ElementReader& reader) {
    auto forward = of_room<Forward>(reader);
    forward.publisher = reader.required("publisher_id", reader.id("publisher_id"));
    forward.admin_key = text_or(reader, "admin_key");
    const std::string host = text_or(reader, "host");
    forward.streams = read_each<Forward::Stream>(
        reader, "streams", [&](ElementReader& each) { return read_forwarded(each, host); });
    if (forward.streams.empty()) reader.missing("streams");
    if (json_object_get(reader.object(), "srtp_suite") || json_object_get(reader.object(), "srtp_crypto"))
        reader.complain("srtp_suite", "left out: packets are forwarded in clear only");
    return forward;
}

StopForward read_stop_forward(ElementReader& reader) {
    auto stop = of_room<StopForward>(reader);
    stop.publisher = reader.required("publisher_id", reader.id("publisher_id"));
    stop.stream = reader.required("stream_id", reader.number("stream_id"));
    stop.admin_key = text_or(reader, "admin_key");
    return stop;
}

EnableRecording read_enable_recording(ElementReader& reader) {
    auto enable = of_room<EnableRecording>(reader);
    enable.record = reader.required("record", reader.flag("record"));
    return enable;
}

std::optional<Administration> read_administration(const std::string& name, ElementReader& reader) {
    const auto is = [&](const char* request) { return strcasecmp(name.c_str(), request) == 0; };
    if (is("create")) return read_create(reader);
    if (is("edit")) return read_edit(reader);
    if (is("destroy")) {
        auto destroy = of_room<Destroy>(reader);
        destroy.permanent = reader.flag("permanent").value_or(false);
        return destroy;
    }
    if (is("exists")) return Exists{reader.required("room", reader.id("room"))};
    if (is("list")) return List{text_or(reader, "admin_key")};
    if (is("listparticipants")) return of_room<ListParticipants>(reader);
    if (is("allowed")) return read_allowed(reader);
    if (is("kick")) return read_kick(reader);
    if (is("moderate")) return read_moderate(reader);
    if (is("enable_recording")) return read_enable_recording(reader);
    if (is("rtp_forward")) return read_forward(reader);
    if (is("stop_rtp_forward")) return read_stop_forward(reader);
    if (is("listforwarders")) return of_room<ListForwarders>(reader);
    for (const char* remote : {"listremotes", "publish_remotely", "unpublish_remotely",
                               "add_remote_publisher", "update_remote_publisher", "remove_remote_publisher"})
        if (is(remote)) return Remote{name};
    return std::nullopt;
}

std::optional<Request> read_request(const std::string& name, ElementReader& reader) {
    const auto is = [&](const char* request) { return strcasecmp(name.c_str(), request) == 0; };
    if (is("join") || is("joinandconfigure")) return read_join(reader, is("joinandconfigure"));
    if (is("publish")) {
        Publish publish = read_publish(reader);
        publish.publishes = true;
        return publish;
    }
    if (is("configure")) return read_configure(reader);
    if (is("unpublish")) return Unpublish{};
    if (is("leave")) return Leave{};
    if (is("start")) return Start{};
    if (is("pause")) return Pause{};
    if (is("update")) return read_update(reader);
    if (is("subscribe") || is("unsubscribe")) return read_streams(reader, is("subscribe"));
    if (is("switch")) return read_switch(reader);
    if (is("lookup")) return Lookup{reader.required("room", reader.id("room"))};
    return std::nullopt;
}

template <class Requests, class Read>
std::variant<Requests, RoomError> parse_with(const json_t* message, Read read) {
    auto name = name_of(message);
    if (auto* error = std::get_if<RoomError>(&name)) return std::move(*error);
    ElementReader reader{message};
    auto request = read(std::get<std::string>(name), reader);
    if (!request)
        return RoomError{RoomCode::invalid_request, "Unknown request '" + std::get<std::string>(name) + "'",
                         "unknown-request"};
    if (reader.error) return *reader.error;
    return std::move(*request);
}

}  // namespace

std::variant<Administration, RoomError> parse_administration(const json_t* message) {
    return parse_with<Administration>(message, read_administration);
}

std::variant<Request, RoomError> parse(const json_t* message) {
    return parse_with<Request>(message, read_request);
}

}  // namespace plugin::room_request
