// SPDX-License-Identifier: GPL-3.0-or-later
/// What the janus executable gives to a plugin at run time, for tests that run without one. The reader
/// of RTCP follows Janus's own to the letter, trust in lengths included.

#include <arpa/inet.h>

#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "plugin/janus.h"
#include "tests/plugin/recorded.h"

namespace {

/// What a recorder was given, and where tests look for it.
struct RecorderOf : janus_recorder {
    tests::Recorded* recorded;
};

}  // namespace

std::vector<std::unique_ptr<tests::Recorded>>& tests::recorded() {
    static std::vector<std::unique_ptr<Recorded>> files;
    return files;
}

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

janus_recorder* janus_recorder_create(const char* /*dir*/, const char* codec, const char* filename) {
    if (std::strstr(filename, "unwritable")) return nullptr;
    auto* recorder = new RecorderOf{};
    tests::recorded().push_back(std::make_unique<tests::Recorded>());
    recorder->recorded = tests::recorded().back().get();
    recorder->recorded->name = filename;
    recorder->recorded->codec = codec;
    return recorder;
}

int janus_recorder_opusred(janus_recorder* recorder, int red_pt) {
    static_cast<RecorderOf*>(recorder)->recorded->red = red_pt;
    return 0;
}

int janus_recorder_encrypted(janus_recorder* recorder) {
    static_cast<RecorderOf*>(recorder)->recorded->encrypted = true;
    return 0;
}

int janus_recorder_save_frame(janus_recorder* recorder, char* buffer, unsigned length) {
    static_cast<RecorderOf*>(recorder)->recorded->frames.emplace_back(buffer, buffer + length);
    return 0;
}

int janus_recorder_close(janus_recorder* recorder) {
    static_cast<RecorderOf*>(recorder)->recorded->closed = true;
    return 0;
}

void janus_recorder_destroy(janus_recorder* recorder) {
    delete static_cast<RecorderOf*>(recorder);
}

}  // extern "C"
