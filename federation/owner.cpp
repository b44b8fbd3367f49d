// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/owner.h"

#include "dht/bencode.h"
#include "dht/hex.h"

namespace federation {

namespace {

dht::Bytes signed_text(std::string_view federation, std::string_view user, const dht::PublicKey& publisher) {
    return dht::bencode::List{}
        .add("viaduct owner 1")
        .add(federation)
        .add(user)
        .add(dht::text(publisher))
        .encode();
}

}  // namespace

std::string to_text(const OwnerToken& token) {
    return dht::hex(token);
}

std::optional<OwnerToken> token_from(std::string_view text) {
    OwnerToken token{};
    return dht::from_hex(text, token) ? std::optional{token} : std::nullopt;
}

Owner own(const OwnerToken& token, std::string_view federation, std::string_view user,
          const dht::PublicKey& publisher) {
    const dht::Identity identity{token};
    return {identity.public_key(), identity.sign(signed_text(federation, user, publisher))};
}

bool owns(const Owner& owner, std::string_view federation, std::string_view user,
          const dht::PublicKey& publisher) {
    return dht::verify(owner.key, signed_text(federation, user, publisher), owner.signature);
}

}  // namespace federation
