// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/node_id.h"

#include "tests/check.h"

using dht::NodeId;

namespace {

NodeId id(std::uint8_t first, std::uint8_t last = 0) {
    NodeId out;
    out.octets.front() = first;
    out.octets.back() = last;
    return out;
}

}  // namespace

START_TEST(hexadecimal_is_read_in_either_case_and_written_in_lower) {
    const auto read = NodeId::from_hex("00112233445566778899AABBCCDDEEFF01234567");
    ck_assert(read.has_value());
    ck_assert(read->hex() == "00112233445566778899aabbccddeeff01234567");
}
END_TEST

START_TEST(what_is_not_40_digits_is_no_identifier) {
    for (const auto* text :
         {"", "00", "00112233445566778899aabbccddeeff0123456", "0x112233445566778899aabbccddeeff01234567",
          "00112233445566778899aabbccddeeff012345678", "00112233445566778899aabbccddeeff0123456 "}) {
        ck_assert_msg(!NodeId::from_hex(text), "%s", text);
    }
}
END_TEST

START_TEST(distance_is_xor_and_compares_as_a_number) {
    ck_assert(distance(id(0x0f), id(0xf0)) == id(0xff));
    ck_assert(distance(id(1), id(3)) < distance(id(1), id(4)));
    ck_assert(distance(id(7, 9), id(7, 9)) == NodeId{});
}
END_TEST

START_TEST(the_shared_prefix_counts_leading_bits) {
    ck_assert_uint_eq(shared_prefix(id(0x80), id(0)), 0);
    ck_assert_uint_eq(shared_prefix(id(0x01), id(0)), 7);
    ck_assert_uint_eq(shared_prefix(id(0, 1), id(0)), 159);
    ck_assert_uint_eq(shared_prefix(id(5), id(5)), NodeId::bits);
}
END_TEST

START_TEST(nothing_is_strictly_nearer_than_itself) {
    ck_assert(closer(id(8), id(9), id(1)));
    ck_assert(!closer(id(8), id(1), id(9)));
    ck_assert(!closer(id(8), id(1), id(1)));
}
END_TEST

int main() {
    return run_suite("node_id",
                     {hexadecimal_is_read_in_either_case_and_written_in_lower,
                      what_is_not_40_digits_is_no_identifier, distance_is_xor_and_compares_as_a_number,
                      the_shared_prefix_counts_leading_bits, nothing_is_strictly_nearer_than_itself});
}
