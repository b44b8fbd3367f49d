// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/peers.h"

#include <algorithm>
#include <vector>

namespace dht {

Peers::Peer& Peers::at(const Endpoint& endpoint, Time now) {
    Peer* peer = peers_.find(endpoint);
    if (peer == nullptr) {
        if (peers_.size() >= peers_max) forget_oldest();
        peer = &peers_.add(endpoint, {});
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

void Peers::measured(const Endpoint& endpoint, Duration round_trip, Time now) {
    Peer& peer = at(endpoint, now);
    const auto narrow = [](Duration time) {
        return Microseconds{
            static_cast<std::uint32_t>(std::clamp(time, Duration{0}, round_trip_max).count())};
    };
    if (peer.round_trip == Microseconds{0}) {
        peer.round_trip = narrow(std::max(round_trip, Duration{1}));
        peer.deviation = narrow(round_trip / 2);
        return;
    }
    const Duration smoothed = peer.round_trip;
    const auto difference = std::chrono::abs(smoothed - round_trip);
    peer.deviation = narrow((3 * Duration{peer.deviation} + difference) / 4);
    peer.round_trip = narrow(std::max((7 * smoothed + round_trip) / 8, Duration{1}));
}

Duration Peers::timeout(const Endpoint& endpoint) const {
    const Peer* peer = peers_.find(endpoint);
    if (peer == nullptr || peer->round_trip == Microseconds{0}) return unknown_timeout;
    const auto usual = Duration{peer->round_trip} + 4 * Duration{peer->deviation};
    return std::clamp(usual, timeout_min, timeout_max);
}

void Peers::proved(const Endpoint& endpoint, const NodeId& id, Time now) {
    Peer& peer = at(endpoint, now);
    peer.id = id;
    peer.proved = true;
    peer.foreign_until = CoarseTime{};
}

void Peers::unproved(const Endpoint& endpoint) {
    if (Peer* peer = peers_.find(endpoint)) peer->proved = false;
}

void Peers::unproved(const NodeId& id) {
    peers_.erase_if([&](const auto& entry) { return entry.value.proved && entry.value.id == id; });
}

bool Peers::is_proved(const Endpoint& endpoint, const NodeId& id) const {
    const Peer* peer = peers_.find(endpoint);
    return peer != nullptr && peer->proved && peer->id == id;
}

bool Peers::is_real(const Endpoint& endpoint) const {
    const Peer* peer = peers_.find(endpoint);
    return peer != nullptr && (peer->proved || peer->round_trip > Microseconds{0});
}

void Peers::foreign(const Endpoint& endpoint, Time now) {
    foreign_until_ = std::chrono::ceil<CoarseDuration>(now + foreign_for);
    at(endpoint, now).foreign_until = foreign_until_;
}

bool Peers::is_foreign(const Endpoint& endpoint, Time now) const {
    if (foreign_until_ <= now) return false;
    const Peer* peer = peers_.find(endpoint);
    return peer != nullptr && peer->foreign_until > now;
}

}  // namespace dht
