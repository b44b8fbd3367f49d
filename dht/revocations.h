// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "dht/crypto.h"
#include "dht/item.h"

namespace dht {

/// Which certificates of a closed federation count no more, though they have not expired. It travels
/// as a mutable item (BEP 44) of the federation's key: anybody can carry it, nobody can change it, and
/// the greater `seq` supersedes.
struct Revocations {
    std::int64_t seq = 0;
    std::vector<std::uint32_t> serials;  ///< ascending

    /// So that the item fits into one datagram with all else. Certificates that have expired leave the
    /// list; whoever revokes more within their life makes them live shorter, or founds a new federation.
    static constexpr std::size_t serials_max = 160;

    [[nodiscard]] bool contains(std::uint32_t serial) const;
    bool operator==(const Revocations&) const = default;
};

/// Where the list lies: `target_of(federation key, revocations_salt)`.
constexpr std::string_view revocations_salt = "viaduct revoked";

Item sign(const Revocations& revocations, const Identity& authority);
/// Hostile input: nothing unless the authority has signed it, as such a list.
std::optional<Revocations> read_revocations(const Item& item, const PublicKey& authority);

/// For files and for signalling, where it stands alone. Canonical bencode.
Bytes encode_list(const Item& item);
/// Hostile input; not verified.
std::optional<Item> decode_list(std::string_view bytes);
constexpr std::size_t list_bytes_max = 1024;

}  // namespace dht
