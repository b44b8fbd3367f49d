// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/rtp.h"

#include "tests/check.h"
#include "tests/plugin/packets.h"

using plugin::RtpPacket;
using tests::Octets;
using tests::Rtp;

namespace {

Octets copy(std::span<const std::uint8_t> octets) {
    return {octets.begin(), octets.end()};
}

START_TEST(the_fields_of_a_header_are_read) {
    const Octets packet = Rtp{.payload_type = 111,
                              .marker = true,
                              .sequence = 0xfffe,
                              .timestamp = 0x89abcdef,
                              .ssrc = 0xdeadbeef}
                              .octets();
    const auto parsed = RtpPacket::parse(packet);
    ck_assert(parsed.has_value());
    ck_assert(parsed->marker());
    ck_assert_int_eq(parsed->payload_type(), 111);
    ck_assert_uint_eq(parsed->sequence(), 0xfffe);
    ck_assert_uint_eq(parsed->timestamp(), 0x89abcdef);
    ck_assert_uint_eq(parsed->ssrc(), 0xdeadbeef);
    ck_assert(copy(parsed->payload()) == (Octets{0x42}));
}
END_TEST

START_TEST(the_fields_of_a_header_are_written) {
    Octets packet = Rtp{.marker = true}.octets();
    plugin::set_sequence(packet, 0x1234);
    plugin::set_timestamp(packet, 0x56789abc);
    plugin::set_ssrc(packet, 0xdef01234);
    ck_assert(
        packet ==
        (Rtp{.marker = true, .sequence = 0x1234, .timestamp = 0x56789abc, .ssrc = 0xdef01234}.octets()));
}
END_TEST

START_TEST(elements_of_the_one_octet_form_are_found) {
    const Octets packet = Rtp{.elements = {0, 0x10, 0xaa, 0, 0x32, 1, 2, 3}}.octets();
    const auto parsed = RtpPacket::parse(packet);
    ck_assert(copy(parsed->extension(1)) == (Octets{0xaa}));
    ck_assert(copy(parsed->extension(3)) == (Octets{1, 2, 3}));
    ck_assert(parsed->extension(2).empty());
    ck_assert(parsed->extension(0).empty());
    ck_assert(parsed->extension(-1).empty());
}
END_TEST

START_TEST(elements_of_the_two_octet_form_are_found) {
    Octets elements = {1, 0, 200, 20};
    for (std::uint8_t i = 0; i < 20; ++i) elements.push_back(i);
    const Octets packet = Rtp{.elements = elements, .profile = 0x1000}.octets();
    const auto parsed = RtpPacket::parse(packet);
    ck_assert(parsed->extension(1).empty());
    ck_assert_uint_eq(parsed->extension(200).size(), 20);
    ck_assert_int_eq(parsed->extension(200)[19], 19);
}
END_TEST

START_TEST(nothing_behind_the_id_15_is_read) {
    const Octets packet = Rtp{.elements = {0xf0, 0, 0x10, 0xaa}}.octets();
    ck_assert(RtpPacket::parse(packet)->extension(1).empty());
    ck_assert(RtpPacket::parse(packet)->extension(15).empty());
}
END_TEST

START_TEST(an_extension_of_another_profile_is_passed_over) {
    const Octets packet = Rtp{.elements = {0x10, 0xaa}, .profile = 0x1234}.octets();
    const auto parsed = RtpPacket::parse(packet);
    ck_assert(parsed->extension(1).empty());
    ck_assert(copy(parsed->payload()) == (Octets{0x42}));
}
END_TEST

// Each packet has its own allocation, so that a sanitizer sees an octet too much.
START_TEST(lengths_that_lie_are_refused_and_nothing_is_read_past_the_end) {
    for (unsigned first = 0; first < 256; ++first) {
        for (std::uint8_t words = 0; words < 4; ++words) {
            for (const std::uint16_t profile : {0xbede, 0x1000}) {
                Octets whole =
                    Rtp{.elements = {0x10, 0x80, 0x62, 1, 2, 3, 0x4f, 9}, .profile = profile}.octets();
                whole[0] = static_cast<std::uint8_t>(first);
                whole[15] = words;
                for (std::size_t size = 0; size <= whole.size(); ++size) {
                    const Octets cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
                    const auto parsed = RtpPacket::parse(cut);
                    if (!parsed) continue;
                    ck_assert_uint_le(parsed->payload_offset(), size);
                    for (int id = 0; id < 256; ++id) ck_assert_uint_le(parsed->extension(id).size(), size);
                }
            }
        }
    }
    ck_assert(!RtpPacket::parse(Octets(11, 0x80)).has_value());
    ck_assert(!RtpPacket::parse(Octets(12, 0x40)).has_value());
    ck_assert(!RtpPacket::parse(Octets(12, 0x81)).has_value());
    ck_assert(!RtpPacket::parse(Octets(12, 0x90)).has_value());
}
END_TEST

}  // namespace

int main() {
    return run_suite("rtp",
                     {the_fields_of_a_header_are_read, the_fields_of_a_header_are_written,
                      elements_of_the_one_octet_form_are_found, elements_of_the_two_octet_form_are_found,
                      nothing_behind_the_id_15_is_read, an_extension_of_another_profile_is_passed_over,
                      lengths_that_lie_are_refused_and_nothing_is_read_past_the_end});
}
