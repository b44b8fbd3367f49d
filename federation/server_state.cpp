// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/server_state.h"

#include <algorithm>
#include <limits>
#include <type_traits>
#include <vector>

#include "federation/membership.h"

namespace federation {

namespace {

/// Between attempts to win back a connection that calls want: eight within `refused_max`.
constexpr dht::Duration redial_interval = std::chrono::milliseconds{250};

/// A connection outlives its peer's certificate by no more than that.
constexpr dht::Duration members_interval = std::chrono::minutes{1};
constexpr dht::Duration expiry_told_every = std::chrono::hours{24};

/// The id of the other end of a call within this server, where one id cannot name both.
CallId other_end(CallId call) {
    char& last = call.back();
    const bool letter = last >= 'a';
    const int digit = (letter ? last - 'a' + 10 : last - '0') ^ 1;
    last = static_cast<char>(digit < 10 ? '0' + digit : 'a' + digit - 10);
    return call;
}

}  // namespace

Server::State::State(const dht::Identity& identity, Config settings, dht::Random& chance)
    : config(std::move(settings)),
      random(chance),
      self(identity.node_id()),
      node(identity, config.node, random),
      directory(identity, node, config),
      links(self, config, random_hex<8>(random)) {}

// ---- Turning what the parts tell into what the others do, until nothing is left.

void Server::State::settle(dht::Now now) {
    while (settle_node(now) || settle_directory(now) || settle_links(now) || settle_self(now) ||
           settle_cancelled(now)) {
    }
}

bool Server::State::settle_node(dht::Now now) {
    const auto event = node.poll_event();
    if (!event) return false;
    if (stopping) return true;
    if (const auto* found = std::get_if<dht::ValuesFound>(&*event)) directory.handle(*found, now);
    if (const auto* stored = std::get_if<dht::Stored>(&*event)) directory.handle(*stored, now);
    if (const auto* lost = std::get_if<dht::Lost>(&*event)) directory.handle(*lost);
    if (const auto* superseded = std::get_if<dht::Superseded>(&*event)) directory.handle(*superseded);
    if (const auto* stored = std::get_if<dht::ItemStored>(&*event)) directory.handle(*stored, now);
    if (std::holds_alternative<dht::Revoked>(*event)) revoked(now);
    if (const auto* joined = std::get_if<dht::Joined>(&*event)) {
        events.emplace_back(NodeJoined{joined->contacts});
    }
    return true;
}

bool Server::State::settle_directory(dht::Now now) {
    const auto event = directory.poll_event();
    if (!event) return false;
    std::visit([&](const auto& happened) { on(happened, now); }, *event);
    return true;
}

bool Server::State::settle_links(dht::Now now) {
    const auto event = links.poll_event();
    if (!event) return false;
    std::visit([&](const auto& happened) { on(happened, now); }, *event);
    return true;
}

bool Server::State::settle_self(dht::Now now) {
    if (to_self.empty()) return false;
    const auto message = std::move(to_self.front());
    to_self.pop_front();
    receive(self, message, now);
    return true;
}

bool Server::State::settle_cancelled(dht::Now now) {
    if (cancelled.empty()) return false;
    const auto [leg, how] = std::move(cancelled.front());
    cancelled.pop_front();
    step(leg, how, now);
    return true;
}

// ---- What the directory tells

void Server::State::on(const Directory::Registered& registered, dht::Now /*now*/) {
    events.emplace_back(UserRegistered{registered.user, to_text(registered.token)});
}

void Server::State::on(const Directory::Refused& refused, dht::Now /*now*/) {
    events.emplace_back(UserRefused{refused.user, refused.reason});
}

void Server::State::on(const Directory::Found& found, dht::Now now) {
    const auto entry = finds.find(found.find);
    if (entry == finds.end()) return;
    const auto wanted = entry->second;
    if (found.last || !wanted.call) finds.erase(entry);
    if (wanted.call) return located(*wanted.call, found, now);
    const auto server = found.places.empty() ? std::nullopt : std::optional{found.places.front().server};
    events.emplace_back(UserFound{wanted.lookup, wanted.text, server, found.reason});
}

void Server::State::on(const Directory::Described& described, dht::Now now) {
    const auto& peer = described.server;
    const auto entry = reaching.find(peer);
    if (entry == reaching.end() || links.is_up(peer) || links.is_dialling(peer)) return;
    auto& reach = entry->second;
    const bool news = described.signalling && described.signalling != reach.tried;
    if (news && links.connect(peer, described.signalling, now.time)) {
        reach.tried = described.signalling;
    } else {
        unreachable(peer, reach.reason, reach.refused, now);
    }
}

// ---- What the connections tell

void Server::State::on(const Links::Up& up, dht::Now now) {
    reaching.erase(up.peer);
    redials.clear(up.peer);
    links.use(up.peer, calls_with.contains(up.peer), now.time);
    events.emplace_back(PeerUp{up.peer});
    step_all(up.peer, LinkUp{}, now);
}

void Server::State::on(const Links::Greeted& greeted, dht::Now now) {
    if (!node.admit(greeted.peer, greeted.certificate, now)) {
        note(greeted.peer.hex() + " has no certificate of this federation that counts: refused", true);
        return links.refuse(greeted.link, Reason::not_a_member, now.time);
    }
    links.admit(greeted.link, now.time);
    if (const auto* list = node.members().revoked()) links.send(greeted.peer, Revocations{*list}, now.time);
}

void Server::State::on(const Links::Down& down, dht::Now now) {
    events.emplace_back(PeerDown{down.peer, down.reason});
    if (down.reason == Reason::not_a_member) return step_all(down.peer, PeerExpelled{}, now);
    step_all(down.peer, LinkDown{}, now);
    if (calls_with.contains(down.peer)) reach(down.peer, {}, now);
}

void Server::State::on(const Links::Unreachable& failed, dht::Now now) {
    if (failed.reason == Reason::not_a_member) {  // whatever its address
        reaching.erase(failed.peer);
        return step_all(failed.peer, PeerExpelled{}, now);
    }
    const auto entry = reaching.find(failed.peer);
    if (entry == reaching.end() || std::exchange(entry->second.described, true)) {
        return unreachable(failed.peer, failed.reason, failed.refused, now);
    }
    entry->second.reason = failed.reason;
    entry->second.refused = failed.refused;
    directory.describe(failed.peer, now);
}

void Server::State::on(const Links::Restarted& restarted, dht::Now now) {
    step_all(restarted.peer, PeerRestarted{}, now);
}

// ---- Who belongs here, in a closed federation

void Server::State::revoked(dht::Now now) {
    const auto* list = node.members().revoked();
    part_with_strangers(now);
    for (const auto& peer : links.peers()) links.send(peer, Revocations{*list}, now.time);
}

void Server::State::part_with_strangers(dht::Now now) {
    for (const auto& peer : links.peers()) {
        if (node.members().knows(peer, dht::Role::server, now.date)) continue;
        note(peer.hex() + " is no member any more: its certificate has expired or was revoked", true);
        links.refuse(peer, Reason::not_a_member, now.time);
    }
}

void Server::State::look_after_members(dht::Now now) {
    if (!node.members().closed() || now.time < members_due) return;
    members_due = now.time + members_interval;
    part_with_strangers(now);
    if (now.time >= expiry_due) speak_of_expiry(now);
}

void Server::State::speak_of_expiry(dht::Now now) {
    const auto own = dht::decode_certificate(node.members().certificate());
    const auto name = dht::FederationName::parse(config.node.federation);
    if (!own || !name) return;
    const auto sentence = warning(Membership{*name, self, *own}, now.date);
    if (!sentence) return;
    note(*sentence, true);
    expiry_due = now.time + expiry_told_every;
}

std::optional<dht::Time> Server::State::members_deadline() const {
    return node.members().closed() ? std::optional{members_due} : std::nullopt;
}

// ---- Reaching a peer

void Server::State::reach(const dht::NodeId& peer, const std::optional<dht::Endpoint>& hint, dht::Now now) {
    if (peer == self || links.is_up(peer) || links.is_dialling(peer)) return;
    if (reaching.contains(peer)) return;  // its descriptor is being looked up
    auto& reach = reaching[peer];
    reach.tried = hint;
    if (links.connect(peer, hint, now.time)) return;
    reach.described = true;
    reach.reason = Reason::too_many;
    directory.describe(peer, now);
}

void Server::State::unreachable(const dht::NodeId& peer, Reason reason, bool refused, dht::Now now) {
    reaching.erase(peer);
    step_all(peer, LinkFailed{reason == Reason::none ? Reason::server_unreachable : reason, refused}, now);
    if (calls_with.contains(peer)) redials.set(peer, now.time + redial_interval);
}

// ---- Calls

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
    step(leg, Located{peer, allocate_lane(peer), peer == self || links.is_up(peer)}, now);
}

