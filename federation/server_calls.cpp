// SPDX-License-Identifier: LGPL-2.1-or-later
// Calls: what becomes of each, of the legs of those that fork, and what is said about them.
#include <utility>
#include <vector>

#include "federation/server_state.h"

namespace federation {

namespace {

/// At most `bytes_max` octets, with no character cut in two.
std::string shortened(std::string text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) return text;
    while (bytes_max > 0 && (static_cast<std::uint8_t>(text[bytes_max]) & 0xC0U) == 0x80) --bytes_max;
    text.resize(bytes_max);
    return text;
}

}  // namespace

// ---- For the floor above

CallId Server::call(const std::string& caller, const std::string& callee, std::string jsep, dht::Now now,
                    bool direct) {
    auto& s = *state_;
    auto id = random_hex<16>(s.random);
    const auto address = UserAddress::parse(callee);
    const bool sound = valid_user(caller) && (jsep.empty() || valid_jsep(jsep));
    const auto refusal = s.stopping                                  ? Reason::shutting_down
                         : s.draining                                ? Reason::draining
                         : !address                                  ? Reason::unknown_user
                         : !sound                                    ? Reason::protocol_error
                         : s.calls.size() >= s.config.caps.calls_max ? Reason::too_many
                                                                     : Reason::none;
    if (refusal != Reason::none) {
        s.events.emplace_back(CallEnded{id, refusal, {}});
        return id;
    }
    s.begin(Invite{id, caller, address->user, 0, std::move(jsep), direct}, now);
    const auto find = s.directory.find(*address, now);
    s.finds.emplace(find, State::Wanted{*address, callee, id, 0});
    s.settle(now);
    return id;
}

void Server::ringing(const CallId& call, dht::Now now) {
    state_->step(call, Ring{}, now);
    state_->settle(now);
}

void Server::accept(const CallId& call, std::string jsep, dht::Now now, bool direct) {
    state_->step(call, Answer{std::move(jsep), direct}, now);
    state_->settle(now);
}

void Server::update(const CallId& call, std::string jsep, dht::Now now, bool direct) {
    state_->step(state_->leg_of(call), Renegotiate{std::move(jsep), direct}, now);
    state_->settle(now);
}

void Server::candidate(const CallId& call, const std::string& candidate, dht::Now now) {
    const auto fork = state_->forks.find(call);
    if (fork != state_->forks.end()) fork->second.trickle(candidate);
    for (const auto& leg : state_->listeners(call)) state_->step(leg, Trickle{candidate}, now);
    state_->settle(now);
}

void Server::bridge(const CallId& call, const std::string& jsep, dht::Now now) {
    const auto fork = state_->forks.find(call);
    if (fork != state_->forks.end()) fork->second.bridge(jsep);
    for (const auto& leg : state_->listeners(call)) state_->step(leg, ToBridge{jsep}, now);
    state_->settle(now);
}

void Server::bye(const CallId& call, Reason reason, std::string text, dht::Now now) {
    state_->hang_up(call, {reason, shortened(std::move(text), text_bytes_max)}, now);
    state_->settle(now);
}

std::size_t Server::calls() const {
    return state_->calls.size();
}

// ---- What becomes of them

void Server::State::begin(Invite invite, dht::Now now) {
    const auto id = invite.call;
    forks.emplace(id, Fork{invite});
    fork_of.emplace(id, id);
    const auto& call = calls.emplace(id, Call::outgoing(std::move(invite), config, now.time)).first->second;
    call_deadlines.set(id, *call.deadline());
}

void Server::State::located(const CallId& id, const Directory::Found& found, dht::Now now) {
    for (const auto& place : found.places) {
        const auto fork = forks.find(id);
        if (fork == forks.end()) return;
        const auto first = calls.find(id);
        const bool waits = first != calls.end() && first->second.state() == Call::State::locating;
        if (waits) {
            proceed(id, place, now);
        } else if (const auto leg = random_hex<16>(random); auto invite = fork->second.add(leg)) {
            fork_of.emplace(leg, id);
            calls.emplace(leg, Call::outgoing(*std::move(invite), config, now.time));
            for (const auto& candidate : fork->second.trickled()) step(leg, Trickle{candidate}, now);
            if (const auto& offer = fork->second.bridge()) step(leg, ToBridge{*offer}, now);
            proceed(leg, place, now);
        }
    }
    const auto fork = forks.find(id);
    if (fork == forks.end() || !found.last) return;
    carry_out(fork->second, fork->second.complete());
    step(id, NotLocated{found.reason}, now);  // unless somewhere was found
}

void Server::State::proceed(const CallId& leg, const Directory::Place& place, dht::Now now) {
    const auto& peer = place.server;
    reach(peer, place.signalling, now);
    step(leg, Located{peer, lanes.allocate(peer), peer == self || links.is_up(peer)}, now);
}

