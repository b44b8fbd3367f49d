// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dht/buffer.h"
#include "dht/members.h"
#include "dht/record.h"
#include "dht/subnet.h"
#include "dht/time.h"

namespace dht {

/// Records of others (and our own), one per publisher under a key. It is bounded in every
/// direction, and believes nothing but the publisher's signature, in a closed federation a member's.
class RecordStore {
public:
    struct Limits {
        /// Some 100 MB at the largest records, 20 MB at usual ones.
        std::size_t records_max = 131'072;
        /// A room with members on that many servers.
        std::size_t per_key_max = 256;
        /// One server's users, when few servers share all records between them.
        std::size_t per_publisher_max = 32'768;
        /// Several servers behind one /24 or /64; half of all, so that no one place fills the store.
        std::size_t per_subnet_max = 65'536;
        /// A publisher that has died is forgotten after that; refreshing costs little by comparison.
        Duration lifetime_max = std::chrono::hours{2};
    };

    enum class Verdict : std::uint8_t {
        stored,
        known,  ///< the very same record: fine, nothing to do
        stale,  ///< one of equal or greater seq is held
        malformed,
        expired,
        too_long_lived,
        bad_signature,
        not_a_member,  ///< of a closed federation
        full,
        key_full,
        publisher_full,
        subnet_full,
    };

    RecordStore(Members& members, Limits limits) : members_(members), limits_(limits) {}

    /// `source` is who sent it; of our own there is none and the quotas do not bind.
    Verdict put(const Record& record, const std::optional<Endpoint>& source, Date now);

    /// Encodings of the records under `key` whose publisher comes after `cursor` (32 octets of
    /// public key; empty: all), as many as fit into `bytes_max`, end to end. Tombstones are among
    /// them: they tell the asker that what others still hold is withdrawn. Returns where the next page
    /// begins, valid until the store changes; empty: this was all.
    std::string_view page(const Key& key, std::string_view cursor, std::size_t bytes_max, Date now,
                          Buffer& out) const;

    [[nodiscard]] std::vector<Record> find(const Key& key, Date now) const;
    [[nodiscard]] bool holds(const Key& key, const PublicKey& publisher) const;
    [[nodiscard]] std::vector<Key> keys() const;
    [[nodiscard]] std::size_t size() const { return size_; }

    /// Drops what has expired.
    void expire(Date now);
    [[nodiscard]] std::optional<Date> next_expiry() const;

private:
    /// Clocks of servers differ; more than that and NTP is broken.
    static constexpr std::chrono::seconds clock_skew_max{60};

    struct Entry {
        PublicKey publisher{};
        std::uint64_t seq = 0;
        Date expires{};
        std::optional<Subnet> source;
        Bytes encoded;
    };
    using Entries = std::vector<Entry>;  // by publisher

    [[nodiscard]] std::optional<Verdict> refused_by_quota(const Key& key, const PublicKey& publisher,
                                                          const Subnet& source) const;
    void count(const Entry& entry);
    void discount(const Entry& entry);

    [[nodiscard]] std::optional<Verdict> refused_by_signatures(const Record& record, Date now);

    Members& members_;
    Limits limits_;
    std::unordered_map<Key, Entries> keys_;
    std::map<PublicKey, std::size_t> per_publisher_;
    std::unordered_map<Subnet, std::size_t> per_subnet_;
    std::set<std::pair<Date, std::pair<Key, PublicKey>>> expiries_;
    std::size_t size_ = 0;
};

/// The verdict in words, for the error that is sent back.
std::string_view reason(RecordStore::Verdict verdict);

}  // namespace dht
