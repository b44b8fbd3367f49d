// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/routing_table.h"

#include <algorithm>
#include <array>
#include <bit>

#include "dht/subnet.h"

namespace dht {

namespace {

using Near = RoutingTable::Near;

/// A bucket's worth, and some more.
constexpr std::size_t counted_max = 32;

/// A node spends much of its time here. So each one's place is found by counting those that are nearer: that
/// is more comparisons than a sort needs, but no branch that the processor could guess wrongly, and of so few
/// it takes a fifth of the time. False if the 31 bits that are compared do not tell all of them apart.
bool count_nearest_first(std::span<Near> all) {
    std::array<Near, counted_max> given;
    std::array<std::int32_t, counted_max> distances;
    std::uint64_t differing = 0;
    for (const Near& near : all) differing |= near.distance ^ all.front().distance;
    // The first bits are the same for a whole bucket.
    const auto same = static_cast<unsigned>(std::countl_zero(differing | 1U));
    for (std::size_t i = 0; i < all.size(); ++i) {
        given[i] = all[i];
        distances[i] = static_cast<std::int32_t>(all[i].distance << same >> 33U);
    }
    std::size_t places = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        std::int32_t place = 0;
        for (std::size_t j = 0; j < all.size(); ++j) place += distances[j] < distances[i] ? 1 : 0;
        all[static_cast<std::size_t>(place)] = given[i];
        places += static_cast<std::size_t>(place);
    }
    if (places == all.size() * (all.size() - 1) / 2) return true;
    std::copy_n(given.begin(), all.size(), all.begin());
    return false;
}

void nearest_first(std::span<Near> all, const NodeId& target) {
    if (all.size() <= counted_max && (all.empty() || count_nearest_first(all))) return;
    std::sort(all.begin(), all.end(), [&](const Near& a, const Near& b) {
        return a.distance != b.distance ? a.distance < b.distance
                                        : closer(target, a.contact->id, b.contact->id);
    });
}

}  // namespace

thread_local std::vector<RoutingTable::Near> RoutingTable::near_;

RoutingTable::RoutingTable(const NodeId& self, Policy policy, Random& random)
    : self_(self), policy_(policy), random_(random) {}

std::size_t RoutingTable::index_of(const NodeId& id) const {
    return std::min(shared_prefix(self_, id), NodeId::bits - 1);
}

const RoutingTable::Bucket* RoutingTable::bucket_of(const NodeId& id) const {
    const auto index = index_of(id);
    return index < buckets_.size() ? &buckets_[index] : nullptr;
}

RoutingTable::Bucket& RoutingTable::make_bucket(const NodeId& id, Time now) {
    const auto index = index_of(id);
    while (buckets_.size() <= index) {
        buckets_.emplace_back().refresh_at = now + jittered(refresh_interval);
    }
    return buckets_[index];
}

/// Nodes that were started together must not refresh together.
Duration RoutingTable::jittered(Duration interval) {
    const auto quarter = static_cast<std::uint64_t>(interval.count() / 4);
    return interval - Duration{static_cast<Duration::rep>(random_.below(quarter + 1))};
}

bool RoutingTable::subnet_full(const Bucket& bucket, const Endpoint& endpoint) const {
    if (policy_.exempt_private && is_private(endpoint)) return false;
    const auto subnet = subnet_of(endpoint);
    const auto same = std::count_if(bucket.entries.begin(), bucket.entries.end(), [&](const Entry& entry) {
        return subnet_of(entry.contact.endpoint) == subnet;
    });
    return static_cast<std::size_t>(same) >= policy_.per_subnet;
}

/// Who speaks both families needs contacts of both, however few there are of one.
bool RoutingTable::has_room(const Bucket& bucket, const Endpoint& endpoint) const {
    const auto& entries = bucket.entries;
    if (entries.size() < policy_.k) return true;
    const auto same = std::count_if(entries.begin(), entries.end(), [&](const Entry& entry) {
        return entry.contact.endpoint.is_v4() == endpoint.is_v4();
    });
    return static_cast<std::size_t>(same) < policy_.k;
}

