// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/media.h"

#include <string>

namespace plugin {

namespace {

/// What VideoCall tells a browser that has no cap: a REMB has to say something.
constexpr std::uint32_t uncapped_bits_per_second = 10'000'000;

/// The fixed header, the CSRCs and the extension lie within the packet (RFC 3550 §5.1, §5.3.1). It comes
/// from another server, and Janus's own readers trust these lengths.
bool fits(std::span<const std::uint8_t> packet) {
    constexpr std::size_t fixed = 12, extension_header = 4, word = 4;
    if (packet.size() < fixed || packet[0] >> 6 != 2) return false;
    std::size_t length = fixed + word * (packet[0] & 0x0fU);
    if (packet[0] & 0x10U) {
        if (packet.size() < length + extension_header) return false;
        length += extension_header + word * (packet[length + 2] << 8U | packet[length + 3]);
    }
    return length <= packet.size();
}

/// Janus strips header extensions from what it relays and writes them anew from this structure.
janus_plugin_rtp_extensions read_extensions(const MLine& mline, char* packet, int length) {
    janus_plugin_rtp_extensions extensions;
    janus_plugin_rtp_extensions_reset(&extensions);
    if (mline.audio_level > 0) {
        int level = -1;
        gboolean voice = FALSE;
        if (janus_rtp_header_extension_parse_audio_level(packet, length, mline.audio_level, &voice, &level) ==
            0) {
            extensions.audio_level = static_cast<std::int8_t>(level);
            extensions.audio_level_vad = voice;
        }
    }
    if (mline.orientation > 0) {
        gboolean back = FALSE, flip = FALSE, r1 = FALSE, r0 = FALSE;
        if (janus_rtp_header_extension_parse_video_orientation(packet, length, mline.orientation, &back,
                                                               &flip, &r1, &r0) == 0) {
            extensions.video_rotation = static_cast<std::int16_t>((r1 ? 180 : 0) + (r0 ? 90 : 0));
            extensions.video_back_camera = back;
            extensions.video_flipped = flip;
        }
    }
    return extensions;
}

}  // namespace

Media::Media(Gateway& gateway, Outbox& outbox, std::shared_ptr<Handle> handle,
             std::shared_ptr<Outbox::Queue> queue)
    : gateway_(gateway), outbox_(outbox), handle_(std::move(handle)), queue_(std::move(queue)) {}

void Media::connect(std::shared_ptr<gst::Lane> lane, std::vector<MLine> mlines) {
    auto path = std::make_shared<const Path>(Path{std::move(lane), std::move(mlines)});
    const std::lock_guard lock{mutex_};
    path_.swap(path);
}

void Media::disconnect() {
    std::shared_ptr<const Path> path;  // let go outside the lock: closing a lane may wait for a packet
    const std::lock_guard lock{mutex_};
    path_.swap(path);
}

std::shared_ptr<const Media::Path> Media::path() const {
    const std::lock_guard lock{mutex_};
    return path_;
}

bool Media::connected() const {
    return path() != nullptr;
}

gst::LaneStats Media::stats() const {
    const auto current = path();
    return current ? current->lane->stats() : gst::LaneStats{};
}

void Media::incoming_rtp(const janus_plugin_rtp& packet) {
    if (!(packet.video ? video_active : audio_active).load(std::memory_order_relaxed)) return;
    const auto current = path();
    if (!current || packet.mindex < 0 || static_cast<std::size_t>(packet.mindex) >= mlines_max) return;
    current->lane->send(gst::PacketKind::rtp, static_cast<std::uint8_t>(packet.mindex),
                        {reinterpret_cast<const std::uint8_t*>(packet.buffer), packet.length});
}

void Media::incoming_rtcp(const janus_plugin_rtcp& packet) {
    // As in VideoCall, a REMB ends here: this browser's own cap is the answer.
    if (janus_rtcp_get_remb(packet.buffer, packet.length) > 0) {
        send_remb();
        return;
    }
    const auto current = path();
    if (!current || packet.mindex < 0 || static_cast<std::size_t>(packet.mindex) >= mlines_max) return;
    current->lane->send(gst::PacketKind::rtcp, static_cast<std::uint8_t>(packet.mindex),
                        {reinterpret_cast<const std::uint8_t*>(packet.buffer), packet.length});
}

void Media::receive(gst::PacketKind kind, std::uint8_t stream, std::span<const std::uint8_t> packet) {
    const auto current = path();
    if (!current || stream >= current->mlines.size() || packet.size() > UINT16_MAX) return;
    const MLine& mline = current->mlines[stream];
    if (mline.data) return;
    if (kind == gst::PacketKind::rtp) relay_rtp(mline, stream, packet);
    if (kind == gst::PacketKind::rtcp) relay_rtcp(mline, stream, packet);
}

void Media::relay_rtp(const MLine& mline, std::uint8_t stream, std::span<const std::uint8_t> packet) {
    if (!fits(packet)) return;
    // The core copies the packet and changes only its copy.
    auto* buffer = const_cast<char*>(reinterpret_cast<const char*>(packet.data()));
    const auto length = static_cast<std::uint16_t>(packet.size());
    janus_plugin_rtp rtp{};
    rtp.mindex = stream;
    rtp.video = mline.video;
    rtp.buffer = buffer;
    rtp.length = length;
    rtp.extensions = read_extensions(mline, buffer, length);
    gateway_.relay_rtp(*handle_, rtp);
}

void Media::relay_rtcp(const MLine& mline, std::uint8_t stream, std::span<const std::uint8_t> packet) {
    std::string copy{reinterpret_cast<const char*>(packet.data()), packet.size()};
    outbox_.post_feedback(queue_, [&gateway = gateway_, handle = handle_, video = mline.video, stream,
                                   copy = std::move(copy)]() mutable {
        janus_plugin_rtcp rtcp{};
        rtcp.mindex = stream;
        rtcp.video = video;
        rtcp.buffer = copy.data();
        rtcp.length = static_cast<std::uint16_t>(copy.size());
        gateway.relay_rtcp(*handle, rtcp);
    });
}

void Media::send_pli() {
    outbox_.post_feedback(queue_, [&gateway = gateway_, handle = handle_] { gateway.send_pli(*handle); });
}

void Media::send_remb() {
    const std::uint32_t cap = bitrate ? bitrate.load() : uncapped_bits_per_second;
    outbox_.post_feedback(queue_,
                          [&gateway = gateway_, handle = handle_, cap] { gateway.send_remb(*handle, cap); });
}

}  // namespace plugin
