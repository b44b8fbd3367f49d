// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/roster.h"

#include <utility>

#include "dht/utf8.h"
#include "federation/name.h"
#include "federation/protocol.h"

namespace federation {

namespace {

/// Of what one message lists. JSON may take twice that: 64 KiB are never reached.
constexpr std::size_t message_share = 24 * 1024;

/// As it is kept: the strings, and what holds them together.
std::size_t cost(const Participant& participant) {
    constexpr std::size_t overhead = 256;
    return participant.id.size() + participant.display.size() + participant.about.size() + overhead;
}

}  // namespace

bool RosterBudget::take(const dht::NodeId& peer, std::size_t count) {
    auto& peers = of_peer[peer];
    const bool fits = bytes + count <= bytes_max && peers + count <= bytes_of_peer_max;
    if (fits) {
        bytes += count;
        peers += count;
    }
    if (peers == 0) of_peer.erase(peer);
    return fits;
}

void RosterBudget::give_back(const dht::NodeId& peer, std::size_t count) {
    bytes -= count;
    const auto entry = of_peer.find(peer);
    entry->second -= count;
    if (entry->second == 0) of_peer.erase(entry);
}

bool valid_participant(const Participant& participant) {
    return valid_label(participant.id) && participant.display.size() <= display_bytes_max &&
           dht::is_utf8(participant.display) &&
           (participant.about.empty() || valid_object(participant.about, about_bytes_max));
}

// ---- Our own

bool OwnRoster::set(Participant participant) {
    if (!valid_participant(participant)) return false;
    if (!all_.contains(participant.id) && all_.size() >= participants_max) return false;
    auto id = participant.id;
    all_.insert_or_assign(std::move(id), std::move(participant));
    return true;
}

bool OwnRoster::remove(const std::string& id) {
    return all_.erase(id) > 0;
}

const Participant* OwnRoster::find(const std::string& id) const {
    const auto found = all_.find(id);
    return found == all_.end() ? nullptr : &found->second;
}

std::vector<RoomRoster> OwnRoster::whole(const std::string& room, std::uint64_t& seq) const {
    std::vector<RoomRoster> out{RoomRoster{.room = room, .seq = ++seq, .begin = true, .set = {}, .gone = {}}};
    std::size_t bytes = 0;
    for (const auto& [id, participant] : all_) {
        if (bytes > 0 && bytes + cost(participant) > message_share) {
            out.push_back(RoomRoster{.room = room, .seq = ++seq, .set = {}, .gone = {}});
            bytes = 0;
        }
        bytes += cost(participant);
        out.back().set.push_back(participant);
    }
    out.back().end = true;
    return out;
}

// ---- Another server's

PeerRoster::Verdict PeerRoster::hear(const RoomRoster& said, const dht::NodeId& peer, RosterBudget& budget,
                                     News& news) {
    if (said.begin) {
        begun_ = true;
        unconfirmed_.clear();
        for (const auto& [id, participant] : all_) unconfirmed_.insert(id);
    } else if (!begun_ || said.seq != seq_ + 1) {
        return Verdict::missing;
    }
    seq_ = said.seq;
    for (const auto& participant : said.set) {
        if (!set(participant, peer, budget, news)) return Verdict::too_many;
    }
    for (const auto& id : said.gone) remove(id, peer, budget, news);
    if (said.end) {
        for (const auto& id : std::exchange(unconfirmed_, {})) remove(id, peer, budget, news);
    }
    return Verdict::fine;
}

bool PeerRoster::set(const Participant& participant, const dht::NodeId& peer, RosterBudget& budget,
                     News& news) {
    unconfirmed_.erase(participant.id);
    const auto known = all_.find(participant.id);
    if (known != all_.end()) {
        if (known->second == participant) return true;
        budget.give_back(peer, cost(known->second));
        all_.erase(known);
    }
    if (all_.size() >= participants_max || !budget.take(peer, cost(participant))) return false;
    all_.emplace(participant.id, participant);
    news.changed.push_back(participant);
    return true;
}

void PeerRoster::remove(const std::string& id, const dht::NodeId& peer, RosterBudget& budget, News& news) {
    const auto known = all_.find(id);
    if (known == all_.end()) return;
    budget.give_back(peer, cost(known->second));
    all_.erase(known);
    news.gone.push_back(id);
}

void PeerRoster::clear(const dht::NodeId& peer, RosterBudget& budget) {
    for (const auto& [id, participant] : all_) budget.give_back(peer, cost(participant));
    all_.clear();
    unconfirmed_.clear();
    begun_ = false;
}

}  // namespace federation
