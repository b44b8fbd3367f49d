// SPDX-License-Identifier: LGPL-2.1-or-later
// A room's rules, of which one server's hold, and its pin, which servers prove to each other.
#include <utility>

#include "federation/room.h"

namespace federation {

// ---- Whose rules hold

bool Room::agree(const dht::NodeId& id, Peer& peer, const RoomPolicy& theirs, dht::Now now,
                 RoomOutput& output) {
    switch (kinship(policy_, theirs)) {
        case Kinship::stranger:
            turn_away(id, peer, Reason::policy_conflict, now, output);
            return false;
        case Kinship::pin:
            peer.policy = theirs;
            return true;
        case Kinship::same:
            break;
    }
    if (supersedes(theirs, policy_)) {
        adopt(theirs, id, output);
    } else if (theirs.key == policy_.key && theirs.version < policy_.version) {
        output.send.emplace_back(id, RoomPolicyNews{.room = name_, .policy = encode(policy_), .pin = {}});
    }
    return true;
}

void Room::adopt(const RoomPolicy& policy, const std::optional<dht::NodeId>& from, RoomOutput& output,
                 dht::Bytes pin_signature) {
    const bool other_key = policy.key != policy_.key;
    const bool news = policy.rules != policy_.rules;
    policy_ = policy;
    pin_signature_ = std::move(pin_signature);
    if (other_key && token_) {
        token_.reset();  // it was made elsewhere, and first
        secret_.reset();
    }
    if (policy_.destroyed) {
        output.tell.emplace_back(RoomDestroyed{name_});
    } else if (news && here()) {
        output.tell.emplace_back(RoomRulesChanged{name_, policy_.rules});
    }
    pass_on(from, output);
    if (policy_.destroyed) finish(Reason::room_destroyed, output);
}

void Room::pass_on(const std::optional<dht::NodeId>& from, RoomOutput& output) const {
    const bool with_pin = policy_.rules.pin && !pin_signature_.empty();
    for (const auto& [id, peer] : peers_) {
        if (peer.stage != Stage::in || id == from) continue;
        output.send.emplace_back(
            id, RoomPolicyNews{name_, encode(policy_), with_pin ? pin_.value_or("") : "", pin_signature_});
    }
}

void Room::receive(const dht::NodeId& id, const RoomPolicyNews& news, dht::Now now, RoomOutput& output) {
    const auto& federation = world_->config.node.federation;
    const auto theirs = decode_policy(dht::view(news.policy));
    if (!has(id)) {
        // Whoever brings it: its maker says that the room is no more, and we were cut off then.
        const bool last = theirs && here() && theirs->destroyed && theirs->key == policy_.key &&
                          supersedes(*theirs, policy_);
        if (last && verify(*theirs, federation, name_)) adopt(*theirs, id, output);
        return;
    }
    const bool right = theirs && verify(*theirs, federation, name_);
    const bool has_pin = !news.pin_signature.empty();
    const bool pin_is_right =
        right && has_pin && is_pin(news.pin, *theirs, federation, name_, dht::view(news.pin_signature));
    if (!right || (has_pin && !pin_is_right)) {
        return turn_away(id, peers_.at(id), Reason::policy_conflict, now, output);
    }
    if (kinship(policy_, *theirs) != Kinship::same) return;
    if (supersedes(*theirs, policy_)) {
        if (pin_is_right) pin_ = news.pin;
        adopt(*theirs, id, output, pin_is_right ? news.pin_signature : dht::Bytes{});
    } else if (pin_is_right && pin_signature_.empty() && *theirs == policy_) {
        // Somebody was quicker, and has left out the pin.
        pin_ = news.pin;
        pin_signature_ = news.pin_signature;
        pass_on(id, output);
    }
}

// ---- Proving the pin

PinProof::Terms Room::terms(const dht::NodeId& initiator, const dht::NodeId& responder,
                            const std::string& run) const {
    return {pin_.value_or(""),
            with_lengths({"viaduct room pin 1", world_->config.node.federation, name_, initiator.hex(),
                          responder.hex()}),
            run,
            {},
            {}};
}

void Room::begin_proof(const dht::NodeId& id, Peer& peer, dht::Now now, RoomOutput& output) {
    if (!world_->guesses.begin(name_, id, now.time)) {
        return turn_away(id, peer, Reason::too_many_guesses, now, output);
    }
    peer.run = chance();
    peer.proof.emplace(PinProof::Role::initiator, terms(world_->self, id, peer.run), world_->random);
    output.send.emplace_back(id, RoomProof{.room = name_,
                                           .run = peer.run,
                                           .share = dht::Bytes{dht::text(peer.proof->share())},
                                           .confirm = {},
                                           .grant = {}});
}

void Room::receive(const dht::NodeId& id, const RoomProof& proof, dht::Now now, RoomOutput& output) {
    const auto entry = peers_.find(id);
    const bool due = entry != peers_.end() && entry->second.stage == Stage::greeted &&
                     !entry->second.visit.empty() && policy_.rules.pin;
    if (!due) return;
    auto& peer = entry->second;
    const auto share = array_of<32>(proof.share);
    const auto confirm = array_of<32>(proof.confirm);
    const bool initiator = world_->self > id;
    if (!initiator && !peer.proof) {  // its share
        if (!share || !world_->guesses.begin(name_, id, now.time)) {
            return turn_away(id, peer, share ? Reason::too_many_guesses : Reason::wrong_pin, now, output);
        }
        peer.run = proof.run;
        peer.proof.emplace(PinProof::Role::responder, terms(id, world_->self, peer.run), world_->random);
        if (!peer.proof->receive(*share)) return turn_away(id, peer, Reason::wrong_pin, now, output);
        output.send.emplace_back(id, RoomProof{.room = name_,
                                               .run = peer.run,
                                               .share = dht::Bytes{dht::text(peer.proof->share())},
                                               .confirm = dht::Bytes{dht::text(peer.proof->confirmation())},
                                               .grant = {}});
        return;
    }
    if (!peer.proof || proof.run != peer.run) return;
    const bool right =
        confirm && (!initiator || (share && peer.proof->receive(*share))) && peer.proof->confirmed(*confirm);
    if (!right) return turn_away(id, peer, Reason::wrong_pin, now, output);
    if (initiator) {
        output.send.emplace_back(id, RoomProof{.room = name_,
                                               .run = peer.run,
                                               .share = {},
                                               .confirm = dht::Bytes{dht::text(peer.proof->confirmation())},
                                               .grant = {}});
    }
    proved(id, peer, now, output);
}

void Room::proved(const dht::NodeId& id, Peer& peer, dht::Now now, RoomOutput& output) {
    world_->guesses.right(name_, id, now.time);
    const auto theirs = std::exchange(peer.policy, std::nullopt);
    admit(id, peer, now, output);
    if (theirs && supersedes(*theirs, policy_)) adopt(*theirs, id, output);
}

}  // namespace federation
