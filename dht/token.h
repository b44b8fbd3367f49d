// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "dht/crypto.h"
#include "dht/endpoint.h"
#include "dht/time.h"

namespace dht {

/// Write tokens (BEP 5): whoever brings one back has received our datagrams at that address. Bound
/// to the key as well, so that a token is good for one place only. Keeps no state: a token is a
/// keyed hash over the address, the key and the span of time in which it was made.
class TokenMint {
public:
    /// Good for one to two of these, as BEP 5 says. Publishers count on one: they keep tokens for it.
    static constexpr Duration rotation = std::chrono::minutes{5};

    using Token = std::array<std::uint8_t, 8>;

    explicit TokenMint(Random& random, Duration lifetime = rotation) : lifetime_(lifetime) {
        random.fill(secret_);
    }

    [[nodiscard]] Token mint(const Endpoint& holder, const Key& key, Time now) const;
    [[nodiscard]] bool valid(std::string_view token, const Endpoint& holder, const Key& key, Time now) const;

private:
    [[nodiscard]] Token mint_in(std::int64_t period, const Endpoint& holder, const Key& key) const;

    Duration lifetime_;
    std::array<std::uint8_t, 16> secret_{};
};

}  // namespace dht
