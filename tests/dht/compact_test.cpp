// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/compact.h"

#include "tests/dht/samples.h"

using namespace dht;
using samples::contact;

namespace {

Contact at(const char* endpoint) {
    auto out = contact(1);
    out.endpoint = *Endpoint::parse(endpoint);
    return out;
}

std::vector<Contact> read_v4(std::string_view in, std::size_t most = 99) {
    std::vector<Contact> out;
    read_compact_v4(in, most, out);
    return out;
}

std::vector<Contact> read_v6(std::string_view in, std::size_t most = 99) {
    std::vector<Contact> out;
    read_compact_v6(in, most, out);
    return out;
}

}  // namespace

START_TEST(a_contact_is_its_id_its_address_and_its_port_in_network_order) {
    Bytes v4;
    append_compact(v4, at("192.0.2.1:258"));
    ck_assert_uint_eq(v4.size(), compact_v4_bytes);
    ck_assert(v4 == Bytes{contact(1).id.bytes()} + "\xc0" + '\0' + "\x02\x01\x01\x02");
    Bytes v6;
    append_compact(v6, at("[2001:db8::1]:258"));
    ck_assert_uint_eq(v6.size(), compact_v6_bytes);
    ck_assert(v6.substr(20, 4) == "\x20\x01\x0d\xb8" && v6.substr(35) == "\x01\x01\x02");
}
END_TEST

START_TEST(both_families_survive) {
    const std::vector<Contact> four{contact(1), contact(2)};
    Bytes v4;
    for (const auto& one : four) append_compact(v4, one);
    ck_assert(read_v4(v4) == four);
    const std::vector<Contact> six{at("[2001:db8::1]:7777"), at("[2001:db8::2]:1")};
    Bytes v6;
    for (const auto& one : six) append_compact(v6, one);
    ck_assert(read_v6(v6) == six);
}
END_TEST

START_TEST(a_length_that_is_no_multiple_gives_nothing) {
    Bytes v4;
    append_compact(v4, contact(1));
    ck_assert(read_v4(v4 + "x").empty() && read_v4(v4.substr(1)).empty() && read_v6(v4).empty());
    ck_assert(read_v4("").empty());
}
END_TEST

START_TEST(no_more_are_read_than_asked_for) {
    Bytes v4;
    for (std::uint8_t i = 1; i <= 9; ++i) append_compact(v4, contact(i));
    ck_assert_uint_eq(read_v4(v4, 4).size(), 4);
    ck_assert(read_v4(v4, 0).empty());
}
END_TEST

START_TEST(who_cannot_be_asked_is_left_out) {
    Bytes v4;
    append_compact(v4, at("224.0.0.1:1"));
    append_compact(v4, at("0.0.0.0:1"));
    auto portless = contact(1);
    portless.endpoint.port = 0;
    append_compact(v4, portless);
    append_compact(v4, contact(2));
    ck_assert(read_v4(v4) == std::vector{contact(2)});
}
END_TEST

START_TEST(an_ipv4_address_dressed_as_ipv6_is_left_out) {
    // It would count as two, and reach IPv4 hosts past what is believed of them.
    const auto mapped = Bytes{contact(1).id.bytes()} + Bytes(10, '\0') + "\xff\xff\x0a\x01\x01\x01\x1b\x58";
    ck_assert_uint_eq(mapped.size(), compact_v6_bytes);
    ck_assert(read_v6(mapped).empty());
}
END_TEST

int main() {
    return run_suite("compact",
                     {a_contact_is_its_id_its_address_and_its_port_in_network_order, both_families_survive,
                      a_length_that_is_no_multiple_gives_nothing, no_more_are_read_than_asked_for,
                      who_cannot_be_asked_is_left_out, an_ipv4_address_dressed_as_ipv6_is_left_out});
}
