// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/federation_name.h"

#include "dht/hex.h"
#include "tests/dht/samples.h"

using namespace dht;

START_TEST(a_name_alone_is_an_open_federation) {
    const auto name = FederationName::parse("public");
    ck_assert(name && name->name == "public" && !name->key);
    ck_assert(name->text() == "public");
}
END_TEST

START_TEST(a_name_and_a_key_are_a_closed_one) {
    const auto key = samples::identity(1).public_key();
    const auto name = FederationName::parse("acme@" + hex(key));
    ck_assert(name && name->name == "acme" && name->key == key);
    ck_assert(name->text() == "acme@" + hex(key));
    ck_assert(public_key_from_hex(hex(key)) == key);
}
END_TEST

START_TEST(anything_else_is_none) {
    const auto key = hex(samples::identity(1).public_key());
    auto shouted = key;
    shouted[0] = 'A';
    for (const auto& text :
         {std::string{}, std::string(65, 'x'), std::string{"\xff"}, "@" + key, std::string{"acme@"},
          "acme@" + key.substr(1), "acme@" + key + "0", "acme@" + shouted, "acme@" + key + "@" + key}) {
        ck_assert_msg(!FederationName::parse(text), "%s", text.c_str());
    }
    ck_assert(FederationName::parse(std::string(64, 'x')).has_value());
}
END_TEST

int main() {
    return run_suite("federation_name", {a_name_alone_is_an_open_federation,
                                         a_name_and_a_key_are_a_closed_one, anything_else_is_none});
}
