// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/sdp_writer.h"

#include <algorithm>

namespace plugin {

namespace {

/// An rtpmap's name as RFCs write it.
std::string map_name(const SdpLine::Format& format) {
    std::string name = format.codec;
    if (name != "opus" && name != "red")
        std::ranges::transform(name, name.begin(),
                               [](char c) { return static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c); });
    name += "/" + std::to_string(format.clock);
    if (format.channels > 1) name += "/" + std::to_string(format.channels);
    return name;
}

const char* name_of(SdpLine::Kind kind) {
    return kind == SdpLine::Kind::audio ? "audio" : kind == SdpLine::Kind::video ? "video" : "application";
}

}  // namespace

SdpWriter::SdpWriter(std::uint64_t session, unsigned version) {
    line("v=0");
    line("o=- " + std::to_string(session) + " " + std::to_string(version) + " IN IP4 127.0.0.1");
    line("s=Viaduct");
    line("t=0 0");
}

void SdpWriter::line(std::string_view what) {
    text_.append(what).append("\r\n");
}

void SdpWriter::begin(std::string_view kind, int port, std::string_view protocol, const std::string& formats,
                      const std::string& mid) {
    line("m=" + std::string{kind} + " " + std::to_string(port) + " " + std::string{protocol} + formats);
    line("c=IN IP4 127.0.0.1");
    if (!mid.empty()) line("a=mid:" + mid);
}

void SdpWriter::add(const Media& media) {
    std::string formats;
    for (const auto& format : media.formats) formats += " " + std::to_string(format.payload_type);
    begin(name_of(media.kind), 9, media.protocol, formats, media.mid);
    line("a=" + media.direction);
    if (!media.msid.empty()) line("a=msid:" + media.msid);
    for (const auto& format : media.formats) {
        const std::string type = std::to_string(format.payload_type);
        line("a=rtpmap:" + type + " " + map_name(format));
        if (!format.fmtp.empty()) line("a=fmtp:" + type + " " + format.fmtp);
        if (media.kind == SdpLine::Kind::video)
            for (const char* feedback : {"ccm fir", "nack", "nack pli", "goog-remb"})
                line("a=rtcp-fb:" + type + " " + feedback);
        if (media.transport_wide) line("a=rtcp-fb:" + type + " transport-cc");
    }
    for (const auto& [id, uri] : media.extensions) line("a=extmap:" + std::to_string(id) + " " + uri);
}

void SdpWriter::add_data(const std::string& protocol, const std::string& mid, bool inactive) {
    begin("application", 9, protocol, " webrtc-datachannel", mid);
    line(inactive ? "a=inactive" : "a=sendrecv");
    line("a=sctp-port:5000");
}

void SdpWriter::add_rejected(const SdpLine& offered) {
    // RFC 3264 §6: the formats are of no importance then, but there must be one.
    const std::string format = offered.formats.empty()
                                   ? " webrtc-datachannel"
                                   : " " + std::to_string(offered.formats.front().payload_type);
    begin(offered.kind == SdpLine::Kind::other ? "application" : name_of(offered.kind), 0, offered.protocol,
          format, offered.mid);
    line("a=inactive");
}

}  // namespace plugin
