// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/glib/address.h"

#include "tests/check.h"

namespace {

START_TEST(endpoints_come_back) {
    for (const char* text : {"127.0.0.1:80", "[2001:db8::1]:7443", "192.0.2.255:65535"}) {
        const auto endpoint = dht::Endpoint::parse(text).value();
        ck_assert(glib::from_address(glib::to_address(endpoint).get()) == endpoint);
        ck_assert(glib::from_address(glib::to_address(endpoint, true).get()) == endpoint);
    }
}
END_TEST

START_TEST(an_address_to_listen_at_may_be_none_to_reach) {
    ck_assert(glib::is_unspecified(dht::Endpoint::v4({0, 0, 0, 0}, 80)));
    ck_assert(glib::is_unspecified(dht::Endpoint::parse("[::]:80").value()));
    ck_assert(!glib::is_unspecified(dht::Endpoint::v4({0, 0, 0, 1}, 80)));
    ck_assert(!glib::is_unspecified(dht::Endpoint::parse("[::1]:80").value()));
}
END_TEST

}  // namespace

int main() {
    return run_suite("address", {endpoints_come_back, an_address_to_listen_at_may_be_none_to_reach});
}
