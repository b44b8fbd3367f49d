// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/fingerprint.h"

#include "tests/check.h"

START_TEST(a_fingerprint_is_the_sha256_of_what_pem_wraps) {
    // SHA-256 of "abc" (FIPS 180-2, B.1), which is YWJj.
    const auto read =
        gst::fingerprint_of("x\n-----BEGIN CERTIFICATE-----\nYW\nJj\n-----END CERTIFICATE-----\n");
    ck_assert_str_eq(read.c_str(),
                     "BA:78:16:BF:8F:01:CF:EA:41:41:40:DE:5D:AE:22:23:"
                     "B0:03:61:A3:96:17:7A:9C:B4:10:FF:61:F2:00:15:AD");
}
END_TEST

START_TEST(what_is_no_certificate_has_no_fingerprint) {
    for (const char* text :
         {"", "YWJj", "-----BEGIN CERTIFICATE-----\n", "-----END CERTIFICATE----------BEGIN CERTIFICATE-----",
          "-----BEGIN CERTIFICATE----------END CERTIFICATE-----"})
        ck_assert(gst::fingerprint_of(text).empty());
}
END_TEST

int main() {
    return run_suite("fingerprint", {a_fingerprint_is_the_sha256_of_what_pem_wraps,
                                     what_is_no_certificate_has_no_fingerprint});
}