std::optional<Contact> RoutingTable::take_replacement(Bucket& bucket, const Endpoint& gone) {
    auto& waiting = bucket.replacements;
    const auto next = std::find_if(waiting.rbegin(), waiting.rend(), [&](const Contact& contact) {
        return contact.endpoint.is_v4() == gone.is_v4();
    });
    if (next == waiting.rend()) return std::nullopt;
    const Contact out = *next;
    waiting.erase(std::next(next).base());
    return out;
}

/// The holder of the key was heard elsewhere. Only if it is silent at its old address does it move:
/// otherwise whoever relays its proofs could draw its traffic.
bool RoutingTable::moved(Entry& entry, const Endpoint& to, Time now) {
    if (entry.failures == 0) {
        entry.ping_at = std::chrono::floor<CoarseDuration>(now);
        next_ping_ = std::min(next_ping_, now);
        return false;
    }
    entry.contact.endpoint = to;
    return true;
}

bool RoutingTable::answered(const Contact& contact, Time now) {
    if (contact.id == self_) return false;
    Bucket& bucket = make_bucket(contact.id, now);
    auto& entries = bucket.entries;
    const auto found = std::find_if(entries.begin(), entries.end(),
                                    [&](const Entry& entry) { return entry.contact.id == contact.id; });
    if (found != entries.end()) {
        const bool elsewhere = found->contact.endpoint != contact.endpoint;
        if (elsewhere && !moved(*found, contact.endpoint, now)) return false;
        const bool back = !found->alive();
        found->failures = 0;
        found->ping_at = never;
        if (back) {
            ++alive_;
            hasten(now);
        }
        return back;
    }
    if (subnet_full(bucket, contact.endpoint)) return false;
    if (has_room(bucket, contact.endpoint)) {
        // A vector would double: a third of all places would be empty.
        if (entries.size() == entries.capacity()) entries.reserve(entries.size() + 4);
        entries.push_back({.contact = contact});
        ++alive_;
        return true;
    }
    const auto silent = std::find_if(entries.begin(), entries.end(), [&](const Entry& e) {
        return !e.alive() && e.contact.endpoint.is_v4() == contact.endpoint.is_v4();
    });
    if (silent != entries.end()) {
        *silent = {.contact = contact};
        ++alive_;
        return true;
    }
    remember(bucket, contact);
    return false;
}

/// One who was lost is back: perhaps the network is, and the others need not wait for their turn.
void RoutingTable::hasten(Time now) {
    for (Bucket& bucket : buckets_) {
        for (Entry& entry : bucket.entries) {
            if (entry.alive()) continue;
            const auto within = static_cast<std::uint64_t>(hastened_within.count());
            const auto soon = now + Duration{static_cast<Duration::rep>(random_.below(within))};
            entry.ping_at = std::min(entry.ping_at, std::chrono::floor<CoarseDuration>(soon));
            next_ping_ = std::min<Time>(next_ping_, entry.ping_at);
        }
    }
}

void RoutingTable::remember(Bucket& bucket, const Contact& contact) {
    auto& waiting = bucket.replacements;
    std::erase_if(waiting, [&](const Contact& other) { return other.id == contact.id; });
    if (waiting.size() >= replacements_max) waiting.erase(waiting.begin());
    waiting.push_back(contact);
}

void RoutingTable::failed(const Contact& contact, Time now) {
    const auto index = index_of(contact.id);
    if (index >= buckets_.size()) return;
    Bucket& bucket = buckets_[index];
    std::erase(bucket.replacements, contact);
    const auto found = std::find_if(bucket.entries.begin(), bucket.entries.end(),
                                    [&](const Entry& entry) { return entry.contact == contact; });
    if (found == bucket.entries.end()) return;
    // Questions that were under way together are lost together: that is one failure.
    if (found->failures > 0 && now - found->failed < second_chance) return;
    found->failed = std::chrono::ceil<CoarseDuration>(now);
    if (found->failures < failures_until_dropped) ++found->failures;
    if (found->failures < failures_until_suspect) {
        found->ping_at = std::chrono::ceil<CoarseDuration>(now + second_chance);
    } else {
        suspect(bucket, found, now);
    }
    if (found != bucket.entries.end()) next_ping_ = std::min(next_ping_, now + second_chance);
}

