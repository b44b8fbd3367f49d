// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/room.h"

#include <algorithm>

#include "dht/hex.h"
#include "federation/deadlines.h"

namespace federation {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Between looks into the DHT, so that the halves of a network that meet again find each other soon; a room
/// of many servers is told by the first that does. One lookup costs some dozens of datagrams.
constexpr dht::Duration look_min = seconds{10};
constexpr dht::Duration look_spread = seconds{5};
/// Of servers that are gone: a dial is one packet, and who is back is wanted soon.
constexpr dht::Duration retry_min = milliseconds{250};
constexpr dht::Duration retry_max = seconds{3};
/// Of one that was turned away, or that turned us away: it will hardly have thought better of it.
constexpr dht::Duration retry_refused = seconds{60};

/// Each room that one peer is told of is some three messages, and there are others.
constexpr double messages_per_greeting = 5;
constexpr dht::Duration greeting_delay = milliseconds{100};
/// For an answer, and for the pin to be proved: whoever is silent holds no place.
constexpr dht::Duration greeting_timeout = seconds{5};

/// Within what somebody waits who has given a pin: to be found, reached and asked.
constexpr dht::Duration proof_time = seconds{1};

}  // namespace

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
        if (peer.stage == Stage::in && peer.keyholder) return id;
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
    adopt(policy, world_->self, output);
}

void Room::destroy(RoomOutput& output) {
    if (token_ && here()) {
        auto last = policy_;
        ++last.version;
        last.destroyed = true;
        sign(last, world_->config.node.federation, name_, *token_);
        policy_ = last;
        for (const auto& [id, peer] : peers_) {
            if (peer.stage == Stage::in)
                output.send.emplace_back(id, RoomPolicyNews{name_, encode(last), {}});
        }
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
    peer.keyholder = enter.keyholder && theirs->key == policy_.key;
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
        output.send.emplace_back(id, RoomPolicyNews{name_, encode(policy_), {}});
    }
    return true;
}

void Room::adopt(const RoomPolicy& policy, const std::optional<dht::NodeId>& from, RoomOutput& output) {
    const bool other_key = policy.key != policy_.key;
    const bool news = policy.rules != policy_.rules;
    policy_ = policy;
    if (other_key && token_) {
        token_.reset();  // it was made elsewhere, and first
        secret_.reset();
    }
    if (policy_.destroyed) {
        output.tell.emplace_back(RoomDestroyed{name_});
    } else if (news && here()) {
        output.tell.emplace_back(RoomRulesChanged{name_, policy_.rules});
    }
    for (const auto& [id, peer] : peers_) {
        if (peer.stage != Stage::in || id == from) continue;
        const auto pin = policy_.rules.pin && token_ ? pin_.value_or("") : std::string{};
        output.send.emplace_back(id, RoomPolicyNews{name_, encode(policy_), pin});
    }
    if (policy_.destroyed) finish(Reason::room_destroyed, output);
}

void Room::receive(const dht::NodeId& id, const RoomPolicyNews& news, dht::Now now, RoomOutput& output) {
    if (!has(id)) return;
    const auto theirs = decode_policy(dht::view(news.policy));
    if (!theirs || !verify(*theirs, world_->config.node.federation, name_)) {
        return turn_away(id, peers_.at(id), Reason::policy_conflict, now, output);
    }
    if (kinship(policy_, *theirs) != Kinship::same || !supersedes(*theirs, policy_)) return;
    if (!news.pin.empty() && theirs->rules.pin) pin_ = news.pin;
    adopt(*theirs, id, output);
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
