// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/vp8.h"

#include "tests/check.h"
#include "tests/plugin/packets.h"

using plugin::Vp8Descriptor;
using tests::Octets;
using tests::Vp8;

namespace {

START_TEST(a_full_descriptor_is_read) {
    const Octets payload = Vp8{.picture = 0x1234, .base_picture = 77, .temporal = 2, .sync = true}.octets();
    const auto descriptor = Vp8Descriptor::parse(payload);
    ck_assert(descriptor.has_value());
    ck_assert(descriptor->begins_frame);
    ck_assert(descriptor->picture == 0x1234);
    ck_assert(descriptor->long_picture);
    ck_assert(descriptor->base_picture == 77);
    ck_assert(descriptor->temporal == 2);
    ck_assert(descriptor->layer_sync);
    ck_assert_uint_eq(descriptor->size, 6);
}
END_TEST

START_TEST(a_short_descriptor_has_nothing_else) {
    const auto descriptor = Vp8Descriptor::parse(Octets{0x10, 0});
    ck_assert(descriptor.has_value());
    ck_assert(!descriptor->picture && !descriptor->base_picture && !descriptor->temporal);
    ck_assert_uint_eq(descriptor->size, 1);
}
END_TEST

START_TEST(a_picture_number_may_have_seven_bits) {
    Octets payload = {0x90, 0x80, 0x45, 0x11};
    const auto descriptor = Vp8Descriptor::parse(payload);
    ck_assert(descriptor->picture == 0x45);
    ck_assert(!descriptor->long_picture);
    plugin::renumber_vp8(payload, 0x1ff, 9);
    ck_assert(payload == (Octets{0x90, 0x80, 0x7f, 0x11}));
}
END_TEST

START_TEST(only_the_first_partition_begins_a_frame) {
    ck_assert(!Vp8Descriptor::parse(Octets{0x11, 0})->begins_frame);
    ck_assert(!Vp8Descriptor::parse(Octets{0x00, 0})->begins_frame);
}
END_TEST

START_TEST(other_numbers_are_written_in_as_many_bits) {
    Octets payload = Vp8{.picture = 1, .base_picture = 2, .temporal = 1}.octets();
    plugin::renumber_vp8(payload, 0xffff, 0x88);
    ck_assert(payload == (Vp8{.picture = 0x7fff, .base_picture = 0x88, .temporal = 1}.octets()));
}
END_TEST

START_TEST(nothing_is_read_past_the_end) {
    for (unsigned first = 0; first < 256; ++first) {
        for (unsigned second = 0; second < 256; ++second) {
            for (std::size_t size = 0; size <= 7; ++size) {
                Octets payload(size, 0x80);
                if (size > 0) payload[0] = static_cast<std::uint8_t>(first);
                if (size > 1) payload[1] = static_cast<std::uint8_t>(second);
                const auto descriptor = Vp8Descriptor::parse(payload);
                if (descriptor) ck_assert_uint_le(descriptor->size, size);
                plugin::renumber_vp8(payload, 1, 1);
            }
        }
    }
}
END_TEST

}  // namespace

int main() {
    return run_suite("vp8", {a_full_descriptor_is_read, a_short_descriptor_has_nothing_else,
                             a_picture_number_may_have_seven_bits, only_the_first_partition_begins_a_frame,
                             other_numbers_are_written_in_as_many_bits, nothing_is_read_past_the_end});
}
