// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "dht/bytes.h"
#include "dht/crypto.h"
#include "dht/node_id.h"
#include "dht/time.h"

namespace dht {

/// What a member of a closed federation may do. Each may do what those before it may.
enum class Role : std::uint8_t {
    reader,  ///< asks, and nothing else: is in no table, publishes nothing, calls nobody
    server,  ///< all that a node does in an open federation
};

/// A membership certificate: the federation's key says that a node belongs to it, until when, and as
/// what. It is no secret. Whose it is and of which federation is in the signature only: everybody
/// who is shown one knows both.
struct Certificate {
    std::uint32_t serial = 0;  ///< counts from 1 in each federation; a revocation names it
    Role role = Role::server;
    Date expires{};
    Signature signature{};

    static constexpr std::size_t bytes_max = 128;  ///< encoded; small beside a proof and a record

    bool operator==(const Certificate&) const = default;
};

/// `federation` is the whole text of its name (`FederationName::text`), with the authority's key in it.
void sign(Certificate& certificate, std::string_view federation, const NodeId& member,
          const Identity& authority);
bool verify(const Certificate& certificate, std::string_view federation, const NodeId& member,
            const PublicKey& authority);

/// Canonical bencode.
Bytes encode(const Certificate& certificate);
/// Hostile input: nothing unless canonical. Does not verify the signature.
std::optional<Certificate> decode_certificate(std::string_view bytes);

}  // namespace dht
