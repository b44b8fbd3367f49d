// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/candidate.h"

#include <string>

#include "tests/check.h"

using gst::CandidateVerdict;
using gst::check_candidate;

START_TEST(literal_unicast_addresses_over_udp_are_good) {
    for (const char* text :
         {"candidate:1 1 UDP 2015364095 192.0.2.1 40178 typ host",
          "candidate:a+/ 1 udp 1 10.0.0.1 1 typ host generation 0",
          "candidate:2 1 UDP 1679819007 198.51.100.7 65535 typ srflx raddr 10.0.0.1 rport 50000",
          "candidate:3 1 UDP 2015364095 2001:db8::1 9000 typ host",
          "candidate:4 1 UDP 2015364095 fe80::1 9000 typ host"})
        ck_assert_msg(check_candidate(text, false) == CandidateVerdict::good, "%s", text);
}
END_TEST

START_TEST(loopback_is_good_only_for_those_who_use_it) {
    for (const char* text : {"candidate:1 1 UDP 2015364095 127.0.0.1 40178 typ host",
                             "candidate:1 1 UDP 2015364095 127.1.2.3 40178 typ host",
                             "candidate:1 1 UDP 2015364095 ::1 40178 typ host"}) {
        ck_assert(check_candidate(text, false) == CandidateVerdict::useless);
        ck_assert(check_candidate(text, true) == CandidateVerdict::good);
    }
}
END_TEST

START_TEST(what_a_trunk_does_not_use_is_passed_over) {
    for (const char* text : {"candidate:1 1 TCP 2015364095 192.0.2.1 9 typ host tcptype active",
                             "candidate:1 2 UDP 2015364095 192.0.2.1 40178 typ host",
                             "candidate:1 1 UDP 2015364095 0a1b2c3d.local 40178 typ host"})
        ck_assert_msg(check_candidate(text, false) == CandidateVerdict::useless, "%s", text);
}
END_TEST

START_TEST(hostile_candidates_are_bad) {
    const std::string good = "candidate:1 1 UDP 2015364095 192.0.2.1 40178 typ host";
    for (const std::string& text :
         {std::string{},
          std::string{"candidate:"},
          std::string{"candidate:1 1 UDP"},
          "x" + good,
          good + std::string(300, ' '),
          good + "  two",
          good + std::string(" a a a a a a a a a a a a a a a a a a a a a"),
          good + " \r\na=x",
          std::string{"candidate:1 1 UDP 2015364095 example.com 40178 typ host"},
          std::string{"candidate:1 1 UDP 2015364095 0.0.0.0 40178 typ host"},
          std::string{"candidate:1 1 UDP 2015364095 :: 40178 typ host"},
          std::string{"candidate:1 1 UDP 2015364095 224.0.0.1 40178 typ host"},
          std::string{"candidate:1 1 UDP 2015364095 ff02::1 40178 typ host"},
          std::string{"candidate:1 1 UDP 2015364095 255.255.255.255 40178 typ host"},
          std::string{"candidate:1 1 UDP 2015364095 192.0.2.1 0 typ host"},
          std::string{"candidate:1 1 UDP 2015364095 192.0.2.1 65536 typ host"},
          std::string{"candidate:1 1 UDP 2015364095 192.0.2.1 -1 typ host"},
          std::string{"candidate:1 1 UDP 99999999999 192.0.2.1 1 typ host"},
          std::string{"candidate:1 x UDP 2015364095 192.0.2.1 1 typ host"},
          std::string{"candidate:1 1 UDP 2015364095 192.0.2.1 1 typ ghost"},
          std::string{"candidate:1 1 UDP 2015364095 192.0.2.1 1 type host"},
          std::string{"candidate:"} + std::string(33, 'f') + " 1 UDP 2015364095 192.0.2.1 1 typ host"})
        ck_assert_msg(check_candidate(text, true) == CandidateVerdict::bad, "%s", text.c_str());
}
END_TEST

int main() {
    return run_suite("candidate",
                     {literal_unicast_addresses_over_udp_are_good, loopback_is_good_only_for_those_who_use_it,
                      what_a_trunk_does_not_use_is_passed_over, hostile_candidates_are_bad});
}