const CallId& Server::State::leg_of(const CallId& call) const {
    const auto fork = forks.find(call);
    return fork == forks.end() || !fork->second.answered() ? call : *fork->second.answered();
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

LaneId Server::State::allocate_lane(const dht::NodeId& peer) {
    // Lane 0 is the trunk's own. After two thousand million calls the oldest numbers come again.
    lanes = lanes % (std::numeric_limits<LaneId>::max() / 2) + 1;
    return lanes * 2 + (self > peer ? 1 : 0);
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
    if (call.peer()) count(*call.peer(), -1, now);
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
    if (peer != self) links.use(peer, calls_of_peer > 0, now.time);
    if (calls_of_peer == 0) calls_with.erase(peer);
}

void Server::State::carry_out(const std::optional<dht::NodeId>& peer, CallOutput output, dht::Now now) {
    for (auto& message : output.send) send(*peer, std::move(message), now);
    for (auto& event : output.tell) tell(std::move(event));
}

void Server::State::send(const dht::NodeId& peer, Message message, dht::Now now) {
    if (peer != self) {
        links.send(peer, message, now.time);
        return;
    }
    std::visit(
        [](auto& m) {
            if constexpr (requires { m.call; }) m.call = other_end(m.call);
        },
        message);
    to_self.push_back(std::move(message));
}

// ---- Messages of a peer

void Server::State::on_message(const dht::NodeId& peer, const Invite& invite, dht::Now now) {
    const auto known = calls.find(invite.call);
    if (known != calls.end() && known->second.peer() == peer) return;  // sent once more
    const bool lane_is_theirs = (invite.lane & 1U) == (peer > self ? 1 : 0);
    const auto refuse = [&](Reason reason) { send(peer, Bye{invite.call, reason, {}}, now); };
    if (stopping) return refuse(Reason::shutting_down);
    if (known != calls.end() || !lane_is_theirs || lane_in_use(peer, invite.lane)) {
        note(peer.hex() + ": an invite with an id or lane that is not its own", true);
        return refuse(Reason::protocol_error);
    }
    if (!directory.has_user(invite.to)) return refuse(Reason::unknown_user);
    if (calls.size() >= config.calls_max) return refuse(Reason::too_many);
    CallOutput output;
    auto call = Call::incoming(invite, peer, config, now.time, output);
    const auto entry = calls.emplace(invite.call, std::move(call)).first;
    count(peer, 1, now);
    carry_out(peer, std::move(output), now);
    settle_deadline(entry, now);
}

bool Server::State::lane_in_use(const dht::NodeId& peer, LaneId lane) const {
    if (peer == self) return false;  // both ends are here
    return std::ranges::any_of(
        calls, [&](const auto& entry) { return entry.second.peer() == peer && entry.second.lane() == lane; });
}

template <class M>
requires requires(M m) {
    m.call;
}
void Server::State::on_message(const dht::NodeId& peer, const M& message, dht::Now now) {
    constexpr bool is_bye = std::is_same_v<M, Bye>;
    const auto call = calls.find(message.call);
    const bool known = call != calls.end() && call->second.peer() == peer;
    if (!known) {
        if (call != calls.end()) note(peer.hex() + ": a message for a call of others", true);
        if (!is_bye) send(peer, Bye{message.call, Reason::hangup, {}}, now);
        return;
    }
    if constexpr (!std::is_same_v<M, Check>) step(message.call, message, now);
}

void Server::State::on_message(const dht::NodeId& peer, const TrunkSignal& signal, dht::Now /*now*/) {
    if (!stopping) events.emplace_back(TrunkSignalled{peer, signal});
}

/// Passed on to all others, if it is news.
void Server::State::on_message(const dht::NodeId& /*peer*/, const Revocations& revocations, dht::Now now) {
    node.revoke(revocations.list, now);
}

void Server::State::receive(const dht::NodeId& peer, const Message& message, dht::Now now) {
    std::visit([&](const auto& m) { on_message(peer, m, now); }, message);
}

}  // namespace federation
