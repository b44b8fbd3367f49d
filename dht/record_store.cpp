// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/record_store.h"

#include <algorithm>

namespace dht {

namespace {

template <class Entries>
auto lower(Entries& entries, const PublicKey& publisher) {
    return std::lower_bound(entries.begin(), entries.end(), publisher,
                            [](const auto& entry, const PublicKey& key) { return entry.publisher < key; });
}

template <class Map, class Name>
std::size_t counted(const Map& map, const Name& name) {
    const auto found = map.find(name);
    return found == map.end() ? 0 : found->second;
}

template <class Map, class Name>
void decrease(Map& map, const Name& name) {
    const auto found = map.find(name);
    if (found != map.end() && --found->second == 0) map.erase(found);
}

}  // namespace

RecordStore::Verdict RecordStore::put(const Record& record, const std::optional<Endpoint>& source, Date now) {
    if (!well_formed(record)) return Verdict::malformed;
    if (record.expires <= now) return Verdict::expired;
    if (record.expires > now + limits_.lifetime_max + clock_skew_max) return Verdict::too_long_lived;

    // The key is computed from what the signature covers: no record can lie under a foreign key.
    const Key key = key_of(members_.federation(), record.kind, record.name);
    Bytes encoded = encode(record);
    encoded.shrink_to_fit();  // it has grown by doubling, and there may be 131,072 of them
    const auto held = keys_.find(key);
    if (held != keys_.end()) {
        const auto same = lower(held->second, record.publisher);
        if (same != held->second.end() && same->publisher == record.publisher) {
            if (same->encoded == encoded) return Verdict::known;
            if (same->seq >= record.seq) return Verdict::stale;
            if (source) {
                if (const auto refused = refused_by_signatures(record, now)) return *refused;
            }
            discount(*same);
            expiries_.erase({same->expires, {key, record.publisher}});
            *same = {record.publisher, record.seq, record.expires, std::nullopt, std::move(encoded)};
            if (source) same->source = subnet_of(*source);
            count(*same);
            expiries_.insert({record.expires, {key, record.publisher}});
            return Verdict::stored;
        }
    }
    if (source) {
        if (const auto refused = refused_by_quota(key, record.publisher, subnet_of(*source))) return *refused;
        // Last, since it costs more than all the rest together.
        if (const auto refused = refused_by_signatures(record, now)) return *refused;
    }
    Entry entry{record.publisher, record.seq, record.expires, std::nullopt, std::move(encoded)};
    if (source) entry.source = subnet_of(*source);
    count(entry);
    auto& entries = keys_[key];
    entries.insert(lower(entries, record.publisher), std::move(entry));
    expiries_.insert({record.expires, {key, record.publisher}});
    return Verdict::stored;
}

std::optional<RecordStore::Verdict> RecordStore::refused_by_quota(const Key& key, const PublicKey& publisher,
                                                                  const Subnet& source) const {
    if (size_ >= limits_.records_max) return Verdict::full;
    const auto held = keys_.find(key);
    if (held != keys_.end() && held->second.size() >= limits_.per_key_max) return Verdict::key_full;
    if (counted(per_publisher_, publisher) >= limits_.per_publisher_max) return Verdict::publisher_full;
    if (counted(per_subnet_, source) >= limits_.per_subnet_max) return Verdict::subnet_full;
    return std::nullopt;
}

std::optional<RecordStore::Verdict> RecordStore::refused_by_signatures(const Record& record, Date now) {
    if (!members_.admit_publisher(record, now)) return Verdict::not_a_member;
    if (!verify(record, members_.federation())) return Verdict::bad_signature;
    return std::nullopt;
}

void RecordStore::count(const Entry& entry) {
    ++size_;
    ++per_publisher_[entry.publisher];
    if (entry.source) ++per_subnet_[*entry.source];
}

void RecordStore::discount(const Entry& entry) {
    --size_;
    decrease(per_publisher_, entry.publisher);
    if (entry.source) decrease(per_subnet_, *entry.source);
}

std::string_view RecordStore::page(const Key& key, std::string_view cursor, std::size_t bytes_max, Date now,
                                   Buffer& out) const {
    const auto held = keys_.find(key);
    if (held == keys_.end()) return {};
    auto previous = cursor;
    std::size_t size = 0;
    for (const Entry& entry : held->second) {
        if (!cursor.empty() && text(entry.publisher) <= cursor) continue;
        if (entry.expires <= now) continue;
        size += entry.encoded.size();
        if (size > bytes_max) {
            // Nothing fits at all: say where it would go on, so that a larger query can.
            return previous.empty() ? std::string_view{"\0", 1} : previous;
        }
        out.append(entry.encoded);
        previous = text(entry.publisher);
    }
    return {};
}

std::vector<Record> RecordStore::find(const Key& key, Date now) const {
    std::vector<Record> out;
    const auto held = keys_.find(key);
    if (held == keys_.end()) return out;
    for (const Entry& entry : held->second) {
        if (entry.expires <= now) continue;
        if (auto record = decode_record(view(entry.encoded))) out.push_back(*std::move(record));
    }
    return out;
}

bool RecordStore::holds(const Key& key, const PublicKey& publisher) const {
    const auto held = keys_.find(key);
    if (held == keys_.end()) return false;
    const auto entry = lower(held->second, publisher);
    return entry != held->second.end() && entry->publisher == publisher;
}

std::vector<Key> RecordStore::keys() const {
    std::vector<Key> out;
    out.reserve(keys_.size());
    for (const auto& [key, entries] : keys_) out.push_back(key);
    return out;
}

void RecordStore::expire(Date now) {
    while (!expiries_.empty() && expiries_.begin()->first <= now) {
        const auto [key, publisher] = expiries_.begin()->second;
        expiries_.erase(expiries_.begin());
        auto& entries = keys_.at(key);
        const auto entry = lower(entries, publisher);
        discount(*entry);
        entries.erase(entry);
        if (entries.empty()) keys_.erase(key);
    }
}

std::optional<Date> RecordStore::next_expiry() const {
    return expiries_.empty() ? std::nullopt : std::optional{expiries_.begin()->first};
}

std::string_view reason(RecordStore::Verdict verdict) {
    using Verdict = RecordStore::Verdict;
    switch (verdict) {
        case Verdict::stored:
            return "stored";
        case Verdict::known:
            return "already held";
        case Verdict::stale:
            return "a newer one is held";
        case Verdict::malformed:
            return "malformed record";
        case Verdict::expired:
            return "expired";
        case Verdict::too_long_lived:
            return "lifetime beyond the limit";
        case Verdict::bad_signature:
            return "bad signature";
        case Verdict::not_a_member:
            return "its publisher is no member";
        case Verdict::full:
            return "store full";
        case Verdict::key_full:
            return "too many records under this key";
        case Verdict::publisher_full:
            return "too many records of this publisher";
        case Verdict::subnet_full:
            return "too many records from this network";
    }
    return "refused";
}

}  // namespace dht
