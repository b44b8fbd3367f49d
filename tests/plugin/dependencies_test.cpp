// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/dependencies.h"

#include <array>
#include <utility>

#include "tests/check.h"
#include "tests/plugin/packets.h"

using plugin::DependencyReader;
using tests::Octets;

namespace {

/// The first packet of a keyframe: template 5 is the first of three, for T0, T1 and T1 once more, where two
/// targets are decoded. The second is where one may begin with all pictures.
///   flags 10000, offset 000101, targets 00001, idc 01 00 11, indications SS -S -D
const Octets structure = {0xc5, 0, 1, 0x80, 0xa1, 0x4e, 0x88, 0x40};
/// Two sizes with two temporal layers each, four targets: templates of S0 T0, S0 T1, S1 T0, S1 T1.
///   flags 10000, offset 000000, targets 00011, idc 01 10 01 11, indications SSSS -D-R --SS ---D
const Octets sizes = tests::bits(
    "11000000"
    "0000000000000001"
    "10000"
    "000000"
    "00011"
    "01100111"
    "10101010"
    "00010011"
    "00001010"
    "00000001");

START_TEST(each_template_has_its_layer) {
    DependencyReader reader;
    const auto key = reader.read(structure);
    ck_assert(key.has_value());
    ck_assert(key->begins);
    ck_assert(key->ends);
    ck_assert_int_eq(key->temporal, 0);
    ck_assert_int_eq(reader.read(Octets{0x86, 0, 2})->temporal, 1);
    ck_assert_int_eq(reader.read(Octets{0x87, 0, 3})->temporal, 1);
    ck_assert(!reader.read(Octets{0x07, 0, 3})->begins);
    ck_assert(!reader.read(Octets{0x88, 0, 4}).has_value());
    ck_assert(!reader.read(Octets{0x84, 0, 4}).has_value());
}
END_TEST

START_TEST(sizes_have_temporal_layers_each) {
    DependencyReader reader;
    const auto key = reader.read(sizes);
    ck_assert(key.has_value() && key->spatial == 0 && key->temporal == 0);
    const std::array<std::pair<int, int>, 4> layers = {{{0, 0}, {0, 1}, {1, 0}, {1, 1}}};
    for (std::size_t id = 0; id < layers.size(); ++id) {
        const auto frame = reader.read(Octets{static_cast<std::uint8_t>(0x80 | id), 0, 2});
        ck_assert_int_eq(frame->spatial, layers.at(id).first);
        ck_assert_int_eq(frame->temporal, layers.at(id).second);
        ck_assert(!frame->ends);
    }
}
END_TEST

START_TEST(where_more_pictures_may_be_taken_is_told) {
    DependencyReader reader;
    ck_assert_int_eq(reader.read(structure)->switches_to, 1);
    ck_assert_int_eq(reader.read(Octets{0x86, 0, 2})->switches_to, 1);
    ck_assert_int_eq(reader.read(Octets{0x87, 0, 2})->switches_to, -1);
    DependencyReader other;
    ck_assert_int_eq(other.read(sizes)->switches_to, 1);
    ck_assert_int_eq(other.read(Octets{0x81, 0, 2})->switches_to, -1);
}
END_TEST

START_TEST(a_frames_number_can_be_written_over) {
    Octets extension = sizes;
    ck_assert_uint_eq(*plugin::dependency_frame(extension), 1);
    plugin::set_dependency_frame(extension, 0xfedc);
    ck_assert_uint_eq(*plugin::dependency_frame(extension), 0xfedc);
    extension[1] = 0;
    extension[2] = 1;
    ck_assert(extension == sizes);
    ck_assert(!plugin::dependency_frame(Octets{0xc0, 0}));
}
END_TEST

START_TEST(before_a_structure_nothing_is_known) {
    DependencyReader reader;
    ck_assert(!reader.read(Octets{}).has_value());
    ck_assert(!reader.read(Octets{0xc5, 0}).has_value());
    ck_assert(!reader.read(Octets{0xc5, 0, 1}).has_value());
    ck_assert(!reader.read(Octets{0xc5, 0, 1, 0x00}).has_value());
}
END_TEST

START_TEST(a_structure_that_is_cut_off_changes_nothing) {
    DependencyReader reader;
    reader.read(structure);
    for (std::size_t size = 3; size < structure.size(); ++size) {
        Octets cut(structure.begin(), structure.begin() + static_cast<std::ptrdiff_t>(size));
        reader.read(cut);
        ck_assert_int_eq(reader.read(Octets{0x86, 0, 2})->temporal, 1);
    }
}
END_TEST

START_TEST(a_structure_without_an_end_stops_at_sixty_four) {
    DependencyReader reader;
    Octets endless = {0xc0, 0, 1, 0x80, 0, 0};
    endless.resize(200);
    ck_assert(reader.read(endless).has_value());
    ck_assert_int_eq(reader.read(Octets{0xff, 0, 1})->temporal, 0);
}
END_TEST

}  // namespace

int main() {
    return run_suite("dependencies",
                     {each_template_has_its_layer, sizes_have_temporal_layers_each,
                      where_more_pictures_may_be_taken_is_told, a_frames_number_can_be_written_over,
                      before_a_structure_nothing_is_known, a_structure_that_is_cut_off_changes_nothing,
                      a_structure_without_an_end_stops_at_sixty_four});
}
