// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/peers.h"

#include <sodium.h>

#include <algorithm>
#include <string_view>
#include <type_traits>
#include <vector>

namespace dht {

namespace {

std::uint64_t keyed_hash(std::string_view bytes, const std::array<std::uint8_t, 16>& key) {
    std::uint64_t out = 0;
    static_assert(sizeof out == crypto_shorthash_BYTES && sizeof key == crypto_shorthash_KEYBYTES);
    crypto_shorthash(reinterpret_cast<unsigned char*>(&out),
                     reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), key.data());
    return out;
}

}  // namespace

std::uint64_t Peers::hash_of(const Endpoint& endpoint) const {
    static_assert(std::has_unique_object_representations_v<Endpoint>);
    return keyed_hash({reinterpret_cast<const char*>(&endpoint), sizeof endpoint}, hash_key_);
}

std::uint64_t Peers::hash_of(const NodeId& id) const {
    return keyed_hash(id.bytes(), hash_key_);
}

Peers::Peer& Peers::at(const Endpoint& endpoint, Time now) {
    const auto hash = hash_of(endpoint);
    Peer* peer = peers_.find(hash);
    if (peer == nullptr) {
        if (peers_.size() >= peers_max) forget_oldest();
        peer = &peers_.add(hash, {});
    }
    peer->used = std::chrono::floor<CoarseDuration>(now);
    return *peer;
}

/// A quarter at once, so that a full table is not searched for every newcomer.
void Peers::forget_oldest() {
    std::vector<CoarseTime> used;
    used.reserve(peers_.size());
    for (const auto& [endpoint, peer] : peers_) used.push_back(peer.used);
    const auto quarter = used.begin() + static_cast<std::ptrdiff_t>(used.size() / 4);
    std::nth_element(used.begin(), quarter, used.end());
    auto left = used.size() / 4;  // many may be of the same second
    peers_.erase_if([&, limit = *quarter](const auto& entry) {
        if (left == 0 || entry.value.used > limit) return false;
        --left;
        return true;
    });
}

void Peers::RoundTrips::measured(Duration round_trip) {
    const auto narrow = [](Duration time) {
        return Microseconds{static_cast<std::uint32_t>(std::min(time, round_trip_max).count())};
    };
    if (!any()) {
        smoothed = std::max(narrow(round_trip), Microseconds{1});
        deviation = narrow(round_trip / 2);
        return;
    }
    const auto difference = std::chrono::abs(Duration{smoothed} - round_trip);
    deviation = narrow((3 * Duration{deviation} + difference) / 4);
    smoothed = std::max(narrow((7 * Duration{smoothed} + round_trip) / 8), Microseconds{1});
}

void Peers::measured(const Endpoint& endpoint, Duration round_trip, Time now) {
    Peer& peer = at(endpoint, now);
    peer.silent = false;
    peer.round_trips.measured(round_trip);
    everybody_.measured(round_trip);
}

/// Who was never heard is not remembered: anybody can name addresses.
void Peers::silent(const Endpoint& endpoint) {
    if (Peer* peer = peers_.find(hash_of(endpoint))) peer->silent = true;
}

const Peers::Peer* Peers::find_measured(const Endpoint& endpoint) const {
    const Peer* peer = find(endpoint);
    return peer != nullptr && peer->round_trips.any() ? peer : nullptr;
}

Duration Peers::timeout(const Endpoint& endpoint) const {
    if (const Peer* peer = find_measured(endpoint))
        return peer->silent ? usual(endpoint)
                            : std::clamp(peer->round_trips.usual(), timeout_min, timeout_max);
    if (!everybody_.any()) return unknown_timeout;
    return std::clamp(4 * everybody_.usual(), unknown_timeout_min, unknown_timeout);
}

/// What was measured once, when this node had just begun and much came at once, is not waited for: to ask
/// one more costs little.
Duration Peers::slow(const Endpoint& endpoint) const {
    const auto others = 2 * Duration{everybody_.smoothed};
    if (const Peer* peer = find_measured(endpoint))
        return peer->silent ? Duration{0}
                            : std::clamp(std::min(peer->round_trips.usual(), others), slow_min, timeout_max);
    return everybody_.any() ? std::clamp(others, slow_min, unknown_slow) : unknown_slow;
}

/// Its own round trips may be few, of a busy moment. Whoever is farther away than everybody else and is
/// taken for gone is missed by a lookup or two, until its answer comes.
Duration Peers::usual(const Endpoint& endpoint) const {
    const Peer* peer = find_measured(endpoint);
    if (peer == nullptr) return slow_min;
    return std::clamp(std::min(peer->round_trips.usual(), everybody_.usual()), slow_min, timeout_max);
}

void Peers::proved(const Endpoint& endpoint, const NodeId& id, Time now) {
    Peer& peer = at(endpoint, now);
    peer.id = hash_of(id);
    peer.standing = Standing::proved;
}

void Peers::unproved(const Endpoint& endpoint) {
    Peer* peer = peers_.find(hash_of(endpoint));
    if (peer != nullptr && peer->standing == Standing::proved) peer->standing = Standing::unknown;
}

void Peers::unproved(const NodeId& id) {
    peers_.erase_if([hash = hash_of(id)](const auto& entry) {
        return entry.value.standing == Standing::proved && entry.value.id == hash;
    });
}

bool Peers::is_proved(const Endpoint& endpoint, const NodeId& id) const {
    const Peer* peer = find(endpoint);
    return peer != nullptr && peer->standing == Standing::proved && peer->id == hash_of(id);
}

bool Peers::is_real(const Endpoint& endpoint) const {
    const Peer* peer = find(endpoint);
    return peer != nullptr && (peer->standing == Standing::proved || peer->round_trips.any());
}

void Peers::foreign(const Endpoint& endpoint, Time now) {
    Peer& peer = at(endpoint, now);
    peer.standing = Standing::foreign;
    last_foreign_ = peer.used;
}

bool Peers::is_foreign(const Endpoint& endpoint, Time now) const {
    if (now - last_foreign_ >= foreign_for) return false;
    const Peer* peer = find(endpoint);
    return peer != nullptr && peer->standing == Standing::foreign && now - peer->used < foreign_for;
}

}  // namespace dht
