// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/peers.h"

#include <algorithm>
#include <vector>

namespace dht {

Peers::Peer& Peers::at(const Endpoint& endpoint, Time now) {
    if (peers_.size() >= peers_max && !peers_.contains(endpoint)) forget_oldest();
    Peer& peer = peers_[endpoint];
    peer.used = now;
    return peer;
}

/// A quarter at once, so that a full table is not searched for every newcomer.
void Peers::forget_oldest() {
    std::vector<Time> used;
    used.reserve(peers_.size());
    for (const auto& [endpoint, peer] : peers_) used.push_back(peer.used);
    const auto quarter = used.begin() + static_cast<std::ptrdiff_t>(used.size() / 4);
    std::nth_element(used.begin(), quarter, used.end());
    std::erase_if(peers_, [limit = *quarter](const auto& entry) { return entry.second.used <= limit; });
}

void Peers::measured(const Endpoint& endpoint, Duration round_trip, Time now) {
    Peer& peer = at(endpoint, now);
    if (peer.round_trip == Duration{0}) {
        peer.round_trip = std::max(round_trip, Duration{1});
        peer.deviation = round_trip / 2;
        return;
    }
    const auto difference = std::chrono::abs(peer.round_trip - round_trip);
    peer.deviation = (3 * peer.deviation + difference) / 4;
    peer.round_trip = std::max((7 * peer.round_trip + round_trip) / 8, Duration{1});
}

Duration Peers::timeout(const Endpoint& endpoint) const {
    const auto found = peers_.find(endpoint);
    if (found == peers_.end() || found->second.round_trip == Duration{0}) return unknown_timeout;
    return std::clamp(found->second.round_trip + 4 * found->second.deviation, timeout_min, timeout_max);
}

void Peers::proved(const Endpoint& endpoint, const NodeId& id, Time now) {
    Peer& peer = at(endpoint, now);
    peer.proved = id;
    peer.foreign_until = Time{};
}

void Peers::unproved(const Endpoint& endpoint) {
    const auto found = peers_.find(endpoint);
    if (found != peers_.end()) found->second.proved.reset();
}

bool Peers::is_proved(const Endpoint& endpoint, const NodeId& id) const {
    const auto found = peers_.find(endpoint);
    return found != peers_.end() && found->second.proved == id;
}

bool Peers::is_real(const Endpoint& endpoint) const {
    const auto found = peers_.find(endpoint);
    return found != peers_.end() && (found->second.proved || found->second.round_trip > Duration{0});
}

void Peers::foreign(const Endpoint& endpoint, Time now) {
    at(endpoint, now).foreign_until = now + foreign_for;
}

bool Peers::is_foreign(const Endpoint& endpoint, Time now) const {
    const auto found = peers_.find(endpoint);
    return found != peers_.end() && found->second.foreign_until > now;
}

}  // namespace dht