const CallId& Server::State::leg_of(const CallId& call) const {
    const auto fork = forks.find(call);
    return fork == forks.end() || !fork->second.answered() ? call : *fork->second.answered();
}

std::vector<CallId> Server::State::listeners(const CallId& call) const {
    const auto fork = forks.find(call);
    return fork == forks.end() ? std::vector{call} : fork->second.listeners();
}

void Server::State::hang_up(const CallId& call, const HangUp& how, dht::Now now) {
    const auto fork = forks.find(call);
    if (fork == forks.end()) return step(call, how, now);
    const auto legs = fork->second.legs();
    forks.erase(fork);
    for (const auto& leg : legs) step(leg, how, now);
}

void Server::State::tell(Event event) {
    const auto leg = std::visit(
        [](const auto& happened) {
            if constexpr (requires { happened.call; }) return std::optional<CallId>{happened.call};
            return std::optional<CallId>{};
        },
        event);
    const auto known = leg ? fork_of.find(*leg) : fork_of.end();
    if (known == fork_of.end()) return events.push_back(std::move(event));
    const auto fork = forks.find(known->second);
    if (fork != forks.end()) carry_out(fork->second, fork->second.heard(*leg, std::move(event)));
}

void Server::State::carry_out(Fork& fork, Fork::Output output) {
    for (auto& event : output.tell) events.push_back(std::move(event));
    for (auto& leg : output.cancel) cancelled.emplace_back(std::move(leg), HangUp{output.why, {}});
    if (fork.over()) forks.erase(CallId{fork.call()});
}

void Server::State::step(const CallId& id, const CallInput& input, dht::Now now) {
    const auto entry = calls.find(id);
    if (entry == calls.end()) return;
    auto& call = entry->second;
    const auto peer_before = call.peer();
    auto output = call.step(input, now.time);
    const auto peer = call.peer();
    if (peer && !peer_before) count(*peer, 1, now);
    carry_out(peer, std::move(output), now);
    settle_deadline(entry, now);
}

void Server::State::settle_deadline(std::map<CallId, Call>::iterator entry, dht::Now now) {
    const auto& [id, call] = *entry;
    if (call.deadline()) {
        call_deadlines.set(id, *call.deadline());
    } else {
        call_deadlines.clear(id);
    }
    if (!call.over()) return;
    if (call.peer()) {
        lanes.release(*call.peer(), call.lane());
        count(*call.peer(), -1, now);
    }
    fork_of.erase(id);
    calls.erase(entry);
}

void Server::State::step_all(const dht::NodeId& peer, const CallInput& input, dht::Now now) {
    std::vector<CallId> ids;
    for (const auto& [id, call] : calls) {
        if (call.peer() == peer) ids.push_back(id);
    }
    for (const auto& id : ids) step(id, input, now);
}

void Server::State::count(const dht::NodeId& peer, int change, dht::Now now) {
    auto& calls_of_peer = calls_with[peer];
    calls_of_peer += static_cast<std::size_t>(change);
    if (calls_of_peer == 0) calls_with.erase(peer);
    use(peer, change, now);
}

void Server::State::carry_out(const std::optional<dht::NodeId>& peer, CallOutput output, dht::Now now) {
    for (auto& message : output.send) send(*peer, std::move(message), now);
    for (auto& event : output.tell) tell(std::move(event));
}

// ---- Messages of a peer

void Server::State::on_message(const dht::NodeId& peer, const Invite& invite, dht::Now now) {
    const auto known = calls.find(invite.call);
    if (known != calls.end() && known->second.peer() == peer) return;  // sent once more
    const auto refuse = [&](Reason reason) { send(peer, Bye{invite.call, reason, {}}, now); };
    if (stopping) return refuse(Reason::shutting_down);
    if (draining && directory.has_user(invite.to)) return refuse(Reason::draining);
    const bool known_and_fit = directory.has_user(invite.to) && calls.size() < config.caps.calls_max;
    if (known != calls.end() || (known_and_fit && !lanes.take(peer, invite.lane))) {
        note(peer.hex() + ": an invite with an id or lane that is not its own", true);
        return refuse(Reason::protocol_error);
    }
    if (!known_and_fit) {
        return refuse(directory.has_user(invite.to) ? Reason::too_many : Reason::unknown_user);
    }
    CallOutput output;
    auto call = Call::incoming(invite, peer, config, now.time, output);
    const auto entry = calls.emplace(invite.call, std::move(call)).first;
    count(peer, 1, now);
    carry_out(peer, std::move(output), now);
    settle_deadline(entry, now);
}

bool Server::State::knows_call(const dht::NodeId& peer, const CallId& id, bool goodbye, dht::Now now) {
    const auto call = calls.find(id);
    if (call != calls.end() && call->second.peer() == peer) return true;
    if (call != calls.end()) note(peer.hex() + ": a message for a call of others", true);
    if (!goodbye) send(peer, Bye{id, Reason::hangup, {}}, now);
    return false;
}

}  // namespace federation
