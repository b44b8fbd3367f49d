// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/record_value.h"

#include <string>

#include "dht/record.h"
#include "tests/check.h"

namespace {

using namespace federation;

const auto address = dht::Endpoint::v4({192, 0, 2, 1}, 7443);

START_TEST(a_users_value_comes_back) {
    const auto encoded = encode(UserValue{address, 1'700'000'000'000});
    ck_assert(encoded == "d1:s14:192.0.2.1:74431:ti1700000000000ee");
    const auto value = decode_user(dht::view(encoded));
    ck_assert(value && value->signalling == address && value->registered == 1'700'000'000'000);
}
END_TEST

START_TEST(an_owner_comes_back_and_half_a_one_does_not) {
    const dht::Identity server{dht::Identity::Seed{1}};
    UserValue value{address, 7, own(OwnerToken{2}, "public", "alice", server.public_key())};
    const auto encoded = encode(value);
    ck_assert_uint_le(encoded.size(), dht::Record::value_bytes_max);
    const auto read = decode_user(dht::view(encoded));
    ck_assert(read && read->owner == value.owner);
    const auto without = decode_user(dht::view("d1:o3:abc1:s14:192.0.2.1:74431:ti1ee"));
    ck_assert(without && !without->owner);
}
END_TEST

START_TEST(a_descriptor_comes_back_and_fits_a_record) {
    const NodeValue longest{*dht::Endpoint::parse("[2001:db8:1111:2222:3333:4444:5555:6666]:65535"),
                            std::string(64, 'v')};
    const auto encoded = encode(longest);
    ck_assert_uint_le(encoded.size(), dht::Record::value_bytes_max);
    const auto value = decode_node(dht::view(encoded));
    ck_assert(value && value->signalling == longest.signalling && value->software == longest.software);
}
END_TEST

START_TEST(more_than_is_known_is_let_pass) {
    ck_assert(decode_user(dht::view("d1:s14:192.0.2.1:74431:ti1e1:xi5ee")));
    ck_assert(decode_node(dht::view("d1:s14:192.0.2.1:7443e")));
}
END_TEST

START_TEST(rubbish_is_refused) {
    for (const char* text : {"", "de", "i1e", "d1:s3:abc1:ti1ee", "d1:s14:192.0.2.1:74431:ti-1ee",
                             "d1:s14:192.0.2.1:7443e", "d1:s14:192.0.2.1:74431:ti1ee ", "d1:si5e1:ti1ee"}) {
        ck_assert_msg(!decode_user(dht::view(text)), "%s", text);
    }
    ck_assert(!decode_node(dht::view("d1:v1:xe")));
}
END_TEST

}  // namespace

int main() {
    return run_suite("record_value", {a_users_value_comes_back, an_owner_comes_back_and_half_a_one_does_not,
                                      a_descriptor_comes_back_and_fits_a_record,
                                      more_than_is_known_is_let_pass, rubbish_is_refused});
}
