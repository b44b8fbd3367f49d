// SPDX-License-Identifier: LGPL-2.1-or-later
// A room's other servers: how they are reached, and what each says of who is in it.
#include <algorithm>

#include "federation/room.h"
#include "federation/room_times.h"

namespace federation {

using namespace room_times;

// ---- Reaching the others

void Room::reach(const dht::NodeId& id, Peer& peer, dht::Now now, RoomOutput& output) {
    if (peer.stage != Stage::away || now.time < peer.retry_at) return;
    const bool up = world_->up.contains(id);
    if (up && !world_->may_greet(id, now.time)) {
        peer.retry_at = now.time + greeting_delay + some_of(greeting_delay);
        return;
    }
    back_off(peer, now);
    if (up) {
        greet(id, peer, now, output);
    } else {
        output.reach.emplace_back(id, peer.signalling);
    }
}

void Room::back_off(Peer& peer, dht::Now now, dht::Duration at_least) {
    const auto doubled = std::min<dht::Duration>(retry_max, retry_min * (1 << std::min(peer.tries, 6U)));
    // Jitter: or all who lost the same server would dial it in step.
    peer.tries = std::min(peer.tries + 1, 16U);
    peer.retry_at = now.time + std::max(doubled, at_least) + some_of(doubled / 4);
}

void Room::up(const dht::NodeId& id, dht::Now now, RoomOutput& output) {
    const auto peer = peers_.find(id);
    if (peer == peers_.end() || peer->second.stage != Stage::away) return;
    if (state_ != State::here && state_ != State::proving) return;
    if (peer->second.retry_at <= now.time + retry_max + retry_max / 4) peer->second.retry_at = {};
    reach(id, peer->second, now, output);
}

void Room::down(const dht::NodeId& id, Reason reason, dht::Now now, RoomOutput& output) {
    const auto entry = peers_.find(id);
    if (entry == peers_.end() || entry->second.stage == Stage::away) return;
    auto& peer = entry->second;
    part(id, peer, reason, output);
    peer.tries = 0;
    peer.retry_at = {};
    peer.listed_until = std::max(peer.listed_until, now.time + world_->config.record_lifetime);
    reach(id, peer, now, output);
}

void Room::unreachable(const dht::NodeId& id, dht::Now now) {
    const auto peer = peers_.find(id);
    if (peer == peers_.end() || peer->second.stage != Stage::away) return;
    if (now.time >= peer->second.retry_at) back_off(peer->second, now);
}

void Room::advance(dht::Now now, RoomOutput& output) {
    if (give_up_at_ && now.time >= *give_up_at_) {
        give_up_at_.reset();
        if (state_ == State::proving) return refuse(failure_, output);
        // Nobody could be found in time: one that was made here goes on alone, and looks again.
        if (state_ == State::looking) return found(nullptr, now, output);
        tell_created(output);  // nobody else keeps its record, but here it is
    }
    if (look_at_ && now.time >= *look_at_) {
        look_later(now);
        if (members_) output.look = true;
        forget_strangers(now);
    }
    for (auto& [id, peer] : peers_) {
        if (peer.stage == Stage::in || now.time < peer.retry_at) continue;
        if (peer.stage == Stage::greeted) turn_away(id, peer, Reason::timeout, now, output);
        reach(id, peer, now, output);
    }
}

// ---- Saying who is in

void Room::greet(const dht::NodeId& id, Peer& peer, dht::Now now, RoomOutput& output) {
    if (peer.stage == Stage::away) {
        peer.stage = Stage::greeted;
        peer.our_visit = chance();
        peer.retry_at = now.time + greeting_timeout;
        output.use.emplace_back(id, 1);
    }
    RoomEnter enter{.room = name_,
                    .visit = peer.our_visit,
                    .answer = peer.visit,
                    .policy = encode(policy_),
                    .keyholder = token_.has_value(),
                    .clients = world_->config.clients,
                    .servers = {}};
    for (const auto& [other, entry] : peers_) {
        if (other == id || entry.stage != Stage::in || !entry.signalling) continue;
        enter.servers.push_back({other, *entry.signalling});
    }
    output.send.emplace_back(id, std::move(enter));
}

void Room::admit(const dht::NodeId& id, Peer& peer, dht::Now now, RoomOutput& output) {
    peer.stage = Stage::in;
    peer.tries = 0;
    peer.retry_at = {};
    peer.proof.reset();
    if (state_ == State::proving) settle_here(now, output);
    if (!std::exchange(peer.told, true)) output.tell.emplace_back(RoomPeerUp{name_, id});
    peer.said = 0;
    for (auto& part : own_.whole(name_, peer.said)) output.send.emplace_back(id, std::move(part));
}

void Room::part(const dht::NodeId& id, Peer& peer, Reason reason, RoomOutput& output) {
    if (std::exchange(peer.told, false)) output.tell.emplace_back(RoomPeerDown{name_, id, reason});
    if (peer.stage != Stage::away) output.use.emplace_back(id, -1);
    output.parted.push_back(id);
    peer.stage = Stage::away;
    peer.visit.clear();
    peer.our_visit.clear();
    peer.roster.clear(id, world_->budget);
    peer.proof.reset();
    peer.policy.reset();
}

void Room::turn_away(const dht::NodeId& id, Peer& peer, Reason reason, dht::Now now, RoomOutput& output) {
    output.send.emplace_back(id, RoomLeave{name_, reason});
    part(id, peer, reason, output);
    back_off(peer, now, retry_refused);
    if (state_ == State::proving) failure_ = reason;
}

void Room::receive(const dht::NodeId& id, const RoomEnter& enter, dht::Now now, RoomOutput& output) {
    const bool asked = peers_.contains(id) && peers_.at(id).stage != Stage::away;
    const bool open = here() || (state_ == State::proving && asked);
    const auto refuse = [&](Reason reason) { output.send.emplace_back(id, RoomLeave{name_, reason}); };
    if (!open) return refuse(Reason::unknown_room);
    if (!peers_.contains(id) && !has_place(now)) return refuse(Reason::too_many);
    const auto theirs = decode_policy(dht::view(enter.policy));
    const bool known = theirs && here() && *theirs == policy_;
    if (!theirs || !(known || verify(*theirs, world_->config.node.federation, name_))) {
        if (asked) return turn_away(id, peers_.at(id), Reason::policy_conflict, now, output);
        return refuse(Reason::policy_conflict);
    }
    auto& peer = peers_[id];
    peer.key = enter.keyholder ? std::optional{theirs->key} : std::nullopt;
    peer.clients = enter.clients;
    if (!agree(id, peer, *theirs, now, output)) return;
    if (over()) return;
    if (peer.visit == enter.visit) return;  // ours was answered already
    const bool knows_us = peer.stage != Stage::away && enter.answer == peer.our_visit;
    peer.visit = enter.visit;
    peer.proof.reset();
    if (peer.stage == Stage::in) {  // it has forgotten: from the beginning
        peer.stage = Stage::greeted;
        peer.retry_at = now.time + greeting_timeout;
    }
    if (!knows_us) greet(id, peer, now, output);
    if (!policy_.rules.pin) {
        admit(id, peer, now, output);
    } else if (world_->self > id) {
        begin_proof(id, peer, now, output);
    }
    if (!here()) return;
    for (const auto& server : enter.servers) hint(server, now, output);
}

void Room::receive(const dht::NodeId& id, const RoomRoster& said, dht::Now now, RoomOutput& output) {
    const auto entry = peers_.find(id);
    if (entry == peers_.end() || entry->second.stage != Stage::in) return;
    auto& peer = entry->second;
    PeerRoster::News news;
    const auto verdict = peer.roster.hear(said, id, world_->budget, news);
    if (verdict == PeerRoster::Verdict::fine) {
        for (auto& p : news.changed) output.tell.emplace_back(ParticipantChanged{name_, id, std::move(p)});
        for (auto& gone : news.gone) output.tell.emplace_back(ParticipantGone{name_, id, std::move(gone)});
        return;
    }
    const bool missing = verdict == PeerRoster::Verdict::missing;
    turn_away(id, peer, missing ? Reason::protocol_error : Reason::too_many, now, output);
    if (!missing) return;
    peer.retry_at = now.time + retry_min;
}

void Room::receive(const dht::NodeId& id, const RoomLeave& leave, dht::Now now, RoomOutput& output) {
    const auto entry = peers_.find(id);
    if (entry == peers_.end() || entry->second.stage == Stage::away) return;
    auto& peer = entry->second;
    part(id, peer, leave.reason, output);
    const bool gone = leave.reason == Reason::none || leave.reason == Reason::unknown_room ||
                      leave.reason == Reason::room_destroyed;
    if (state_ == State::proving) {
        failure_ = leave.reason == Reason::wrong_pin || leave.reason == Reason::too_many_guesses
                       ? leave.reason
                       : failure_;
    }
    if (leave.reason == Reason::protocol_error) {
        back_off(peer, now);
    } else {
        back_off(peer, now, gone ? look_min : retry_refused);
        peer.listed_until = now.time;
    }
}

}  // namespace federation
