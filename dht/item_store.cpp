// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/item_store.h"

namespace dht {

ItemStore::Verdict ItemStore::put(const Item& item, std::optional<std::int64_t> cas,
                                  const std::optional<Endpoint>& source, Time now) {
    if (!well_formed(item)) return Verdict::malformed;
    expire(now);
    const Key target = target_of(item);
    const auto held = items_.find(target);
    if (held != items_.end()) return replace(target, held->second, item, cas, now);

    if (source) {
        if (const auto refused = refused_by_quota(subnet_of(*source))) return *refused;
    }
    // Last, since it costs more than all the rest together.
    if (!verify(item)) return Verdict::bad_signature;
    Entry& entry = items_[target];
    entry.item = item;
    if (source) {
        entry.source = subnet_of(*source);
        ++per_subnet_[*entry.source];
    }
    renew(target, entry, now);
    return Verdict::stored;
}

ItemStore::Verdict ItemStore::replace(const Key& target, Entry& entry, const Item& item,
                                      std::optional<std::int64_t> cas, Time now) {
    // An immutable item is its target. Of a mutable one BEP 44 says that the same again lives anew.
    const bool same = entry.item.value == item.value && entry.item.seq == item.seq;
    if (item.is_mutable() && !same) {
        if (cas && *cas != entry.item.seq) return Verdict::cas_mismatch;
        if (entry.item.seq >= item.seq) return Verdict::stale;
        if (!verify(item)) return Verdict::bad_signature;
        entry.item = item;
    }
    renew(target, entry, now);
    return same ? Verdict::known : Verdict::stored;
}

std::optional<ItemStore::Verdict> ItemStore::refused_by_quota(const Subnet& source) const {
    if (items_.size() >= limits_.items_max) return Verdict::full;
    const auto counted = per_subnet_.find(source);
    if (counted != per_subnet_.end() && counted->second >= limits_.per_subnet_max)
        return Verdict::subnet_full;
    return std::nullopt;
}

void ItemStore::renew(const Key& target, Entry& entry, Time now) {
    expiries_.erase({entry.expires, target});
    entry.expires = now + limits_.lifetime;
    expiries_.insert({entry.expires, target});
}

const Item* ItemStore::find(const Key& target, Time now) const {
    const auto held = items_.find(target);
    return held == items_.end() || held->second.expires <= now ? nullptr : &held->second.item;
}

void ItemStore::expire(Time now) {
    while (!expiries_.empty() && expiries_.begin()->first <= now) {
        const auto held = items_.find(expiries_.begin()->second);
        expiries_.erase(expiries_.begin());
        if (const auto& source = held->second.source) {
            const auto counted = per_subnet_.find(*source);
            if (--counted->second == 0) per_subnet_.erase(counted);
        }
        items_.erase(held);
    }
}

std::optional<Time> ItemStore::next_expiry() const {
    return expiries_.empty() ? std::nullopt : std::optional{expiries_.begin()->first};
}

std::string_view reason(ItemStore::Verdict verdict) {
    using Verdict = ItemStore::Verdict;
    switch (verdict) {
        case Verdict::stored:
            return "stored";
        case Verdict::known:
            return "already held";
        case Verdict::stale:
            return "a newer one is held";
        case Verdict::cas_mismatch:
            return "another seq than cas is held";
        case Verdict::malformed:
            return "malformed item";
        case Verdict::bad_signature:
            return "bad signature";
        case Verdict::full:
            return "store full";
        case Verdict::subnet_full:
            return "too many items from this network";
    }
    return "refused";
}

}  // namespace dht
