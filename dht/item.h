// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "dht/bytes.h"
#include "dht/crypto.h"
#include "dht/node_id.h"

namespace dht {

/// What BEP 44 stores: an immutable item under the hash of its value, or a mutable one under the
/// hash of its author's key, which the author may replace by a greater `seq`.
struct Item {
    Bytes value;                     ///< one bencoded element of any type, verbatim
    std::optional<PublicKey> key{};  ///< the author's; none: immutable, and the rest is empty
    Bytes salt{};                    ///< so that one key can have many items
    std::int64_t seq = 0;            ///< not negative
    Signature signature{};

    static constexpr std::size_t value_bytes_max = 1000;  // BEP 44, as is the next
    static constexpr std::size_t salt_bytes_max = 64;

    [[nodiscard]] bool is_mutable() const { return key.has_value(); }

    bool operator==(const Item&) const = default;
};

/// Where a mutable item lies: `SHA-1(key salt)`. Without salt that is its author's NodeID.
Key target_of(const PublicKey& key, std::string_view salt);
Key target_of(const Item& item);

/// Whether value, salt and seq are within the limits.
bool well_formed(const Item& item);

/// Makes it `author`'s: fills in `key` and `signature`.
void sign(Item& item, const Identity& author);
/// An immutable item is what its target says; a mutable one is signed by its key.
bool verify(const Item& item);

}  // namespace dht
