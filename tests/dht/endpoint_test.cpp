// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/endpoint.h"

#include "dht/subnet.h"
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

START_TEST(a_subnet_is_a_24_or_a_64) {
    const auto subnet = [](const char* text) { return subnet_of(*Endpoint::parse(text)); };
    ck_assert(subnet("192.0.2.1:1") == subnet("192.0.2.9:2"));
    ck_assert(subnet("192.0.2.1:1") != subnet("192.0.3.1:1"));
    ck_assert(subnet("[2001:db8::1]:1") == subnet("[2001:db8::2:3]:1"));
    ck_assert(subnet("[2001:db8::1]:1") != subnet("[2001:db8:0:1::1]:1"));
}
END_TEST

START_TEST(private_ranges_are_known) {
    for (const auto* text : {"127.1.2.3:1", "10.0.0.1:1", "172.16.0.1:1", "172.31.255.1:1", "192.168.4.4:1",
                             "169.254.1.1:1", "100.64.0.1:1", "[::1]:1", "[fd00::1]:1", "[fe80::1]:1"}) {
        ck_assert_msg(is_private(*Endpoint::parse(text)), "%s", text);
    }
    for (const auto* text : {"192.0.2.1:1", "172.32.0.1:1", "100.128.0.1:1", "[2001:db8::1]:1", "[::2]:1"}) {
        ck_assert_msg(!is_private(*Endpoint::parse(text)), "%s", text);
    }
}
END_TEST

START_TEST(nothing_is_sent_to_multicast_or_nowhere) {
    for (const auto* text : {"0.0.0.0:1", "224.0.0.1:1", "255.255.255.255:1", "[::]:1", "[ff02::1]:1"}) {
        ck_assert_msg(!is_unicast(*Endpoint::parse(text)), "%s", text);
    }
    ck_assert(!is_unicast(Endpoint::v4({192, 0, 2, 1}, 0)));
    ck_assert(is_unicast(Endpoint::v4({192, 0, 2, 1}, 1)));
}
END_TEST

int main() {
    return run_suite("endpoint", {both_families_are_read_and_written_alike,
                                  names_and_missing_parts_are_refused, a_subnet_is_a_24_or_a_64,
                                  private_ranges_are_known, nothing_is_sent_to_multicast_or_nowhere});
}
