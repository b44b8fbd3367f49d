// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/endpoint.h"

#include <set>

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

START_TEST(the_hash_spreads_near_addresses_over_its_low_bits) {
    constexpr std::size_t places = 4096;
    std::set<std::size_t> hosts;
    std::set<std::size_t> ports;
    std::set<std::size_t> interfaces;
    for (std::uint16_t i = 0; i < 1024; ++i) {
        const auto high = static_cast<std::uint8_t>(i >> 8U);
        const auto low = static_cast<std::uint8_t>(i & 0xffU);
        hosts.insert(std::hash<Endpoint>{}(Endpoint::v4({127, 1, high, low}, 7000)) % places);
        const auto port = static_cast<std::uint16_t>(7000 + i);
        ports.insert(std::hash<Endpoint>{}(Endpoint::v4({127, 0, 0, 1}, port)) % places);
        Endpoint v6{{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, high, low}, 7000};
        interfaces.insert(std::hash<Endpoint>{}(v6) % places);
    }
    // By chance it would be some 906 of 1,024.
    ck_assert_uint_ge(hosts.size(), 850);
    ck_assert_uint_ge(ports.size(), 850);
    ck_assert_uint_ge(interfaces.size(), 850);
}
END_TEST

int main() {
    return run_suite("endpoint",
                     {both_families_are_read_and_written_alike, names_and_missing_parts_are_refused,
                      the_hash_spreads_near_addresses_over_its_low_bits});
}
