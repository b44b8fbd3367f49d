// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/asks.h"

#include <algorithm>
#include <array>

#include "dht/hex.h"

namespace federation {

namespace {

/// Of others, which the floor above has not answered: each is a moderator's click.
constexpr std::size_t asked_max = 1000;
constexpr std::size_t asked_of_peer_max = 100;

}  // namespace

Asks::Asks(Rooms& rooms, const Config& config, dht::Random& random)
    : rooms_(rooms), config_(config), random_(random) {}

// ---- We ask

void Asks::ask(const std::string& id, const std::string& name, const dht::NodeId& peer,
               const std::string& secret, std::string body, dht::Now now) {
    const auto& self = rooms_.world().self;
    auto& ask = asks_.emplace(id, Ask{name, peer, std::move(body)}).first->second;
    alarms_.set(id, now.time + config_.answer_timeout);
    const auto* room = rooms_.find(name);
    if (!room) return fail(id, Reason::unknown_room);
    if (peer != self && !room->has(peer)) return fail(id, Reason::server_unreachable);
    if (!ask.body.empty() && !valid_object(ask.body, request_bytes_max))
        return fail(id, Reason::protocol_error);
    if (!room->policy().rules.secret) return fail(id, Reason::not_permitted);
    if (room->is_keyholder()) {
        if (!same_text(secret, room->secret().value_or(""))) return fail(id, Reason::wrong_pin);
        return go_on(id, ask, grant(*room->token(), config_.node.federation, name, self, now.date), now);
    }
    const auto keyholder = room->keyholder();
    if (!keyholder) return fail(id, Reason::server_unreachable);
    std::array<std::uint8_t, 8> run{};
    random_.fill(run);
    ask.run = dht::hex(run);
    ask.keyholder = *keyholder;
    ask.proof.emplace(PinProof::Role::initiator, terms(name, secret, self, *keyholder, ask.run), random_);
    send(*keyholder, RoomProof{.room = name,
                               .run = ask.run,
                               .secret = true,
                               .share = dht::Bytes{dht::text(ask.proof->share())},
                               .confirm = {},
                               .grant = {}});
}

PinProof::Terms Asks::terms(const std::string& room, const std::string& secret, const dht::NodeId& asker,
                            const dht::NodeId& keyholder, const std::string& run) const {
    return {
        secret,
        with_lengths({"viaduct room secret 1", config_.node.federation, room, asker.hex(), keyholder.hex()}),
        run,
        {},
        {}};
}

void Asks::fail(const std::string& id, Reason reason) {
    alarms_.clear(id);
    if (asks_.erase(id) > 0) wishes_.emplace_back(Rooms::Tell{RoomAnswered{id, {}, reason}});
}

void Asks::go_on(const std::string& id, Ask& ask, dht::Bytes grant, dht::Now now) {
    ask.proof.reset();
    RoomRequest request{id, ask.room, std::move(grant), ask.body};
    if (ask.peer == rooms_.world().self) return receive(ask.peer, request, now);
    send(ask.peer, std::move(request));
}

void Asks::proved_by_us(const std::string& id, Ask& ask, const RoomProof& proof, dht::Now now) {
    if (proof.reason != Reason::none) return fail(id, proof.reason);
    if (!proof.grant.empty()) return go_on(id, ask, proof.grant, now);
    const auto share = array_of<32>(proof.share);
    const auto confirm = array_of<32>(proof.confirm);
    const bool right = share && confirm && ask.proof->receive(*share) && ask.proof->confirmed(*confirm);
    if (!right) return fail(id, Reason::wrong_pin);
    send(ask.keyholder, RoomProof{.room = ask.room,
                                  .run = ask.run,
                                  .secret = true,
                                  .share = {},
                                  .confirm = dht::Bytes{dht::text(ask.proof->confirmation())},
                                  .grant = {}});
}

void Asks::receive(const dht::NodeId& peer, const RoomAnswer& answer) {
    const auto ask = asks_.find(answer.request);
    if (ask == asks_.end() || ask->second.peer != peer) return;
    asks_.erase(ask);
    alarms_.clear(answer.request);
    wishes_.emplace_back(Rooms::Tell{RoomAnswered{answer.request, answer.body, answer.reason}});
}

// ---- Others prove the secret to us, who made the room

void Asks::receive(const dht::NodeId& peer, const RoomProof& proof, dht::Now now) {
    const auto ask = std::ranges::find_if(asks_, [&](const auto& entry) {
        const auto& a = entry.second;
        return a.proof && a.keyholder == peer && a.run == proof.run && a.room == proof.room;
    });
    if (ask != asks_.end()) return proved_by_us(std::string{ask->first}, ask->second, proof, now);
    if (proof.reason == Reason::none && proof.grant.empty()) proved_to_us(peer, proof, now);
}

void Asks::proved_to_us(const dht::NodeId& peer, const RoomProof& proof, dht::Now now) {
    RoomProof reply{
        .room = proof.room, .run = proof.run, .secret = true, .share = {}, .confirm = {}, .grant = {}};
    const auto refuse = [&](Reason reason) {
        reply.reason = reason;
        send(peer, std::move(reply));
    };
    const auto* room = rooms_.find(proof.room);
    if (!room || !room->has(peer)) return refuse(Reason::not_in_room);
    if (!room->is_keyholder() || !room->secret()) return refuse(Reason::not_permitted);
    auto& guesses = rooms_.world().guesses;
    const auto subject = "secret of " + proof.room;
    if (const auto share = array_of<32>(proof.share)) {
        if (!guesses.begin(subject, peer, now.time)) return refuse(Reason::too_many_guesses);
        const auto& self = rooms_.world().self;
        PinProof ours{PinProof::Role::responder, terms(proof.room, *room->secret(), peer, self, proof.run),
                      random_};
        if (!ours.receive(*share)) return refuse(Reason::wrong_pin);
        reply.share = dht::text(ours.share());
        reply.confirm = dht::text(ours.confirmation());
        runs_.insert_or_assign(peer, Run{proof.run, proof.room, std::move(ours)});
        return send(peer, std::move(reply));
    }
    const auto run = runs_.extract(peer);
    const auto confirm = array_of<32>(proof.confirm);
    const bool due = !run.empty() && run.mapped().run == proof.run && run.mapped().room == proof.room;
    if (!due || !confirm || !run.mapped().proof.confirmed(*confirm)) return refuse(Reason::wrong_pin);
    guesses.right(subject, peer, now.time);
    reply.grant = grant(*room->token(), config_.node.federation, proof.room, peer, now.date);
    send(peer, std::move(reply));
}

// ---- Others ask

void Asks::receive(const dht::NodeId& peer, const RoomRequest& request, dht::Now now) {
    const auto& self = rooms_.world().self;
    const auto refuse = [&](Reason reason) {
        if (peer == self) return fail(request.request, reason);
        send(peer, RoomAnswer{request.request, {}, reason});
    };
    const auto* room = rooms_.find(request.room);
    if (!room || (peer != self && !room->has(peer))) return refuse(Reason::not_in_room);
    const auto& federation = config_.node.federation;
    if (!grants(dht::view(request.grant), room->policy().key, federation, request.room, peer, now.date)) {
        return refuse(Reason::not_permitted);
    }
    const auto of_peer =
        std::ranges::count_if(asked_, [&](const auto& entry) { return entry.second.peer == peer; });
    if (asked_.size() >= asked_max || static_cast<std::size_t>(of_peer) >= asked_of_peer_max) {
        return refuse(Reason::too_many);
    }
    if (!asked_.emplace(request.request, Asked{peer, request.room}).second) return;  // asked again
    if (peer != self) alarms_.set(request.request, now.time + config_.answer_timeout);
    wishes_.emplace_back(Rooms::Tell{RoomRequested{request.request, request.room, peer, request.body}});
}

void Asks::answer(const std::string& id, std::string body, Reason reason, dht::Now /*now*/) {
    const auto asked = asked_.extract(id);
    if (asked.empty()) return;
    RoomAnswer answer{id, std::move(body), reason};
    if (!answer.body.empty() && !valid_object(answer.body, request_bytes_max)) answer.body.clear();
    const auto& peer = asked.mapped().peer;
    if (peer == rooms_.world().self) return receive(peer, answer);
    alarms_.clear(id);
    send(peer, std::move(answer));
}

void Asks::advance(dht::Now now) {
    while (const auto id = alarms_.pop_due(now.time)) {
        if (asks_.contains(*id)) fail(*id, Reason::timeout);
        asked_.erase(*id);
    }
}

void Asks::send(const dht::NodeId& peer, Message message) {
    wishes_.emplace_back(Rooms::Send{peer, std::move(message)});
}

std::optional<Rooms::Wish> Asks::poll() {
    if (wishes_.empty()) return {};
    auto wish = std::move(wishes_.front());
    wishes_.pop_front();
    return wish;
}

}  // namespace federation
