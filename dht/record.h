// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dht/crypto.h"
#include "dht/node_id.h"
#include "dht/time.h"

namespace dht {

/// A signed statement of one publisher about one name: "alice is at my server", "room demo has
/// members at my server". A key holds one record per publisher.
struct Record {
    std::string kind;  ///< "user", "room", "stream", "node": [a-z]{1,16}
    std::string name;  ///< UTF-8, 1 to 128 octets
    PublicKey publisher{};
    std::uint64_t seq = 0;  ///< the greater one supersedes
    Date expires{};         ///< within the signature, so that nobody can prolong a record
    Bytes value;            ///< a bencoded dictionary of at most `value_bytes_max`; empty: withdrawn
    Bytes certificate{};    ///< in a closed federation, the publisher's
    Signature signature{};

    static constexpr std::size_t value_bytes_max = 600;  ///< with all else inside one datagram
    static constexpr std::size_t name_bytes_max = 128;
    static constexpr std::size_t kind_bytes_max = 16;

    [[nodiscard]] bool withdrawn() const { return value.empty(); }
    [[nodiscard]] NodeId publisher_id() const { return node_id_of(publisher); }

    bool operator==(const Record&) const = default;
};

/// SHA-1 over the federation's name, kind and name: federations that share hosts do not mix.
Key key_of(std::string_view federation, std::string_view kind, std::string_view name);

/// Whether kind, name, value, seq and expiry are within the limits above: only then will anybody
/// decode or store the record.
bool well_formed(const Record& record);

/// Fills in `publisher` and `signature`; `certificate` before that, if there is one.
void sign(Record& record, std::string_view federation, const Identity& identity);

/// The signature is the publisher's, over every field and the federation's name.
bool verify(const Record& record, std::string_view federation);

/// Canonical bencode, with the signature.
Bytes encode(const Record& record);
/// Hostile input: nothing unless canonical and within the limits. Does not verify the signature.
std::optional<Record> decode_record(BytesView bytes);

}  // namespace dht
