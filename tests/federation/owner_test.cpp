// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/owner.h"

#include "tests/check.h"

namespace {

using namespace federation;

OwnerToken token(std::uint8_t octet) {
    OwnerToken out{};
    out.fill(octet);
    return out;
}

const dht::PublicKey server = dht::Identity{token(9)}.public_key();
const dht::PublicKey other_server = dht::Identity{token(8)}.public_key();

START_TEST(a_token_comes_back_from_its_text) {
    const auto text = to_text(token(0xa5));
    ck_assert_uint_eq(text.size(), 64);
    ck_assert(token_from(text) == token(0xa5));
    for (const auto& wrong : {std::string{}, text.substr(1), text + "0", std::string(64, 'x')}) {
        ck_assert_msg(!token_from(wrong), "%s", wrong.c_str());
    }
}
END_TEST

START_TEST(whoever_has_the_token_owns_the_name_at_any_server) {
    const auto here = own(token(1), "public", "alice", server);
    const auto there = own(token(1), "public", "alice", other_server);
    ck_assert(here.key == there.key);
    ck_assert(owns(here, "public", "alice", server) && owns(there, "public", "alice", other_server));
    ck_assert(own(token(2), "public", "alice", server).key != here.key);
}
END_TEST

START_TEST(a_proof_is_good_for_its_own_record_only) {
    const auto proof = own(token(1), "public", "alice", server);
    ck_assert(!owns(proof, "public", "alice", other_server));
    ck_assert(!owns(proof, "public", "bob", server));
    ck_assert(!owns(proof, "private", "alice", server));
    auto forged = proof;
    forged.key = own(token(2), "public", "alice", server).key;
    ck_assert(!owns(forged, "public", "alice", server));
}
END_TEST

}  // namespace

int main() {
    return run_suite("owner",
                     {a_token_comes_back_from_its_text, whoever_has_the_token_owns_the_name_at_any_server,
                      a_proof_is_good_for_its_own_record_only});
}
