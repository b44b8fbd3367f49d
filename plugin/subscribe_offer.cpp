// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/subscribe_offer.h"

#include <algorithm>
#include <array>

#include "plugin/sdp_writer.h"

namespace plugin {

namespace {

using Kind = SdpLine::Kind;

constexpr const char* protocol = "UDP/TLS/RTP/SAVPF";
constexpr const char* data_protocol = "UDP/DTLS/SCTP";

/// What each codec is called first of all. The number behind one of a picture is left to its RTX, which
/// Janus adds.
int usual(const std::string& codec) {
    static const std::map<std::string, int> numbers = {{"pcmu", 0},   {"pcma", 8},  {"g722", 9}, {"red", 63},
                                                       {"opus", 111}, {"vp8", 96},  {"vp9", 98}, {"av1", 100},
                                                       {"h264", 102}, {"h265", 104}};
    const auto found = numbers.find(codec);
    return found == numbers.end() ? 106 : found->second;
}

/// From here on is room for more of one codec: other profiles.
constexpr int spare_first = 106, spare_last = 126, step = 2;

/// One id for each, in every offer: extensions of one PeerConnection share their numbers.
struct Ids {
    static constexpr int mid = 1, audio_level = 2, orientation = 3, playout_delay = 4, dependencies = 5,
                         send_time = 6, transport_wide = 7;
};

/// That only of which the browser must know more than the codec's name.
std::string significant(const FeedStream& stream) {
    if (stream.codec == "h264") return stream.h264_profile;
    if (stream.codec == "vp9") return stream.vp9_profile == "0" ? "" : stream.vp9_profile;
    return "";
}

void add_media(SdpWriter& writer, const OfferedStream& offered) {
    const FeedStream& source = offered.source;
    SdpWriter::Media media{offered.kind, protocol, offered.mid};
    media.direction = offered.active ? "sendonly" : "inactive";
    media.msid = offered.active ? offered.msid : "";
    if (offered.red >= 0) {
        const std::string inner = std::to_string(offered.payload_type);
        media.formats.push_back({offered.red, "red", 48'000, 2, inner + "/" + inner});
    }
    media.formats.push_back(
        {std::max(0, offered.payload_type), source.codec, source.clock, source.channels, source.fmtp});
    media.extensions.emplace_back(Ids::mid, extension::mid);
    const auto offer = [&](int theirs, int id, std::string_view uri) {
        if (theirs != 0) media.extensions.emplace_back(id, uri);
    };
    offer(source.audio_level, Ids::audio_level, extension::audio_level);
    if (offered.kind == Kind::video) {
        offer(source.orientation, Ids::orientation, extension::orientation);
        media.extensions.emplace_back(Ids::playout_delay, extension::playout_delay);
        offer(source.dependencies, Ids::dependencies, extension::dependencies);
        media.extensions.emplace_back(Ids::send_time, extension::send_time);
        // Janus numbers pictures only. A browser that feeds back says no REMB.
        media.transport_wide = offered.transport_wide;
        if (offered.transport_wide)
            media.extensions.emplace_back(Ids::transport_wide, extension::transport_wide);
    }
    writer.add(media);
}

}  // namespace

int PayloadTypes::of(const std::string& codec, const std::string& parameters) {
    const std::string key = codec + " " + parameters;
    if (const auto found = taken_.find(key); found != taken_.end()) return found->second;
    const auto is_free = [&](int number) {
        return std::ranges::none_of(taken_, [&](const auto& entry) { return entry.second == number; });
    };
    int number = usual(codec);
    if (!is_free(number))
        for (number = spare_first; number <= spare_last && (!is_free(number) || number == 111);
             number += step) {
        }
    if (number > spare_last) return -1;
    taken_[key] = number;
    return number;
}

int PayloadTypes::of(const FeedStream& stream) {
    return of(stream.codec, significant(stream));
}

std::string subscribe_offer(const std::vector<OfferedStream>& streams, std::uint64_t session,
                            unsigned version) {
    SdpWriter writer{session, version};
    for (const auto& stream : streams) {
        if (stream.kind == Kind::data)
            writer.add_data(data_protocol, stream.mid, !stream.active);
        else
            add_media(writer, stream);
    }
    return writer.text();
}

}  // namespace plugin