void RoutingTable::suspect(Bucket& bucket, std::vector<Entry>::iterator entry, Time now) {
    if (entry->failures == failures_until_suspect) --alive_;
    if (const auto next = take_replacement(bucket, entry->contact.endpoint)) {
        *entry = {.contact = *next};
        ++alive_;
        return;
    }
    // While everybody is silent it is more likely that we are cut off than that they all left.
    if (entry->failures >= failures_until_dropped && alive_ > 0) {
        *entry = bucket.entries.back();
        bucket.entries.pop_back();
        return;
    }
    if (feel_at_ == Time::max()) feel_at_ = now + jittered(felt_for_every);
    const auto doublings = std::min<int>(entry->failures - failures_until_suspect, 8);
    const auto pause = std::min(suspect_retry_max, jittered(suspect_retry_min) * (1 << doublings));
    entry->ping_at = std::chrono::ceil<CoarseDuration>(now + pause);
}

void RoutingTable::remove(const NodeId& id) {
    const auto index = index_of(id);
    if (index >= buckets_.size()) return;
    Bucket& bucket = buckets_[index];
    std::erase_if(bucket.replacements, [&](const Contact& contact) { return contact.id == id; });
    const auto found = std::find_if(bucket.entries.begin(), bucket.entries.end(),
                                    [&](const Entry& entry) { return entry.contact.id == id; });
    if (found == bucket.entries.end()) return;
    if (found->alive()) --alive_;
    const auto next = take_replacement(bucket, found->contact.endpoint);
    bucket.entries.erase(found);
    if (!next) return;
    bucket.entries.push_back({.contact = *next});
    ++alive_;
}

void RoutingTable::looked_up(const NodeId& target, Time now) {
    const auto index = index_of(target);
    if (index < buckets_.size()) buckets_[index].refresh_at = now + jittered(refresh_interval);
}

bool RoutingTable::wants(const Contact& contact) const {
    if (contact.id == self_) return false;
    const Bucket* bucket = bucket_of(contact.id);
    if (bucket == nullptr) return true;
    for (const Entry& entry : bucket->entries) {
        if (entry.contact.id != contact.id) continue;
        return !entry.alive() || entry.contact.endpoint != contact.endpoint;
    }
    const auto& waiting = bucket->replacements;
    if (std::find(waiting.begin(), waiting.end(), contact) != waiting.end()) return false;
    if (subnet_full(*bucket, contact.endpoint)) return false;
    return has_room(*bucket, contact.endpoint) || waiting.size() < replacements_sought ||
           std::any_of(bucket->entries.begin(), bucket->entries.end(),
                       [](const Entry& e) { return !e.alive(); });
}

bool RoutingTable::holds(const Contact& contact) const {
    const Bucket* bucket = bucket_of(contact.id);
    return bucket != nullptr && std::any_of(bucket->entries.begin(), bucket->entries.end(),
                                            [&](const Entry& entry) { return entry.contact == contact; });
}

bool RoutingTable::suspects(const Contact& contact) const {
    const Bucket* bucket = bucket_of(contact.id);
    return bucket != nullptr &&
           std::any_of(bucket->entries.begin(), bucket->entries.end(),
                       [&](const Entry& entry) { return entry.contact == contact && !entry.alive(); });
}

void RoutingTable::collect(std::size_t index, const NodeId& target, Families families) const {
    if (index >= buckets_.size()) return;
    for (const Entry& entry : buckets_[index].entries) {
        if (!entry.alive()) continue;
        const Contact& contact = entry.contact;
        if (families.contain(contact.endpoint)) {
            near_.push_back({leading_distance(target, contact.id), &contact});
        }
    }
}

std::span<const RoutingTable::Near> RoutingTable::closest(const NodeId& target, std::size_t count,
                                                          Families families) const {
    near_.clear();
    const auto sort_from = [&](std::size_t first) { nearest_first(std::span{near_}.subspan(first), target); };
    // Everybody in the target's own bucket is nearer to it than anybody in a deeper one, and those
    // than anybody in the next shallower one: no need to look at the whole table.
    const auto index = index_of(target);
    collect(index, target, families);
    sort_from(0);
    if (near_.size() < count) {
        const auto sorted = near_.size();
        for (auto deeper = index + 1; deeper < buckets_.size(); ++deeper) collect(deeper, target, families);
        sort_from(sorted);
    }
    for (auto shallower = index; shallower > 0 && near_.size() < count; --shallower) {
        const auto sorted = near_.size();
        collect(shallower - 1, target, families);
        sort_from(sorted);
    }
    return std::span{near_}.first(std::min(count, near_.size()));
}

