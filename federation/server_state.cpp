// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/server_state.h"

#include <vector>

#include "federation/membership.h"

namespace federation {

namespace {

/// Between attempts to win back a connection that calls want: eight within `refused_max`.
constexpr dht::Duration redial_interval = std::chrono::milliseconds{250};

/// A connection outlives its peer's certificate by no more than that.
constexpr dht::Duration members_interval = std::chrono::minutes{1};
constexpr dht::Duration expiry_told_every = std::chrono::hours{24};

/// The id of the other end of a call or subscription within this server, where one id cannot name both.
std::string other_end(std::string id) {
    char& last = id.back();
    const bool letter = last >= 'a';
    const int digit = (letter ? last - 'a' + 10 : last - '0') ^ 1;
    last = static_cast<char>(digit < 10 ? '0' + digit : 'a' + digit - 10);
    return id;
}

}  // namespace

Server::State::State(const dht::Identity& identity, Config settings, dht::Random& chance)
    : config(std::move(settings)),
      random(chance),
      self(identity.node_id()),
      node(identity, config.node, random),
      directory(identity, node, config),
      bulletin(node, config),
      links(self, config, random_hex<8>(random)),
      rooms(self, config, random, bulletin),
      asks(rooms, config, random),
      lanes(self) {}

// ---- What the connection with a peer does, for all that goes over it

template <class News>
void Server::State::spread(const dht::NodeId& peer, const News& news, dht::Now now) {
    step_all(peer, news, now);
    step_feeds(peer, news, now);
}

// ---- Turning what the parts tell into what the others do, until nothing is left.

void Server::State::settle(dht::Now now) {
    while (settle_node(now) || settle_directory(now) || settle_bulletin(now) || settle_links(now) ||
           settle_rooms(now) || settle_self(now) || settle_cancelled(now)) {
    }
}

bool Server::State::settle_node(dht::Now now) {
    const auto event = node.poll_event();
    if (!event) return false;
    if (stopping) return true;
    if (const auto* found = std::get_if<dht::ValuesFound>(&*event)) {
        directory.handle(*found, now);
        bulletin.handle(*found);
    }
    if (const auto* stored = std::get_if<dht::Stored>(&*event)) {
        directory.handle(*stored, now);
        bulletin.handle(*stored);
    }
    if (const auto* lost = std::get_if<dht::Lost>(&*event)) directory.handle(*lost);
    if (const auto* superseded = std::get_if<dht::Superseded>(&*event)) directory.handle(*superseded);
    if (const auto* stored = std::get_if<dht::ItemStored>(&*event)) directory.handle(*stored, now);
    if (std::holds_alternative<dht::Revoked>(*event)) revoked(now);
    if (const auto* clock = std::get_if<dht::ClockDiffers>(&*event)) on(*clock);
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

bool Server::State::settle_bulletin(dht::Now now) {
    const auto event = bulletin.poll_event();
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

void Server::State::on(const Bulletin::Held& held, dht::Now now) {
    if (held.kind == stream_kind) events.emplace_back(StreamOffered{held.name});
    if (held.kind == room_kind) rooms.held(held.name, now);
}

void Server::State::on(const Bulletin::Found& found, dht::Now now) {
    if (found.kind == stream_kind) stream_found(found);
    if (found.kind == room_kind) rooms.found(found, now);
}

// ---- What the connections tell

void Server::State::on(const Links::Up& up, dht::Now now) {
    reaching.erase(up.peer);
    redials.clear(up.peer);
    links.use(up.peer, uses.contains(up.peer), now.time);
    events.emplace_back(PeerUp{up.peer});
    spread(up.peer, LinkUp{}, now);
    rooms.up(up.peer, now);
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
    rooms.down(down.peer, down.reason == Reason::none ? Reason::server_unreachable : down.reason, now);
    if (down.reason == Reason::not_a_member) return spread(down.peer, PeerExpelled{}, now);
    spread(down.peer, LinkDown{}, now);
    if (calls_with.contains(down.peer)) reach(down.peer, {}, now);
}

void Server::State::on(const Links::Unreachable& failed, dht::Now now) {
    if (failed.reason == Reason::not_a_member) {  // whatever its address
        reaching.erase(failed.peer);
        return spread(failed.peer, PeerExpelled{}, now);
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
    spread(restarted.peer, PeerRestarted{}, now);
    rooms.restarted(restarted.peer, now);
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

void Server::State::renew(dht::Bytes certificate, dht::Now now) {
    if (stopping) return;
    links.renew(certificate);
    node.renew(std::move(certificate), now);
    note("there is a new certificate: it is shown from now on", true);
    members_due = expiry_due = now.time;
    settle(now);
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
    reach.reason = hint ? Reason::too_many : Reason::server_unreachable;
    directory.describe(peer, now);
}

void Server::State::unreachable(const dht::NodeId& peer, Reason reason, bool refused, dht::Now now) {
    reaching.erase(peer);
    spread(peer, LinkFailed{reason == Reason::none ? Reason::server_unreachable : reason, refused}, now);
    rooms.unreachable(peer, now);
    if (calls_with.contains(peer)) redials.set(peer, now.time + redial_interval);
}

void Server::State::use(const dht::NodeId& peer, int change, dht::Now now) {
    auto& count = uses[peer];
    count += static_cast<std::size_t>(change);
    if (peer != self) links.use(peer, count > 0, now.time);
    if (count == 0) uses.erase(peer);
}

// ---- Messages of a peer

void Server::State::send(const dht::NodeId& peer, Message message, dht::Now now) {
    if (peer != self) {
        links.send(peer, message, now.time);
        return;
    }
    std::visit(
        [](auto& m) {
            if constexpr (requires { m.call; }) m.call = other_end(m.call);
            if constexpr (requires { m.subscription; }) m.subscription = other_end(m.subscription);
        },
        message);
    to_self.push_back(std::move(message));
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
