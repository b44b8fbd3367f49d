// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/membership.h"

#include <chrono>

#include "dht/revocations.h"
#include "tests/check.h"

namespace {

using namespace std::chrono_literals;
using namespace federation;

constexpr dht::Date today{std::chrono::seconds{1'790'000'000}};  // 2026-09-21
const dht::Identity authority{dht::Identity::Seed{1}};
const dht::NodeId self = dht::Identity{dht::Identity::Seed{2}}.node_id();
const dht::FederationName acme{"acme", authority.public_key()};

Membership membership(dht::Date expires = today + 24h * 365, const dht::NodeId& member = self,
                      const dht::FederationName& federation = acme) {
    Membership out{federation, member, {.serial = 1, .expires = expires}};
    sign(out.certificate, federation.text(), member, authority);
    return out;
}

bool says(const std::optional<std::string>& sentence, const char* words) {
    return sentence && sentence->find(words) != std::string::npos;
}

START_TEST(a_certificate_is_one_line_of_text) {
    const auto text = encode_membership(membership());
    ck_assert_uint_lt(text.size(), membership_bytes_max);
    ck_assert_uint_eq(text.find('\n'), text.size() - 1);
    for (const auto* end : {"", "\n", " \r\n"}) {  // as mail and editors leave it
        const auto read = decode_membership(text.substr(0, text.size() - 1) + end);
        ck_assert(read && read->federation == acme && read->member == self);
        ck_assert(read->certificate == membership().certificate);
    }
}
END_TEST

START_TEST(other_texts_are_none) {
    const auto text = encode_membership(membership());
    for (std::size_t size = 0; size + 1 < text.size(); ++size)
        ck_assert(!decode_membership(text.substr(0, size)));
    ck_assert(!decode_membership("x" + text));
    ck_assert(!decode_membership(text + text));
    ck_assert(!decode_membership(text + std::string(membership_bytes_max, '\n')));
    ck_assert(!decode_membership(encode_membership(membership(today, self, {"open", {}}))));
}
END_TEST

START_TEST(a_sound_one_meets_no_objection) {
    ck_assert(!objection(membership(), acme, self, today));
    ck_assert(!warning(membership(), today));
}
END_TEST

START_TEST(an_objection_says_what_is_wrong_and_what_to_do) {
    const dht::FederationName other{"other", authority.public_key()};
    ck_assert(says(objection(membership(), other, self, today), "it is of federation \"acme@"));
    ck_assert(says(objection(membership(today + 1h, dht::NodeId{}), acme, self, today),
                   "it is for node 0000000000000000000000000000000000000000"));
    auto forged = membership();
    forged.certificate.role = dht::Role::reader;
    ck_assert(says(objection(forged, acme, self, today), "signature"));
    const auto expired = objection(membership(today), acme, self, today);
    ck_assert(says(expired, "expired on 2026-09-21") && says(expired, "viaduct federation admit"));
}
END_TEST

START_TEST(its_end_is_announced_a_month_before) {
    ck_assert(!warning(membership(today + 24h * 31), today));
    ck_assert(says(warning(membership(today + 24h * 5), today), "expires on 2026-09-26"));
    ck_assert(says(warning(membership(today), today), "has expired on 2026-09-21"));
}
END_TEST

START_TEST(a_list_of_revoked_ones_is_one_line_of_text) {
    const auto list = sign(dht::Revocations{3, {1, 2}}, authority);
    const auto text = encode_revocations(list);
    ck_assert(decode_revocations(text) == list);
    ck_assert(!decode_revocations(encode_membership(membership())));
    ck_assert(!decode_membership(text));
}
END_TEST

}  // namespace

int main() {
    return run_suite("membership",
                     {a_certificate_is_one_line_of_text, other_texts_are_none, a_sound_one_meets_no_objection,
                      an_objection_says_what_is_wrong_and_what_to_do, its_end_is_announced_a_month_before,
                      a_list_of_revoked_ones_is_one_line_of_text});
}
