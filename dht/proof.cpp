// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/proof.h"

#include "dht/bencode.h"

namespace dht {

namespace {

/// The context keeps this from being taken for any other signature of the same key, and the other's NodeID
/// from being passed on to a third.
Bytes statement(const NodeId& prover, std::string_view federation, std::string_view nonce, const NodeId& to,
                Situation situation) {
    Bytes out;
    bencode::Writer{out}
        .list()
        .string(situation == Situation::asked ? "viaduct proof 1" : "viaduct credential 1")
        .string(federation)
        .string(nonce)
        .string(to.bytes())
        .string(prover.bytes())
        .end();
    return out;
}

}  // namespace

Proof prove(const Identity& prover, std::string_view federation, std::string_view nonce, const NodeId& to,
            Situation situation) {
    return {prover.public_key(), prover.sign(statement(prover.node_id(), federation, nonce, to, situation))};
}

bool proves(const Proof& proof, const NodeId& prover, std::string_view federation, std::string_view nonce,
            const NodeId& to, Situation situation) {
    return node_id_of(proof.key) == prover &&
           verify(proof.key, statement(prover, federation, nonce, to, situation), proof.signature);
}

}  // namespace dht
