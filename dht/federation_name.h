// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "dht/crypto.h"

namespace dht {

/// What a federation is called: `public`; or, if it is closed, its name and its key: `acme@9f86d0…`.
/// The whole text enters every key, proof and signature, so no two federations mix, even of one name.
struct FederationName {
    std::string name;
    std::optional<PublicKey> key{};  ///< whoever holds it admits members; none: open to everybody

    static constexpr std::size_t name_bytes_max = 64;

    /// Nothing unless it is a name of 1 to 64 octets of UTF-8 without `@`, or that with `@` and 64
    /// lower-case hexadecimal digits behind it.
    static std::optional<FederationName> parse(std::string_view text);
    [[nodiscard]] std::string text() const;

    bool operator==(const FederationName&) const = default;
};

/// 64 lower-case hexadecimal digits.
std::optional<PublicKey> public_key_from_hex(std::string_view digits);

}  // namespace dht
