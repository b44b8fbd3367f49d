// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/publish_answer.h"

#include <strings.h>

#include <algorithm>

#include "plugin/sdp_writer.h"

namespace plugin {

namespace {

using Kind = SdpLine::Kind;
using Encoding = SdpLine::Format;

/// Whether the format has the profile that the room prefers; without a preference, any.
bool has_profile(const Encoding& format, const RoomSettings& room) {
    const auto same = [&](const char* key, const std::string& wanted) {
        return wanted.empty() || strcasecmp(fmtp_value(format.fmtp, key).c_str(), wanted.c_str()) == 0;
    };
    if (format.codec == "vp9") return same("profile-id", room.vp9_profile);
    // Mode 0 has no fragments, and a picture would not fit.
    if (format.codec == "h264")
        return same("profile-level-id", room.h264_profile) &&
               fmtp_value(format.fmtp, "packetization-mode") == "1";
    return true;
}

const Encoding* find_format(const SdpLine& line, const std::string& codec, const RoomSettings& room) {
    const Encoding* second = nullptr;
    for (const auto& format : line.formats) {
        if (format.codec != codec) continue;
        if (has_profile(format, room)) return &format;
        if (!second) second = &format;
    }
    return second;
}

const Encoding* choose(const SdpLine& line, const RoomSettings& room, const PublishWish& wish) {
    const bool video = line.kind == Kind::video;
    const auto& allowed = video ? room.videocodec : room.audiocodec;
    const auto& preferred = video ? wish.videocodec : wish.audiocodec;
    if (preferred && std::ranges::find(allowed, *preferred) != allowed.end())
        if (const auto* format = find_format(line, *preferred, room)) return format;
    for (const auto& codec : allowed)
        if (const auto* format = find_format(line, codec, room)) return format;
    return nullptr;
}

/// The one around this Opus, if it is offered in front of it: it is sent only then.
const Encoding* red_around(const SdpLine& line, const Encoding& opus) {
    if (opus.codec != "opus") return nullptr;
    const auto* red = line.format("red");
    return red && red < &opus ? red : nullptr;
}

std::string opus_fmtp(const Encoding& offered, const RoomSettings& room, FeedStream& stream) {
    const auto on = [&](const char* key) { return fmtp_value(offered.fmtp, key) == "1"; };
    stream.stereo = on("stereo") || on("sprop-stereo");
    stream.fec = room.opus_fec && on("useinbandfec");
    stream.dtx = room.opus_dtx || on("usedtx");
    std::string fmtp;
    const auto say = [&](bool value, const char* text) {
        if (value) fmtp += (fmtp.empty() ? "" : ";") + std::string{text};
    };
    say(stream.fec, "useinbandfec=1");
    say(stream.stereo, "stereo=1");
    say(stream.dtx, "usedtx=1");
    return fmtp;
}

void describe(const SdpLine& line, const Encoding& format, const RoomSettings& room, FeedStream& stream) {
    stream.codec = format.codec;
    stream.payload_type = format.payload_type;
    stream.clock = format.clock;
    stream.channels = format.channels;
    stream.fmtp = format.codec == "opus" ? opus_fmtp(format, room, stream) : format.fmtp;
    if (format.codec == "h264") stream.h264_profile = fmtp_value(format.fmtp, "profile-level-id");
    if (format.codec == "vp9") stream.vp9_profile = fmtp_value(format.fmtp, "profile-id");
    if (const auto* red = red_around(line, format)) stream.red = red->payload_type;
    if (line.kind == Kind::audio && room.audiolevel_ext)
        stream.audio_level = line.extension(extension::audio_level);
    if (line.kind != Kind::video) return;
    stream.svc = stream.svc || (room.video_svc && (format.codec == "vp9" || format.codec == "av1"));
    if (room.videoorient_ext) stream.orientation = line.extension(extension::orientation);
    if (room.playoutdelay_ext) stream.playout_delay = line.extension(extension::playout_delay);
    // Of VP8 it would take the place of what its own descriptor says of layers.
    if (format.codec == "av1" || (format.codec == "vp9" && stream.svc))
        stream.dependencies = line.extension(extension::dependencies);
}

void write_media(SdpWriter& writer, const SdpLine& line, const RoomSettings& room, const FeedStream& stream) {
    SdpWriter::Media media{line.kind, line.protocol, line.mid};
    media.direction = line.sends ? "recvonly" : "inactive";
    if (stream.red != 0)
        media.formats.push_back(
            {stream.red, "red", 48'000, 2,
             std::to_string(stream.payload_type) + "/" + std::to_string(stream.payload_type)});
    media.formats.push_back({stream.payload_type, stream.codec, stream.clock, stream.channels, stream.fmtp});
    const auto accept = [&](std::string_view uri, bool wanted) {
        if (const int id = line.extension(uri); id != 0 && wanted) media.extensions.emplace_back(id, uri);
    };
    accept(extension::mid, true);
    accept(extension::rid, line.kind == Kind::video);
    accept(extension::repaired_rid, line.kind == Kind::video);
    accept(extension::audio_level, stream.audio_level != 0);
    accept(extension::orientation, stream.orientation != 0);
    accept(extension::playout_delay, stream.playout_delay != 0);
    accept(extension::dependencies, stream.dependencies != 0);
    accept(extension::transport_wide, room.transport_wide_cc_ext);
    media.transport_wide = room.transport_wide_cc_ext && line.extension(extension::transport_wide) != 0;
    writer.add(media);
}

}  // namespace

PublishAnswer answer_offer(const std::vector<SdpLine>& offer, const RoomSettings& room,
                           const PublishWish& wish, std::uint64_t session, unsigned version) {
    PublishAnswer answer;
    SdpWriter writer{session, version};
    for (std::size_t i = 0; i < offer.size(); ++i) {
        const SdpLine& line = offer[i];
        FeedStream stream;
        stream.kind = line.kind == Kind::other ? Kind::data : line.kind;
        stream.mindex = static_cast<int>(i);
        stream.mid = line.mid;
        stream.svc = std::ranges::find(wish.svc, stream.mindex) != wish.svc.end();
        const bool media = line.kind == Kind::audio || line.kind == Kind::video;
        const Encoding* format = media && !line.rejected ? choose(line, room, wish) : nullptr;
        stream.disabled = line.rejected || line.kind == Kind::other || (media && (!format || !line.sends));
        if (format) {
            describe(line, *format, room, stream);
            auto& first = line.kind == Kind::video ? answer.video_codec : answer.audio_codec;
            if (first.empty() && line.sends) first = format->codec;
            write_media(writer, line, room, stream);
        } else if (line.kind == Kind::data && !line.rejected) {
            writer.add_data(line.protocol, line.mid);
        } else {
            writer.add_rejected(line);
        }
        answer.streams.push_back(std::move(stream));
    }
    answer.sdp = writer.text();
    return answer;
}

}  // namespace plugin
