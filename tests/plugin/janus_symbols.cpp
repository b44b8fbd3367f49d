// SPDX-License-Identifier: GPL-3.0-or-later
/// What the janus executable gives to a plugin at run time, for tests that run without one. The readers
/// of RTP and RTCP follow Janus's own to the letter, trust in lengths included.

#include <arpa/inet.h>

#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "plugin/janus.h"

namespace {

/// Where the element `id` of the header extension begins; its length in `size`. Null if there is none.
const std::uint8_t* find_extension(const char* packet, int length, int id, std::uint8_t& size) {
    const auto* octets = reinterpret_cast<const std::uint8_t*>(packet);
    if (length < 12 || octets[0] >> 6 != 2) return nullptr;
    int header = 12 + 4 * (octets[0] & 0x0f);
    if ((octets[0] & 0x10) == 0 || length <= header + 4) return nullptr;
    const bool one_byte = octets[header] == 0xbe && octets[header + 1] == 0xde;
    const bool two_byte = octets[header] == 0x10 && octets[header + 1] == 0x00;
    const int extension = 4 * (octets[header + 2] << 8 | octets[header + 3]);
    header += 4;
    if ((!one_byte && !two_byte) || length <= header + extension) return nullptr;
    const std::uint8_t* begin = octets + header;
    for (int i = 0; i < extension;) {
        const int found = one_byte ? begin[i] >> 4 : begin[i];
        if (one_byte && found == 15) return nullptr;
        if (two_byte && extension - i < 2) return nullptr;
        if (found == 0) {
            i += one_byte ? 1 : 2;
            continue;
        }
        size = one_byte ? static_cast<std::uint8_t>((begin[i] & 0x0f) + 1) : begin[i + 1];
        i += one_byte ? 1 : 2;
        if (found == id && i + size <= extension) return begin + i;
        i += size;
    }
    return nullptr;
}

template <class T>
void put(T* out, T value) {
    if (out) *out = value;
}

}  // namespace

extern "C" {

int janus_log_level = LOG_ERR;
gboolean janus_log_timestamps = FALSE;
gboolean janus_log_colors = FALSE;
char* janus_log_global_prefix = nullptr;
int lock_debug = 0;
int refcount_debug = 0;

void janus_vprintf(const char* format, ...) {
    std::va_list arguments;
    va_start(arguments, format);
    std::vfprintf(stderr, format, arguments);
    va_end(arguments);
}

void janus_plugin_rtp_extensions_reset(janus_plugin_rtp_extensions* extensions) {
    if (!extensions) return;
    *extensions = {};
    extensions->audio_level = -1;
    extensions->video_rotation = -1;
    extensions->min_delay = -1;
    extensions->max_delay = -1;
}

int janus_rtp_header_extension_parse_audio_level(char* buf, int len, int id, gboolean* vad, int* level) {
    std::uint8_t size = 0;
    const std::uint8_t* found = find_extension(buf, len, id, size);
    if (!found) return -1;
    put(vad, *found >> 7);
    put(level, *found & 0x7f);
    return 0;
}

int janus_rtp_header_extension_parse_video_orientation(char* buf, int len, int id, gboolean* c, gboolean* f,
                                                       gboolean* r1, gboolean* r0) {
    std::uint8_t size = 0;
    const std::uint8_t* found = find_extension(buf, len, id, size);
    if (!found) return -1;
    put(c, *found >> 3 & 1);
    put(f, *found >> 2 & 1);
    put(r1, *found >> 1 & 1);
    put(r0, *found & 1);
    return 0;
}

/// Janus looks at four octets although the extension has three, and finds 0 in one of three.
/// Of a compound packet: the first REMB. 0 if there is none.
std::uint32_t janus_rtcp_get_remb(char* packet, int len) {
    const auto* octets = reinterpret_cast<const std::uint8_t*>(packet);
    while (octets && len >= 4 && octets[0] >> 6 == 2) {
        const int length = 4 * (octets[2] << 8 | octets[3]) + 4;
        if (len < length) return 0;
        const bool remb = octets[1] == 206 && (octets[0] & 0x1f) == 15 && len >= 24 &&
                          std::memcmp(octets + 12, "REMB", 4) == 0 && len - 12 >= 4 * octets[16];
        if (remb) {
            const std::uint32_t mantissa = (octets[17] & 0x03U) << 16 | octets[18] << 8 | octets[19];
            return static_cast<std::uint32_t>(std::uint64_t{mantissa} << (octets[17] >> 2));
        }
        if (length == 4) return 0;
        octets += length;
        len -= length;
    }
    return 0;
}

}  // extern "C"
