// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/codec.h"

#include "tests/check.h"
#include "tests/plugin/packets.h"

using plugin::begins_keyframe;
using tests::Octets;
using tests::Vp8;

namespace {

START_TEST(vp8_says_so_in_the_first_partition) {
    ck_assert(begins_keyframe("vp8", Vp8{.keyframe = true}.octets()));
    ck_assert(!begins_keyframe("vp8", Vp8{}.octets()));
    ck_assert(!begins_keyframe("vp8", Vp8{.keyframe = true, .begins = false}.octets()));
    ck_assert(!begins_keyframe("vp8", Octets{0x10}));  // the descriptor and nothing behind it
}
END_TEST

START_TEST(vp9_is_not_predicted_and_the_lowest_layer) {
    ck_assert(begins_keyframe("vp9", Octets{0x08, 0}));
    ck_assert(!begins_keyframe("vp9", Octets{0x48, 0}));                    // P
    ck_assert(!begins_keyframe("vp9", Octets{0x00, 0}));                    // not the beginning
    ck_assert(begins_keyframe("vp9", Octets{0xa8, 0x81, 0x23, 0x00, 0}));   // a long picture number, S 0
    ck_assert(!begins_keyframe("vp9", Octets{0xa8, 0x81, 0x23, 0x02, 0}));  // S 1
    ck_assert(begins_keyframe("vp9", Octets{0xa8, 0x01, 0x00, 0}));
}
END_TEST

START_TEST(h264_has_parameter_sets_or_an_idr_slice) {
    ck_assert(begins_keyframe("h264", Octets{0x67, 1}));
    ck_assert(begins_keyframe("h264", Octets{0x65, 1}));
    ck_assert(!begins_keyframe("h264", Octets{0x41, 1}));
    ck_assert(begins_keyframe("h264", Octets{0x78, 0, 2, 0x41, 1, 0, 1, 0x67}));   // the second of a STAP-A
    ck_assert(!begins_keyframe("h264", Octets{0x78, 0, 2, 0x41, 1, 0, 9, 0x67}));  // beyond the end
    ck_assert(begins_keyframe("h264", Octets{0x7c, 0x85, 1}));
    ck_assert(!begins_keyframe("h264", Octets{0x7c, 0x05, 1}));  // not the first fragment
}
END_TEST

START_TEST(h265_has_parameter_sets_or_an_irap_picture) {
    ck_assert(begins_keyframe("h265", Octets{32 << 1, 1}));
    ck_assert(begins_keyframe("h265", Octets{19 << 1, 1}));
    ck_assert(!begins_keyframe("h265", Octets{1 << 1, 1}));
    ck_assert(begins_keyframe("h265", Octets{48 << 1, 1, 0, 2, 33 << 1, 1}));
    ck_assert(begins_keyframe("h265", Octets{49 << 1, 1, 0x80 | 19}));
    ck_assert(!begins_keyframe("h265", Octets{49 << 1, 1, 19}));
}
END_TEST

START_TEST(av1_marks_a_new_sequence) {
    ck_assert(begins_keyframe("av1", Octets{0x18, 0x0a}));
    ck_assert(!begins_keyframe("av1", Octets{0x10, 0x32}));
}
END_TEST

START_TEST(of_what_is_not_known_nothing_is_a_keyframe) {
    for (const char* codec : {"", "opus", "rtx", "VP8"})
        ck_assert(!begins_keyframe(codec, Vp8{.keyframe = true}.octets()));
}
END_TEST

START_TEST(nothing_is_read_past_the_end) {
    for (const char* codec : {"vp8", "vp9", "h264", "h265", "av1"}) {
        for (unsigned first = 0; first < 256; ++first) {
            for (std::size_t size = 0; size < 7; ++size) {
                for (const std::uint8_t rest : {0x00, 0x80, 0xff}) {
                    Octets payload(size, rest);
                    if (size > 0) payload[0] = static_cast<std::uint8_t>(first);
                    begins_keyframe(codec, payload);
                }
            }
        }
    }
}
END_TEST

}  // namespace

int main() {
    return run_suite("codec", {vp8_says_so_in_the_first_partition, vp9_is_not_predicted_and_the_lowest_layer,
                               h264_has_parameter_sets_or_an_idr_slice,
                               h265_has_parameter_sets_or_an_irap_picture, av1_marks_a_new_sequence,
                               of_what_is_not_known_nothing_is_a_keyframe, nothing_is_read_past_the_end});
}
