// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/endpoint.h"

#include "tests/check.h"

using dht::Endpoint;

START_TEST(both_families_are_read_and_written_alike) {
    for (const auto* text : {"192.0.2.1:7777", "[2001:db8::1]:1", "127.0.0.1:65535", "[::1]:9"}) {
        const auto endpoint = Endpoint::parse(text);
        ck_assert_msg(endpoint.has_value(), "%s", text);
        ck_assert(endpoint->to_string() == text);
    }
    ck_assert(Endpoint::parse("192.0.2.1:7")->is_v4());
    ck_assert(Endpoint::parse("192.0.2.1:7") == Endpoint::v4({192, 0, 2, 1}, 7));
    ck_assert(!Endpoint::parse("[2001:db8::1]:7")->is_v4());
}
END_TEST

START_TEST(names_and_missing_parts_are_refused) {
    for (const auto* text :
         {"", "192.0.2.1", "192.0.2.1:", "192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:-1", "localhost:7",
          "2001:db8::1:7", "[2001:db8::1]", "[]:7", ":7", "192.0.2.1:7 ", "[fe80::1%eth0]:7"}) {
        ck_assert_msg(!Endpoint::parse(text), "%s", text);
    }
}
END_TEST

int main() {
    return run_suite("endpoint",
                     {both_families_are_read_and_written_alike, names_and_missing_parts_are_refused});
}
