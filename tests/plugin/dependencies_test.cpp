// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/dependencies.h"

#include "tests/check.h"
#include "tests/plugin/packets.h"

using plugin::DependencyReader;
using tests::Octets;

namespace {

/// The first packet of a keyframe: template 5 is the first of three, for T0, T1 and T1 once more.
///   flags 10000, offset 000101, targets 00001, idc 01 00 11
const Octets structure = {0xc5, 0, 1, 0x80, 0xa1, 0x4c};

START_TEST(each_template_has_its_layer) {
    DependencyReader reader;
    const auto key = reader.read(structure);
    ck_assert(key.has_value());
    ck_assert(key->begins);
    ck_assert_int_eq(key->temporal, 0);
    ck_assert_int_eq(reader.read(Octets{0x86, 0, 2})->temporal, 1);
    ck_assert_int_eq(reader.read(Octets{0x87, 0, 3})->temporal, 1);
    ck_assert(!reader.read(Octets{0x07, 0, 3})->begins);
    ck_assert(!reader.read(Octets{0x88, 0, 4}).has_value());
    ck_assert(!reader.read(Octets{0x84, 0, 4}).has_value());
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
    return run_suite("dependencies", {each_template_has_its_layer, before_a_structure_nothing_is_known,
                                      a_structure_that_is_cut_off_changes_nothing,
                                      a_structure_without_an_end_stops_at_sixty_four});
}
