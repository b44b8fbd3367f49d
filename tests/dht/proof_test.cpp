// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/proof.h"

#include "tests/dht/samples.h"

using namespace dht;
using samples::identity;

namespace {

const auto prover = identity(1);
const auto asker = identity(2).node_id();

}  // namespace

START_TEST(a_proof_holds_for_one_asker_one_nonce_and_one_federation) {
    const auto proof = prove(prover, "public", "nonce", asker);
    ck_assert(proves(proof, prover.node_id(), "public", "nonce", asker));
    ck_assert(!proves(proof, prover.node_id(), "other", "nonce", asker));
    ck_assert(!proves(proof, prover.node_id(), "public", "other", asker));
    ck_assert(!proves(proof, prover.node_id(), "public", "nonce", prover.node_id()));
}
END_TEST

START_TEST(an_answer_to_a_nonce_is_no_credential_and_none_is_an_answer) {
    const auto answer = prove(prover, "public", "nonce", asker);
    ck_assert(!proves(answer, prover.node_id(), "public", "nonce", asker, Situation::challenged));
    const auto credential = prove(prover, "public", "nonce", asker, Situation::challenged);
    ck_assert(proves(credential, prover.node_id(), "public", "nonce", asker, Situation::challenged));
    ck_assert(!proves(credential, prover.node_id(), "public", "nonce", asker));
}
END_TEST

START_TEST(a_key_proves_no_id_but_its_own) {
    const auto proof = prove(prover, "public", "nonce", asker);
    ck_assert(!proves(proof, asker, "public", "nonce", asker));
    auto stolen = proof;
    stolen.key = identity(3).public_key();
    ck_assert(!proves(stolen, prover.node_id(), "public", "nonce", asker));
    ck_assert(!proves(stolen, identity(3).node_id(), "public", "nonce", asker));
}
END_TEST

START_TEST(nobody_proves_a_foreign_id_by_signing_for_it) {
    const auto thief = identity(3);
    const auto statement = bencode::List{}
                               .add("viaduct proof 1")
                               .add("public")
                               .add("nonce")
                               .add(asker.bytes())
                               .add(prover.node_id().bytes())
                               .encode();
    const Proof honest{prover.public_key(), prover.sign(statement)};
    ck_assert(proves(honest, prover.node_id(), "public", "nonce", asker));
    const Proof stolen{thief.public_key(), thief.sign(statement)};
    ck_assert(!proves(stolen, prover.node_id(), "public", "nonce", asker));
}
END_TEST

START_TEST(any_other_octet_in_the_signature_is_no_proof) {
    auto proof = prove(prover, "public", "nonce", asker);
    for (const std::size_t at : {0, 31, 32, 63}) {
        proof.signature[at] ^= 1;
        ck_assert(!proves(proof, prover.node_id(), "public", "nonce", asker));
        proof.signature[at] ^= 1;
    }
}
END_TEST

START_TEST(what_stands_in_one_field_cannot_move_into_another) {
    const auto proof = prove(prover, "ab", "c", asker);
    ck_assert(!proves(proof, prover.node_id(), "a", "bc", asker));
}
END_TEST

int main() {
    return run_suite(
        "proof", {a_proof_holds_for_one_asker_one_nonce_and_one_federation,
                  an_answer_to_a_nonce_is_no_credential_and_none_is_an_answer, a_key_proves_no_id_but_its_own,
                  nobody_proves_a_foreign_id_by_signing_for_it, any_other_octet_in_the_signature_is_no_proof,
                  what_stands_in_one_field_cannot_move_into_another});
}
