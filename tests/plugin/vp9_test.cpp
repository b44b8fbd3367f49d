// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/vp9.h"

#include "tests/check.h"
#include "tests/plugin/packets.h"

using plugin::Vp9Descriptor;
using tests::Octets;

namespace {

START_TEST(layers_stand_behind_a_picture_number_of_either_length) {
    for (const Octets& payload :
         {Octets{0xac, 0x11, 0x54, 0x00}, Octets{0xac, 0x81, 0x11, 0x54}, Octets{0x2c, 0x54}}) {
        const auto read = Vp9Descriptor::parse(payload);
        ck_assert(read.has_value() && read->layered && read->begins_frame && read->ends_frame);
        ck_assert(!read->predicted && read->switching_up);
        ck_assert_int_eq(read->temporal, 2);
        ck_assert_int_eq(read->spatial, 2);
    }
}
END_TEST

START_TEST(a_stream_without_layers_says_where_frames_begin_and_end) {
    const auto read = Vp9Descriptor::parse(Octets{0xc8, 0x11});
    ck_assert(read.has_value() && !read->layered && read->predicted && read->begins_frame &&
              !read->ends_frame);
}
END_TEST

START_TEST(what_is_cut_off_is_none) {
    ck_assert(!Vp9Descriptor::parse(Octets{}));
    ck_assert(!Vp9Descriptor::parse(Octets{0x20}));
    ck_assert(!Vp9Descriptor::parse(Octets{0xa0}));
    ck_assert(!Vp9Descriptor::parse(Octets{0xa0, 0x80}));
    ck_assert(!Vp9Descriptor::parse(Octets{0xa0, 0x80, 1}));
}
END_TEST

}  // namespace

int main() {
    return run_suite("vp9",
                     {layers_stand_behind_a_picture_number_of_either_length,
                      a_stream_without_layers_says_where_frames_begin_and_end, what_is_cut_off_is_none});
}
