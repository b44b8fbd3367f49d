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

/// "I hold the key of this NodeID and belong to this federation", said to one asker.
struct Proof {
    PublicKey key{};
    Signature signature{};
};

Proof prove(const Identity& prover, std::string_view federation, std::string_view nonce, const NodeId& asker);

/// The key hashes to `prover` and has signed over all the rest.
bool proves(const Proof& proof, const NodeId& prover, std::string_view federation, std::string_view nonce,
            const NodeId& asker);

}  // namespace dht
