// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/certificate.h"

#include "tests/dht/samples.h"

using namespace dht;
using samples::identity;

namespace {

const auto authority = identity(1);
const auto member = identity(2).node_id();
constexpr auto federation = "acme@its-key";

Certificate certificate() {
    Certificate out{.serial = 7, .role = Role::server, .expires = samples::today + std::chrono::hours{24}};
    sign(out, federation, member, authority);
    return out;
}

bool holds(const Certificate& shown) {
    return verify(shown, federation, member, authority.public_key());
}

}  // namespace

START_TEST(a_certificate_holds_for_one_member_of_one_federation) {
    const auto shown = certificate();
    ck_assert(holds(shown));
    ck_assert(!verify(shown, "acme@another-key", member, authority.public_key()));
    ck_assert(!verify(shown, federation, identity(3).node_id(), authority.public_key()));
    ck_assert(!verify(shown, federation, member, identity(3).public_key()));
}
END_TEST

START_TEST(nothing_in_it_can_be_changed) {
    auto later = certificate();
    later.expires += std::chrono::seconds{1};
    ck_assert(!holds(later));
    auto other = certificate();
    other.serial = 8;
    ck_assert(!holds(other));
    auto lesser = certificate();
    lesser.role = Role::reader;
    ck_assert(!holds(lesser));
    auto broken = certificate();
    broken.signature[10] ^= 1;
    ck_assert(!holds(broken));
}
END_TEST

START_TEST(it_is_small_and_survives_the_wire) {
    auto largest = certificate();
    largest.serial = UINT32_MAX;
    largest.expires = Date{std::chrono::seconds{std::int64_t{1} << 40}};
    for (const auto& shown : {certificate(), largest}) {
        ck_assert_uint_le(encode(shown).size(), Certificate::bytes_max);
        ck_assert(decode_certificate(encode(shown)) == shown);
    }
}
END_TEST

START_TEST(malformed_ones_are_refused) {
    const auto encoded = encode(certificate());
    for (std::size_t size = 0; size < encoded.size(); ++size) {
        ck_assert(!decode_certificate(encoded.substr(0, size)));
    }
    const std::string signature = "1:s64:" + std::string(64, 'x');
    for (const auto& text :
         {"d1:ei1e1:qi0e1:ri1e" + signature + "e", "d1:ei1e1:qi4294967296e1:ri1e" + signature + "e",
          "d1:ei1e1:qi1e1:ri2e" + signature + "e", "d1:ei1e1:qi1e1:ri-1e" + signature + "e",
          "d1:ei-1e1:qi1e1:ri1e" + signature + "e", "d1:ei1e1:qi1e" + signature + "e",
          "d1:ei1e1:qi1e1:ri1e" + signature + "1:x0:e", std::string{"d1:ei1e1:qi1e1:ri1e1:s2:xxe"},
          std::string{"le"}}) {
        ck_assert_msg(!decode_certificate(text), "%s", text.c_str());
    }
    ck_assert(decode_certificate("d1:ei1e1:qi1e1:ri1e" + signature + "e").has_value());
}
END_TEST

int main() {
    return run_suite("certificate",
                     {a_certificate_holds_for_one_member_of_one_federation, nothing_in_it_can_be_changed,
                      it_is_small_and_survives_the_wire, malformed_ones_are_refused});
}
