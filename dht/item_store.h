// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "dht/item.h"
#include "dht/subnet.h"
#include "dht/time.h"

namespace dht {

/// BEP 44's items, of whoever brings a token. They are of no federation, so their room is their own
/// and small beside that of records: strangers can fill it, but nothing else.
class ItemStore {
public:
    struct Limits {
        /// Some 12 MB at the largest items.
        std::size_t items_max = 8192;
        /// A quarter of all, so that no one place fills the store.
        std::size_t per_subnet_max = 2048;
        /// BEP 44: what is not put again may be forgotten then. Who puts it does so every hour.
        Duration lifetime = std::chrono::hours{2};
    };

    enum class Verdict : std::uint8_t {
        stored,
        known,  ///< held already: it lives anew
        stale,  ///< one of greater seq is held, or another of the same
        cas_mismatch,
        malformed,
        bad_signature,
        full,
        subnet_full,
    };

    explicit ItemStore(Limits limits) : limits_(limits) {}

    /// `cas`: only if what it replaces has this seq. `source` is who sent it; of our own there is
    /// none and the quotas do not bind.
    Verdict put(const Item& item, std::optional<std::int64_t> cas, const std::optional<Endpoint>& source,
                Time now);

    /// Valid until the store changes.
    [[nodiscard]] const Item* find(const Key& target, Time now) const;
    [[nodiscard]] std::size_t size() const { return items_.size(); }

    /// Drops what has expired.
    void expire(Time now);
    [[nodiscard]] std::optional<Time> next_expiry() const;

private:
    struct Entry {
        Item item;
        std::optional<Subnet> source;
        Time expires{};
    };

    Verdict replace(const Key& target, Entry& entry, const Item& item, std::optional<std::int64_t> cas,
                    Time now);
    [[nodiscard]] std::optional<Verdict> refused_by_quota(const Subnet& source) const;
    void renew(const Key& target, Entry& entry, Time now);

    Limits limits_;
    std::unordered_map<Key, Entry> items_;
    std::unordered_map<Subnet, std::size_t> per_subnet_;
    std::set<std::pair<Time, Key>> expiries_;
};

/// The verdict in words, for the error that is sent back.
std::string_view reason(ItemStore::Verdict verdict);

}  // namespace dht
