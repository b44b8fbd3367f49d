// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/base64.h"

#include <utility>

#include "tests/check.h"

using namespace dht;

START_TEST(rfc_4648_has_these_examples) {
    for (const auto& [octets, text] : {std::pair{"", ""},
                                       {"f", "Zg=="},
                                       {"fo", "Zm8="},
                                       {"foo", "Zm9v"},
                                       {"foob", "Zm9vYg=="},
                                       {"fooba", "Zm9vYmE="},
                                       {"foobar", "Zm9vYmFy"}}) {
        ck_assert(to_base64(octets) == text);
        ck_assert(from_base64(text) == Bytes{octets});
    }
}
END_TEST

START_TEST(anything_else_is_refused) {
    for (const auto* text :
         {"Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9v ", " Zm9v", "Zm9v\n", "Zm-_", "Zg==Zg==",
          "A\xfc"
          "Cd",
          "Zm9\x99"}) {
        ck_assert_msg(!from_base64(text), "%s", text);
    }
}
END_TEST

int main() {
    return run_suite("base64", {rfc_4648_has_these_examples, anything_else_is_refused});
}
