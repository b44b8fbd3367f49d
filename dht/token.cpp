// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/token.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>

namespace dht {

TokenMint::Token TokenMint::mint_in(std::int64_t period, const Endpoint& holder, const Key& key) const {
    std::array<std::uint8_t, sizeof period + 16 + sizeof holder.port + Key::size> input{};
    auto* out = input.data();
    const auto append = [&](const void* from, std::size_t size) {
        std::memcpy(out, from, size);
        out += size;
    };
    append(&period, sizeof period);
    append(holder.address.data(), holder.address.size());
    append(&holder.port, sizeof holder.port);
    append(key.octets.data(), key.octets.size());

    Token token{};
    static_assert(sizeof(Token) == crypto_shorthash_BYTES && sizeof(secret_) == crypto_shorthash_KEYBYTES);
    crypto_shorthash(token.data(), input.data(), input.size(), secret_.data());
    return token;
}

TokenMint::Token TokenMint::mint(const Endpoint& holder, const Key& key, Time now) const {
    return mint_in(now.time_since_epoch() / lifetime_, holder, key);
}

bool TokenMint::valid(std::string_view token, const Endpoint& holder, const Key& key, Time now) const {
    const auto period = now.time_since_epoch() / lifetime_;
    return token == text(mint_in(period, holder, key)) || token == text(mint_in(period - 1, holder, key));
}

}  // namespace dht
