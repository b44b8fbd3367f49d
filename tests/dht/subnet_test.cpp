// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/subnet.h"

#include "tests/check.h"

using dht::Endpoint;

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

START_TEST(the_loopback_is_this_machine_alone) {
    for (const auto* text : {"127.0.0.1:1", "127.1.2.3:1", "[::1]:1"})
        ck_assert_msg(is_loopback(*Endpoint::parse(text)), "%s", text);
    for (const auto* text : {"10.0.0.1:1", "128.0.0.1:1", "[::2]:1", "[2001:db8::1]:1"})
        ck_assert_msg(!is_loopback(*Endpoint::parse(text)), "%s", text);
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

START_TEST(the_families_never_share_a_subnet) {
    // The octets of one are those of the other.
    dht::Endpoint v6;
    v6.address[5] = 192;
    v6.address[7] = 2;
    v6.address[15] = 1;
    ck_assert(subnet_of(v6) != subnet_of(Endpoint::v4({192, 0, 2, 1}, 1)));
}
END_TEST

int main() {
    return run_suite("subnet",
                     {a_subnet_is_a_24_or_a_64, private_ranges_are_known, the_loopback_is_this_machine_alone,
                      nothing_is_sent_to_multicast_or_nowhere, the_families_never_share_a_subnet});
}
