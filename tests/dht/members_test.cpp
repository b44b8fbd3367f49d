// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/members.h"

#include "tests/dht/samples.h"

using namespace dht;
using namespace std::chrono_literals;
using samples::identity;
using samples::today;

namespace {

const auto authority = identity(1);
const auto member = identity(2).node_id();
const auto federation = FederationName{"acme", authority.public_key()}.text();

Bytes certificate(std::uint32_t serial = 1, Role role = Role::server, Date expires = today + 24h,
                  const NodeId& node = member, const Identity& by = authority) {
    Certificate out{.serial = serial, .role = role, .expires = expires};
    sign(out, federation, node, by);
    return encode(out);
}

}  // namespace

START_TEST(everybody_belongs_to_an_open_federation) {
    Members members{"public"};
    ck_assert(!members.closed());
    ck_assert(members.admit(member, {}, Role::server, today));
    ck_assert(members.knows(member, Role::server, today));
}
END_TEST

START_TEST(to_a_closed_one_who_shows_its_certificate) {
    Members members{federation};
    ck_assert(members.closed());
    ck_assert(!members.knows(member, Role::reader, today));
    ck_assert(members.admit(member, certificate(), Role::server, today));
    ck_assert(members.knows(member, Role::server, today));
    ck_assert(members.admit(member, certificate(), Role::server, today));  // known by now
}
END_TEST

START_TEST(and_nobody_else) {
    Members members{federation};
    for (const auto& shown :
         {Bytes{}, Bytes{"rubbish"}, certificate(1, Role::server, today), certificate(1, Role::reader),
          certificate(1, Role::server, today + 24h, identity(3).node_id()),
          certificate(1, Role::server, today + 24h, member, identity(3))}) {
        ck_assert(!members.admit(member, shown, Role::server, today));
        ck_assert(!members.knows(member, Role::reader, today));
    }
    // Nor with one known already, from another.
    ck_assert(members.admit(member, certificate(), Role::server, today));
    ck_assert(!members.admit(identity(3).node_id(), certificate(), Role::server, today));
}
END_TEST

START_TEST(a_reader_is_known_as_no_more) {
    Members members{federation};
    ck_assert(members.admit(member, certificate(1, Role::reader), Role::reader, today));
    ck_assert(members.knows(member, Role::reader, today));
    ck_assert(!members.knows(member, Role::server, today));
}
END_TEST

START_TEST(membership_ends_with_the_certificate) {
    Members members{federation};
    members.admit(member, certificate(1, Role::server, today + 1h), Role::server, today);
    ck_assert(members.next_expiry() == today + 1h);
    ck_assert(members.take_fallen(today).empty());
    ck_assert(!members.knows(member, Role::server, today + 1h));
    ck_assert(members.take_fallen(today + 1h) == std::vector{member});
    ck_assert(!members.next_expiry());
}
END_TEST

START_TEST(a_newer_certificate_prolongs_it_whatever_old_ones_are_about) {
    Members members{federation};
    members.admit(member, certificate(1, Role::server, today + 1h), Role::server, today);
    members.admit(member, certificate(2, Role::server, today + 9h), Role::server, today);
    ck_assert(members.admit(member, certificate(1, Role::server, today + 1h), Role::server, today));
    ck_assert(members.next_expiry() == today + 9h);
    ck_assert(members.take_fallen(today + 2h).empty());
    ck_assert(members.knows(member, Role::server, today + 2h));
}
END_TEST

START_TEST(who_is_revoked_falls_and_is_not_admitted_again) {
    Members members{federation};
    members.admit(member, certificate(1), Role::server, today);
    ck_assert(members.revoke(sign(Revocations{1, {1}}, authority)));
    ck_assert(!members.knows(member, Role::server, today));
    ck_assert(members.take_fallen(today) == std::vector{member});
    ck_assert(members.take_fallen(today).empty());
    ck_assert(!members.admit(member, certificate(1), Role::server, today));
    ck_assert(members.admit(member, certificate(2), Role::server, today));  // admitted anew
}
END_TEST

START_TEST(only_a_newer_list_of_the_authority_counts) {
    Members members{federation};
    ck_assert(!members.revoke(sign(Revocations{1, {1}}, identity(3))));
    ck_assert(members.revoke(sign(Revocations{2, {1}}, authority)));
    ck_assert_int_eq(members.revoked_seq(), 2);
    ck_assert(!members.revoke(sign(Revocations{2, {}}, authority)));
    ck_assert(!members.revoke(sign(Revocations{1, {}}, authority)));
    ck_assert(!members.admit(member, certificate(1), Role::server, today));
    Members open{"public"};
    ck_assert(!open.revoke(sign(Revocations{3, {1}}, authority)));
}
END_TEST

int main() {
    return run_suite(
        "members",
        {everybody_belongs_to_an_open_federation, to_a_closed_one_who_shows_its_certificate, and_nobody_else,
         a_reader_is_known_as_no_more, membership_ends_with_the_certificate,
         a_newer_certificate_prolongs_it_whatever_old_ones_are_about,
         who_is_revoked_falls_and_is_not_admitted_again, only_a_newer_list_of_the_authority_counts});
}
