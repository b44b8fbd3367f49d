// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/glib/tls.h"

#include "tests/check.h"

namespace {

// openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=x
constexpr const char* of_another_kind = R"(-----BEGIN CERTIFICATE-----
MIIBbzCCARWgAwIBAgIUO3vf8p9Cp/Oh2QevpdXhaRuVF6QwCgYIKoZIzj0EAwIw
DDEKMAgGA1UEAwwBeDAgFw0yNjExMjIxMDA1MDFaGA8yMTI2MTAyOTEwMDUwMVow
DDEKMAgGA1UEAwwBeDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABBbfuGzh3jIi
NmGcleshjVnjh8nv8o+n2qQvfn632XYSzcQ1kTTZF3dUwe9eiyqFsfRRFuOi6YEc
9t0ELez64kujUzBRMB0GA1UdDgQWBBQei9+HrJbJAF/zS49mc/wxcY3ufzAfBgNV
HSMEGDAWgBQei9+HrJbJAF/zS49mc/wxcY3ufzAPBgNVHRMBAf8EBTADAQH/MAoG
CCqGSM49BAMCA0gAMEUCIGE3+2EGICg/WnfX5aErukCic6E7kymglKDl97TZzOI7
AiEArxcENVu57ke5E/GAadRlXUHJPnMbdgAVC47af3dYw2Q=
-----END CERTIFICATE-----
)";

dht::Identity identity(std::uint8_t number) {
    dht::Identity::Seed seed{};
    seed.fill(number);
    return dht::Identity{seed};
}

START_TEST(a_certificate_names_the_node_whose_key_it_has) {
    for (std::uint8_t number = 0; number < 10; ++number) {
        const auto certificate = glib::make_certificate(identity(number));
        ck_assert(glib::node_id_of(certificate.get()) == identity(number).node_id());
    }
}
END_TEST

START_TEST(no_certificate_names_nobody) {
    ck_assert(!glib::node_id_of(nullptr));
}
END_TEST

START_TEST(a_key_of_another_kind_names_nobody) {
    glib::Error error;
    const auto certificate = glib::take_ref(g_tls_certificate_new_from_pem(of_another_kind, -1, error.out()));
    ck_assert(certificate != nullptr);
    ck_assert(!glib::node_id_of(certificate.get()));
}
END_TEST

}  // namespace

int main() {
    return run_suite("tls", {a_certificate_names_the_node_whose_key_it_has, no_certificate_names_nobody,
                             a_key_of_another_kind_names_nobody});
}
