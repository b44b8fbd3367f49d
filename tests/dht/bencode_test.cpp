// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/bencode.h"

#include <string>

#include "tests/check.h"

namespace bencode = dht::bencode;
using namespace std::string_literals;

START_TEST(what_a_dictionary_wrote_can_be_read_by_key) {
    const auto written = bencode::Dictionary{}
                             .set("url", "wss://a")
                             .set("port", 8443)
                             .set("attach", bencode::List{}.add("x").add(2))
                             .set("load", bencode::Dictionary{}.set("calls", 3))
                             .encode();
    ck_assert_str_eq(written.c_str(), "d6:attachl1:xi2ee4:loadd5:callsi3ee4:porti8443e3:url7:wss://ae");
    const auto read = bencode::parse(written);
    ck_assert(read.has_value());
    ck_assert(read->string("url") == "wss://a");
    ck_assert(read->integer("port") == 8443);
    ck_assert(read->find("load")->integer("calls") == 3);
    ck_assert(!read->string("port"));
    ck_assert(!read->find("absent"));
    auto attach = read->find("attach")->elements();
    ck_assert(attach.next()->string() == "x");
    ck_assert(attach.next()->integer() == 2);
    ck_assert(!attach.next());
}
END_TEST

START_TEST(many_keys_are_found_in_one_walk) {
    constexpr std::array<std::string_view, 6> keys{"a", "b", "c", "e", "ee", "f"};
    std::array<std::optional<bencode::Value>, 6> found;
    ck_assert(bencode::parse("d1:ai1e1:cd1:bi9ee1:ei5e2:eei6ee", keys, found));
    ck_assert(found[0]->integer() == 1 && !found[1] && found[2]->is_dictionary());
    ck_assert(found[3]->integer() == 5 && found[4]->integer() == 6 && !found[5]);
    ck_assert(bencode::parse("de", keys, found));
    for (const auto& text : {"", "le", "i1e", "d", "d1:a", "d1:ai1e", "dee", "d1:ai1e1:ai2ee",
                             "d1:bi1e1:ai2ee", "d2:aai1e1:ai2ee", "d1:ai01ee"}) {
        ck_assert_msg(!bencode::parse(text, keys, found), "%s", text);
    }
}
END_TEST

START_TEST(only_the_canonical_form_is_read) {
    for (const auto& text : {"i0e"s, "i-1e"s, "i9223372036854775807e"s, "i-9223372036854775808e"s, "0:"s,
                             "le"s, "de"s, "d0:0:1:a0:2:aa0:e"s}) {
        ck_assert_msg(bencode::parse(text).has_value(), "%s", text.c_str());
    }
    for (const auto& text : {""s,
                             "i"s,
                             "ie"s,
                             "i-e"s,
                             "i-0e"s,
                             "i01e"s,
                             "i+1e"s,
                             "i 1e"s,
                             "i9223372036854775808e"s,
                             "1"s,
                             "1:"s,
                             "01:a"s,
                             "2:a"s,
                             "4294967296:a"s,
                             "-1:a"s,
                             "l"s,
                             "lee"s,
                             "d"s,
                             "d1:ae"s,
                             "di1ei2ee"s,
                             "d1:b0:1:a0:e"s,
                             "d1:a0:1:a0:e"s,
                             "x"s,
                             "i1ei2e"s,
                             "99999999999999999999999:a"s}) {
        ck_assert_msg(!bencode::parse(text), "%s", text.c_str());
    }
}
END_TEST

START_TEST(nesting_is_bounded) {
    const auto nested = [](std::size_t depth) { return std::string(depth, 'l') + std::string(depth, 'e'); };
    ck_assert(bencode::parse(nested(bencode::depth_max)).has_value());
    ck_assert(!bencode::parse(nested(bencode::depth_max + 1)));
    ck_assert(!bencode::parse(std::string(60'000, 'l')));
}
END_TEST

int main() {
    return run_suite("bencode", {what_a_dictionary_wrote_can_be_read_by_key, many_keys_are_found_in_one_walk,
                                 only_the_canonical_form_is_read, nesting_is_bounded});
}
