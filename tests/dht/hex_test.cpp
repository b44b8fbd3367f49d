// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/hex.h"

#include <array>

#include "tests/check.h"

namespace {

START_TEST(octets_come_back_from_their_digits) {
    const std::array<std::uint8_t, 4> octets{0x00, 0x1f, 0xa0, 0xff};
    ck_assert(dht::hex(octets) == "001fa0ff");
    std::array<std::uint8_t, 4> read{};
    ck_assert(dht::from_hex("001fa0ff", read) && read == octets);
    ck_assert(dht::from_hex("001FA0fF", read) && read == octets);
    ck_assert(dht::hex({}).empty() && dht::from_hex("", {}));
}
END_TEST

START_TEST(what_is_not_just_so_many_digits_is_refused) {
    std::array<std::uint8_t, 2> read{};
    for (const char* text : {"", "00", "001", "00112", "001122", "00 1", "0x11", "00g1", " 001", "001 "}) {
        ck_assert_msg(!dht::from_hex(text, read), "%s", text);
    }
}
END_TEST

}  // namespace

int main() {
    return run_suite("hex", {octets_come_back_from_their_digits, what_is_not_just_so_many_digits_is_refused});
}