void RoutingTable::closest(const NodeId& target, std::size_t count, std::vector<Contact>& out,
                           Families families) const {
    out.clear();
    for (const Near& near : closest(target, count, families)) out.push_back(*near.contact);
}

std::vector<Contact> RoutingTable::contacts() const {
    std::vector<Contact> out;
    for (const Bucket& bucket : buckets_) {
        for (const Entry& entry : bucket.entries) {
            if (entry.alive()) out.push_back(entry.contact);
        }
    }
    return out;
}

std::vector<Contact> RoutingTable::lost(std::size_t most) const {
    std::vector<Contact> out;
    for (auto bucket = buckets_.rbegin(); bucket != buckets_.rend(); ++bucket) {
        for (const Entry& entry : bucket->entries) {
            if (!entry.alive() && out.size() < most) out.push_back(entry.contact);
        }
    }
    return out;
}

std::optional<Contact> RoutingTable::take_suspect(Time now) {
    if (next_ping_ > now) return std::nullopt;
    Time earliest = Time::max();
    for (Bucket& bucket : buckets_) {
        for (Entry& entry : bucket.entries) {
            if (entry.ping_at <= now) {
                // Whatever comes of the ping sets the next time; this is for a ping never sent.
                entry.ping_at = std::chrono::ceil<CoarseDuration>(now + suspect_retry_max);
                return entry.contact;
            }
            if (entry.ping_at != never) earliest = std::min<Time>(earliest, entry.ping_at);
        }
    }
    next_ping_ = earliest;
    return std::nullopt;
}

std::optional<Contact> RoutingTable::take_feeler(Time now) {
    if (feel_at_ > now) return std::nullopt;
    feel_at_ = Time::max();
    std::vector<const Contact*> silent;
    for (const Bucket& bucket : buckets_) {
        for (const Entry& entry : bucket.entries) {
            if (!entry.alive()) silent.push_back(&entry.contact);
        }
    }
    if (silent.empty()) return std::nullopt;
    feel_at_ = now + jittered(felt_for_every);
    return *silent[random_.below(silent.size())];
}

std::optional<NodeId> RoutingTable::take_refresh(Time now) {
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
        if (buckets_[i].refresh_at > now) continue;
        buckets_[i].refresh_at = now + jittered(refresh_interval);
        if (lookups_of_self_fill(i)) continue;
        NodeId target = random_.node_id();
        for (std::size_t bit = 0; bit <= i; ++bit) {  // shares exactly i bits with us
            const auto mask = static_cast<std::uint8_t>(0x80U >> (bit % 8));
            const bool ours = (self_.octets[bit / 8] & mask) != 0;
            const bool set = bit == i ? !ours : ours;
            auto& octet = target.octets[bit / 8];
            octet = static_cast<std::uint8_t>(set ? octet | mask : octet & ~mask);
        }
        return target;
    }
    return std::nullopt;
}

/// They end when the k nearest have answered. While the bucket and the deeper ones hold fewer, everybody in
/// it is among those.
bool RoutingTable::lookups_of_self_fill(std::size_t index) const {
    std::size_t nodes = 0;
    for (; index < buckets_.size() && nodes < policy_.k; ++index) nodes += buckets_[index].entries.size();
    return nodes < policy_.k;
}

void RoutingTable::refresh_all(Duration within, Time now) {
    for (Bucket& bucket : buckets_) {
        bucket.refresh_at = now + Duration{static_cast<Duration::rep>(
                                      random_.below(static_cast<std::uint64_t>(within.count()) + 1))};
    }
}

std::optional<Time> RoutingTable::deadline() const {
    Time earliest = std::min(next_ping_, feel_at_);
    for (const Bucket& bucket : buckets_) earliest = std::min(earliest, bucket.refresh_at);
    return earliest == Time::max() ? std::nullopt : std::optional{earliest};
}

}  // namespace dht
