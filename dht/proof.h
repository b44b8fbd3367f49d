// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "dht/crypto.h"
#include "dht/node_id.h"

namespace dht {

/// What the asker chose at random: an old proof is worth nothing.
using Nonce = std::array<std::uint8_t, 16>;

/// "I hold the key of this NodeID and belong to this federation", said to one other.
struct Proof {
    PublicKey key{};
    Signature signature{};
};

/// In which of two situations: else an answer to somebody's nonce could be passed on as a credential.
enum class Situation : std::uint8_t {
    asked,       ///< who was asked answers the asker's nonce
    challenged,  ///< who asked answers the challenge of the one it asks, in a closed federation
};

Proof prove(const Identity& prover, std::string_view federation, std::string_view nonce, const NodeId& to,
            Situation situation = Situation::asked);

/// The key hashes to `prover` and has signed over all the rest.
bool proves(const Proof& proof, const NodeId& prover, std::string_view federation, std::string_view nonce,
            const NodeId& to, Situation situation = Situation::asked);

}  // namespace dht
