// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dht/crypto.h"

namespace federation {

/// What makes a user the same at several servers: 256 bits of chance that the first server hands out.
/// It is the seed of a key pair, whose public half stands in the record, so that nobody who reads records
/// can guess it.
using OwnerToken = dht::Identity::Seed;

/// 64 lower-case hexadecimal digits.
std::string to_text(const OwnerToken& token);
std::optional<OwnerToken> token_from(std::string_view text);

/// In a user's record: whoever has the token says that this publisher may have the name.
struct Owner {
    dht::PublicKey key{};
    dht::Signature signature{};

    bool operator==(const Owner&) const = default;
};

Owner own(const OwnerToken& token, std::string_view federation, std::string_view user,
          const dht::PublicKey& publisher);
/// Nobody can put somebody else's proof into a record of his own.
bool owns(const Owner& owner, std::string_view federation, std::string_view user,
          const dht::PublicKey& publisher);

}  // namespace federation
