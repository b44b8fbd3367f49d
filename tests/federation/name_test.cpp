// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/name.h"

#include "tests/check.h"

namespace {

using federation::UserAddress;
using federation::valid_user;

START_TEST(names_are_what_can_be_read_aloud) {
    ck_assert(valid_user("a"));
    ck_assert(valid_user("alice smith"));
    ck_assert(valid_user("Zoë"));
    ck_assert(valid_user("李雷"));
    ck_assert(valid_user("\xF0\x9F\x98\x80"));
    ck_assert(valid_user(std::string(64, 'x')));
}
END_TEST

START_TEST(names_are_neither_empty_nor_long) {
    ck_assert(!valid_user(""));
    ck_assert(!valid_user(std::string(65, 'x')));
}
END_TEST

START_TEST(names_have_no_character_that_deceives) {
    ck_assert(!valid_user("a@b"));
    ck_assert(!valid_user("a\nb"));
    ck_assert(!valid_user(std::string_view{"a\0b", 3}));
    ck_assert(!valid_user("a\x7F"));
    ck_assert(!valid_user(" alice"));
    ck_assert(!valid_user("alice "));
    ck_assert(!valid_user("a\xC2\x85"));  // U+0085, a control character
    ck_assert(
        !valid_user("a\xE2\x80\xAE"
                    "b"));  // U+202E turns the direction
    ck_assert(
        !valid_user("a\xE2\x80\x8B"
                    "b"));  // U+200B cannot be seen
    ck_assert(
        !valid_user("\xEF\xBB\xBF"
                    "alice"));  // U+FEFF
}
END_TEST

START_TEST(names_are_well_formed) {
    ck_assert(!valid_user("\xFF"));
    ck_assert(!valid_user("\xC3"));
    ck_assert(!valid_user("\xC0\x80"));
    ck_assert(!valid_user("\xED\xA0\x80"));
}
END_TEST

START_TEST(an_address_may_name_the_server) {
    const auto plain = UserAddress::parse("alice");
    ck_assert(plain && plain->user == "alice" && !plain->server);
    const auto full = UserAddress::parse("alice@" + std::string(40, 'a'));
    ck_assert(full && full->user == "alice" && full->server->hex() == std::string(40, 'a'));
    ck_assert(!UserAddress::parse("alice@"));
    ck_assert(!UserAddress::parse("alice@example.org"));
    ck_assert(!UserAddress::parse("@" + std::string(40, 'a')));
    ck_assert(!UserAddress::parse(""));
}
END_TEST

}  // namespace

int main() {
    return run_suite("name", {names_are_what_can_be_read_aloud, names_are_neither_empty_nor_long,
                              names_have_no_character_that_deceives, names_are_well_formed,
                              an_address_may_name_the_server});
}
