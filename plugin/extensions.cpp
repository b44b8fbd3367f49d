// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/extensions.h"

#include <algorithm>
#include <iterator>

#include "plugin/dependencies.h"

namespace plugin {

namespace {

/// RFC 6464: a bit for voice, seven for the level.
void read_audio_level(std::span<const std::uint8_t> element, janus_plugin_rtp_extensions& extensions) {
    if (element.empty()) return;
    extensions.audio_level = static_cast<std::int8_t>(element[0] & 0x7fU);
    extensions.audio_level_vad = element[0] >> 7U;
}

/// 3GPP TS 26.114 §7.4.5: camera, flip, two bits of rotation.
void read_orientation(std::span<const std::uint8_t> element, janus_plugin_rtp_extensions& extensions) {
    if (element.empty()) return;
    extensions.video_rotation = static_cast<std::int16_t>(90 * (element[0] & 0x03U));
    extensions.video_back_camera = (element[0] >> 3U) & 1U;
    extensions.video_flipped = (element[0] >> 2U) & 1U;
}

/// webrtc.org's playout-delay: least and most, 12 bits each, in units of 10 ms. 0 and 0 ("render at once") is
/// what Janus 1.1's own reader takes for nothing.
void read_playout_delay(std::span<const std::uint8_t> element, janus_plugin_rtp_extensions& extensions) {
    if (element.size() < 3) return;
    extensions.min_delay = static_cast<std::int16_t>(element[0] << 4U | element[1] >> 4U);
    extensions.max_delay = static_cast<std::int16_t>((element[1] & 0x0fU) << 8U | element[2]);
}

/// AV1's dependency descriptor is carried as it is. A receiver that was promised one cannot do without.
void read_dependencies(std::span<const std::uint8_t> element, janus_plugin_rtp_extensions& extensions) {
    if (element.empty() || element.size() > std::size(extensions.dd_content) || element.size() > UINT8_MAX)
        return;
    std::ranges::copy(element, std::begin(extensions.dd_content));
    extensions.dd_len = static_cast<std::uint8_t>(element.size());
}

}  // namespace

janus_plugin_rtp_extensions read_extensions(const MLine& mline, const RtpPacket& packet) {
    janus_plugin_rtp_extensions extensions;
    janus_plugin_rtp_extensions_reset(&extensions);
    read_audio_level(packet.extension(mline.audio_level), extensions);
    read_orientation(packet.extension(mline.orientation), extensions);
    read_playout_delay(packet.extension(mline.playout_delay), extensions);
    read_dependencies(packet.extension(mline.dependencies), extensions);
    return extensions;
}

void set_frame(janus_plugin_rtp_extensions& extensions, std::uint16_t number) {
    const std::span content{extensions.dd_content, extensions.dd_len};
    if (dependency_frame(content)) set_dependency_frame(content, number);
}

}  // namespace plugin
