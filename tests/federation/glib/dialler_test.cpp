// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/glib/dialler.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/federation/glib/ends.h"

namespace {

using federation::Reason;

// openssl req -x509 -newkey ed25519 -nodes -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1
// A key for this test and nothing else.
const std::string key_of_127_0_0_1 = R"(-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIEAyLXlf+hgRUsUMZ3HD/KKEGPlz3BqaE8sb3voAaPQ+
-----END PRIVATE KEY-----
)";
const std::string certificate_of_127_0_0_1 = R"(-----BEGIN CERTIFICATE-----
MIIBUDCCAQKgAwIBAgIURq98dlE0vgWbEFiW/uW7eh1zow4wBQYDK2VwMBQxEjAQ
BgNVBAMMCTEyNy4wLjAuMTAgFw0yNjExMjIxMDA2NDNaGA8yMTI2MTAyOTEwMDY0
M1owFDESMBAGA1UEAwwJMTI3LjAuMC4xMCowBQYDK2VwAyEASkUBy5qxqCJmUati
jUHBkRZpkKnY7BVUnfnH7qAucsyjZDBiMB0GA1UdDgQWBBSIwhjuibEcQOlzr4mf
o2gYj30edTAfBgNVHSMEGDAWgBSIwhjuibEcQOlzr4mfo2gYj30edTAPBgNVHRMB
Af8EBTADAQH/MA8GA1UdEQQIMAaHBH8AAAEwBQYDK2VwA0EA2NXHj5tfu+SvEu+6
jC8s3mJOTbxweuvdbvmZ5BHX1wQH/bhenHSkrSk3LHcibBWWw9abogtm57ghGua9
URtBBw==
-----END CERTIFICATE-----
)";

START_TEST(the_server_that_was_dialled_is_connected_to) {
    Ends ends;
    const auto dialled = ends.dial(make_identity(1).node_id());
    ck_assert(dialled.connected);
    ends.wait([&] { return ends.accepted.size() == 1; });
    ck_assert(ends.accepted.front() == make_identity(2).node_id());
}
END_TEST

START_TEST(a_server_is_connected_to_over_ipv6) {
    auto at = dht::Endpoint::parse("[::1]:1").value();
    at.port = 0;
    Ends ends{glib::make_certificate(make_identity(1)), at};
    ck_assert(ends.dial(make_identity(1).node_id()).connected);
    ends.wait([&] { return ends.accepted.size() == 1; });
    ck_assert(ends.accepted.front() == make_identity(2).node_id());
}
END_TEST

START_TEST(a_server_with_another_key_is_refused) {
    Ends ends;
    const auto dialled = ends.dial(make_identity(3).node_id());
    ck_assert(!dialled.connected && dialled.reason == Reason::signalling_refused);
    ck_assert(ends.accepted.empty());
}
END_TEST

// GIO does not ask about a certificate that its trust database vouches for, so that somebody with a
// certificate of a public authority would pass for any node.
START_TEST(a_trusted_certificate_with_another_key_is_refused_too) {
    glib::Error error;
    auto trusted = glib::take_ref(g_tls_certificate_new_from_pem(
        (certificate_of_127_0_0_1 + key_of_127_0_0_1).c_str(), -1, error.out()));
    ck_assert_msg(trusted != nullptr, "%s", error.message());
    const auto real = glib::node_id_of(trusted.get()).value();
    Ends ends{std::move(trusted)};

    std::string file = (std::filesystem::temp_directory_path() / "trusted.XXXXXX").string();
    const int descriptor = mkstemp(file.data());
    ck_assert(descriptor >= 0);
    close(descriptor);
    std::ofstream{file} << certificate_of_127_0_0_1;
    const auto database = glib::take_ref(g_tls_file_database_new(file.c_str(), error.out()));
    ck_assert_msg(database != nullptr, "%s", error.message());
    ends.loop.run([&] { ends.dialler->trust(G_TLS_DATABASE(database.get())); });

    const auto dialled = ends.dial(make_identity(3).node_id());
    ck_assert(!dialled.connected && dialled.reason == Reason::signalling_refused);
    ends.wait([&] { return ends.accepted.size() == 1; });  // so GIO was content: our own check refused
    ck_assert(ends.dial(real).connected);
    std::remove(file.c_str());
}
END_TEST

START_TEST(nobody_listening_is_told_as_unreachable_and_refused) {
    Ends ends;
    const auto endpoint = ends.listener->endpoint();
    ends.loop.run([&] { ends.listener.reset(); });
    bool done = false;
    glib::Dialler::Failure failure;
    ends.loop.run([&] {
        ends.dialler->dial(
            1, make_identity(1).node_id(), endpoint,
            [&](SoupWebsocketConnection*, glib::Dialler::Failure why) { failure = why, done = true; });
    });
    const auto until = std::chrono::steady_clock::now() + Ends::patience;
    for (bool seen = false; !seen;) {
        ck_assert(std::chrono::steady_clock::now() < until);
        ends.loop.run([&] { seen = done; });
    }
    ck_assert(failure.reason == Reason::server_unreachable && failure.refused);
}
END_TEST

START_TEST(a_cancelled_dial_is_never_heard_of_again) {
    Ends ends;
    bool called = false;
    ends.loop.run([&] {
        ends.dialler->dial(7, make_identity(1).node_id(), ends.listener->endpoint(),
                           [&](SoupWebsocketConnection*, glib::Dialler::Failure) { called = true; });
        ck_assert(ends.dialler->cancel(7));
        ck_assert(!ends.dialler->cancel(7));
    });
    ck_assert(ends.dial(make_identity(1).node_id()).connected);
    ck_assert(!called);
}
END_TEST

}  // namespace

int main() {
    return run_suite(
        "dialler",
        {the_server_that_was_dialled_is_connected_to, a_server_is_connected_to_over_ipv6,
         a_server_with_another_key_is_refused, a_trusted_certificate_with_another_key_is_refused_too,
         nobody_listening_is_told_as_unreachable_and_refused, a_cancelled_dial_is_never_heard_of_again});
}
