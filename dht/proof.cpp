// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/proof.h"

#include "dht/bencode.h"

namespace dht {

namespace {

/// The context keeps this from being taken for any other signature of the same key, and the asker's
/// NodeID from being passed on to a third.
Bytes statement(const NodeId& prover, std::string_view federation, std::string_view nonce,
                const NodeId& asker) {
    Bytes out;
    bencode::Writer{out}
        .list()
        .string("viaduct proof 1")
        .string(federation)
        .string(nonce)
        .string(asker.bytes())
        .string(prover.bytes())
        .end();
    return out;
}

}  // namespace

Proof prove(const Identity& prover, std::string_view federation, std::string_view nonce,
            const NodeId& asker) {
    return {prover.public_key(), prover.sign(statement(prover.node_id(), federation, nonce, asker))};
}

bool proves(const Proof& proof, const NodeId& prover, std::string_view federation, std::string_view nonce,
            const NodeId& asker) {
    return node_id_of(proof.key) == prover &&
           verify(proof.key, statement(prover, federation, nonce, asker), proof.signature);
}

}  // namespace dht
