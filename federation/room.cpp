// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/room.h"

#include <algorithm>

#include "dht/hex.h"
#include "federation/deadlines.h"
#include "federation/room_times.h"

namespace federation {

using namespace room_times;

bool RoomWorld::may_greet(const dht::NodeId& peer, dht::Time now) {
    const auto per_second = static_cast<double>(config.caps.messages_per_second_max) / messages_per_greeting;
    return greetings.try_emplace(peer, per_second, now).first->second.take(now);
}

Room::Room(std::string name, RoomWorld& world) : name_(std::move(name)), world_(&world) {}

Room Room::entering(std::string name, std::optional<std::string> pin, RoomWorld& world, dht::Now now,
                    RoomOutput& output) {
    Room room{std::move(name), world};
    room.pin_ = std::move(pin);
    room.members_ = true;
    room.give_up_at_ = now.time + world.config.lookup_timeout + world.config.dial_timeout + proof_time;
    output.look = true;
    return room;
}

Room Room::made(std::string name, RoomPolicy policy, const OwnerToken& token, std::optional<std::string> pin,
                std::optional<std::string> secret, bool exclusive, RoomWorld& world, dht::Now now,
                RoomOutput& output) {
    Room room{std::move(name), world};
    room.policy_ = std::move(policy);
    room.token_ = token;
    room.made_here_ = true;
    room.pin_ = std::move(pin);
    room.secret_ = std::move(secret);
    room.exclusive_ = exclusive;
    room.give_up_at_ = now.time + world.config.lookup_timeout;
    output.look = true;
    return room;
}

std::string Room::chance() {
    std::array<std::uint8_t, 8> bytes{};
    world_->random.fill(bytes);
    return dht::hex(bytes);
}

dht::Duration Room::some_of(dht::Duration whole) {
    return dht::Duration{world_->random.below(static_cast<std::uint64_t>(whole.count()))};
}

// ---- What is known

std::vector<dht::NodeId> Room::peers() const {
    std::vector<dht::NodeId> out;
    for (const auto& [id, peer] : peers_) {
        if (peer.told) out.push_back(id);
    }
    return out;
}

bool Room::has(const dht::NodeId& peer) const {
    const auto found = peers_.find(peer);
    return found != peers_.end() && found->second.stage == Stage::in;
}

std::vector<Participant> Room::participants(const dht::NodeId& peer) const {
    std::vector<Participant> out;
    if (peer == world_->self) {
        for (const auto& [id, participant] : own_.all()) out.push_back(participant);
    } else if (const auto found = peers_.find(peer); found != peers_.end()) {
        for (const auto& [id, participant] : found->second.roster.all()) out.push_back(participant);
    }
    return out;
}

std::vector<RoomServer> Room::servers() const {
    std::vector<RoomServer> out;
    for (const auto& [id, peer] : peers_) {
        if (!peer.told) continue;
        const auto members = std::max(peer.members, peer.roster.all().size());
        out.push_back({id, peer.clients, members, peer.load});
    }
    return out;
}

std::optional<dht::NodeId> Room::keyholder() const {
    for (const auto& [id, peer] : peers_) {
        if (peer.stage == Stage::in && peer.key == policy_.key) return id;
    }
    return {};
}

std::optional<dht::Time> Room::deadline() const {
    auto next = earlier(give_up_at_, look_at_);
    for (const auto& [id, peer] : peers_) {
        if (peer.stage != Stage::in) next = earlier(next, peer.retry_at);
    }
    return next;
}

std::optional<RoomValue> Room::listing() const {
    if (!here() || world_->draining) return {};
    const auto& config = world_->config;
    return RoomValue{config.signalling, config.clients, own_.all().size(), world_->load, encode(policy_)};
}

// ---- From the floor above

void Room::enter(const std::optional<std::string>& pin, dht::Now now, RoomOutput& output) {
    if (!here() && !made_here_) return;  // under way: told when it is done
    if (policy_.rules.pin && pin != pin_) {
        output.tell.emplace_back(RoomRefused{name_, pin ? Reason::wrong_pin : Reason::pin_required});
        return;
    }
    if (!std::exchange(members_, true) && here()) {
        output.look = true;
        look_later(now);
    }
    if (!here()) return;
    output.tell.emplace_back(RoomEntered{name_, policy_.rules});
}

void Room::leave(RoomOutput& output) {
    members_ = false;
    if (!made_here_) return finish(Reason::none, output);
    while (!own_.all().empty()) remove_participant(std::string{own_.all().begin()->first}, output);
}

void Room::edit(const RoomPolicy& policy, std::optional<std::string> pin, std::optional<std::string> secret,
                RoomOutput& output) {
    pin_ = std::move(pin);
    secret_ = std::move(secret);
    dht::Bytes signature;
    if (pin_ && token_) {
        const auto& federation = world_->config.node.federation;
        signature = dht::text(sign_pin(*pin_, policy.version, federation, name_, *token_));
    }
    adopt(policy, world_->self, output, std::move(signature));
}

void Room::destroy(RoomOutput& output) {
    if (token_ && here()) {
        auto last = policy_;
        ++last.version;
        last.destroyed = true;
        sign(last, world_->config.node.federation, name_, *token_);
        policy_ = last;
        pin_signature_.clear();
        pass_on({}, output);
    }
    finish(Reason::room_destroyed, output);
}

bool Room::set_participant(Participant participant, RoomOutput& output) {
    if (!here() || !own_.set(participant)) return false;
    spread(RoomRoster{.room = name_, .set = {std::move(participant)}, .gone = {}}, output);
    return true;
}

bool Room::remove_participant(const std::string& id, RoomOutput& output) {
    if (!own_.remove(id)) return false;
    spread(RoomRoster{.room = name_, .set = {}, .gone = {id}}, output);
    return true;
}

void Room::spread(const RoomRoster& news, RoomOutput& output) {
    for (auto& [id, peer] : peers_) {
        if (peer.stage != Stage::in) continue;
        auto message = news;
        message.seq = ++peer.said;
        output.send.emplace_back(id, std::move(message));
    }
}

// ---- Coming to be here

void Room::found(const std::vector<RoomListing>* listings, dht::Now now, RoomOutput& output) {
    if (over()) return;
    if (state_ == State::looking) {
        std::vector<RoomPolicy> policies;
        if (listings) {
            for (const auto& listing : *listings) policies.push_back(listing.policy);
        }
        if (token_) {
            const auto others = std::ranges::any_of(
                policies, [&](const RoomPolicy& p) { return p.key != policy_.key && !p.destroyed; });
            if (exclusive_ && others) return refuse(Reason::room_exists, output);
            const auto stranger = std::ranges::any_of(policies, [&](const RoomPolicy& p) {
                return !p.destroyed && kinship(policy_, p) == Kinship::stranger;
            });
            if (stranger) return refuse(Reason::policy_conflict, output);
            for (const auto& policy : policies) {
                if (kinship(policy_, policy) == Kinship::same && supersedes(policy, policy_))
                    adopt(policy, {}, output);
            }
            if (over()) return;
            settle_here(now, output);
        } else {
            const auto* chosen = choose(policies, pin_.has_value());
            if (!chosen && !std::exchange(looked_again_, true)) {
                output.look = true;  // one answer may have been lost, or the record is just being stored
                return;
            }
            if (!chosen) {
                return refuse(listings ? Reason::unknown_room : Reason::server_unreachable, output);
            }
            if (chosen->rules.pin && !pin_) return refuse(Reason::pin_required, output);
            policy_ = *chosen;
            if (policy_.rules.pin) {
                state_ = State::proving;
            } else {
                pin_.reset();
                settle_here(now, output);
            }
        }
    }
    if (!listings) return;
    for (const auto& listing : *listings) list(listing, now, output);
    forget_strangers(now);
}

void Room::settle_here(dht::Now now, RoomOutput& output) {
    state_ = State::here;
    give_up_at_.reset();
    if (made_here_) give_up_at_ = now.time + world_->config.lookup_timeout;
    look_later(now);
    if (members_) output.tell.emplace_back(RoomEntered{name_, policy_.rules});
}

void Room::held(RoomOutput& output) {
    if (!here()) return;
    tell_created(output);
    // Whoever has published meanwhile and did not see this record is seen now: of two one is the second.
    if (members_) output.look = true;
}

void Room::tell_created(RoomOutput& output) {
    if (!made_here_ || std::exchange(created_told_, true)) return;
    give_up_at_.reset();
    output.tell.emplace_back(RoomCreated{name_, token_ ? to_text(*token_) : std::string{}, policy_.rules});
}

void Room::look_later(dht::Now now) {
    look_at_ = now.time + look_min + some_of(look_spread);
}

void Room::list(const RoomListing& listing, dht::Now now, RoomOutput& output) {
    if (listing.server == world_->self || listing.policy.destroyed) return;
    if (kinship(policy_, listing.policy) == Kinship::stranger) return;
    if (!peers_.contains(listing.server) && !has_place(now)) return;
    auto& peer = peers_[listing.server];
    peer.signalling = listing.value.signalling;
    peer.clients = listing.value.clients;
    peer.members = listing.value.members;
    peer.load = listing.value.load;
    peer.listed_until = now.time + world_->config.record_lifetime;
    reach(listing.server, peer, now, output);
}

void Room::hint(const RoomEnter::Server& server, dht::Now now, RoomOutput& output) {
    if (server.id == world_->self || peers_.contains(server.id)) return;
    if (!has_place(now)) return;
    auto& peer = peers_[server.id];
    peer.signalling = server.signalling;
    peer.listed_until = now.time + look_min;  // the next look shows whether it is true
    reach(server.id, peer, now, output);
}

bool Room::has_place(dht::Now now) {
    if (peers_.size() < room_servers_max) return true;
    const auto idle = std::ranges::find_if(peers_, [&](const auto& entry) {
        return entry.second.stage == Stage::away && now.time >= entry.second.listed_until;
    });
    if (idle == peers_.end()) return false;
    peers_.erase(idle);
    return true;
}

void Room::forget_strangers(dht::Now now) {
    std::erase_if(peers_, [&](const auto& entry) {
        const auto& peer = entry.second;
        return peer.stage == Stage::away && now.time > peer.listed_until && now.time > peer.retry_at;
    });
}

void Room::refuse(Reason reason, RoomOutput& output) {
    output.tell.emplace_back(RoomRefused{name_, reason});
    finish(reason, output);
}

void Room::finish(Reason reason, RoomOutput& output) {
    for (auto& [id, peer] : peers_) {
        if (peer.stage == Stage::away) continue;
        output.send.emplace_back(id, RoomLeave{name_, reason});
        peer.told = false;  // whoever ends it knows
        part(id, peer, reason, output);
    }
    peers_.clear();
    own_.clear();
    state_ = State::over;
    give_up_at_.reset();
    look_at_.reset();
}

}  // namespace federation
