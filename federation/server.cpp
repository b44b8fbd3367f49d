// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/server.h"

#include <algorithm>
#include <utility>

#include "federation/server_state.h"

namespace federation {

Server::Server(const dht::Identity& identity, Config config, dht::Random& random)
    : state_(std::make_unique<State>(identity, std::move(config), random)) {}

Server::~Server() = default;

const dht::NodeId& Server::id() const {
    return state_->self;
}

const dht::Node& Server::node() const {
    return state_->node;
}

void Server::move(const dht::Endpoint& signalling, dht::Now now) {
    auto& s = *state_;
    if (s.stopping || s.config.signalling == signalling) return;
    s.config.signalling = signalling;
    s.directory.moved(now);
    s.rooms.moved(now);
    s.offer_streams_again(now);
    s.events.emplace_back(Moved{signalling});
    // The peers would not notice for some time that their connections lead nowhere.
    for (const auto& peer : s.links.peers()) {
        s.links.lose(peer, now.time);
        s.reach(peer, {}, now);
    }
    s.settle(now);
}

void Server::bootstrap(const std::vector<dht::Endpoint>& contacts, dht::Now now) {
    state_->node.bootstrap(contacts, now);
    state_->directory.appear(now);
    state_->settle(now);
}

// ---- Users

void Server::register_user(const std::string& user, dht::Now now, const std::optional<OwnerToken>& token) {
    if (state_->stopping) {
        state_->events.emplace_back(UserRefused{user, Reason::shutting_down});
        return;
    }
    OwnerToken owner{};
    if (!token) state_->random.fill(owner);
    state_->directory.register_user(user, token.value_or(owner), now);
    state_->settle(now);
}

void Server::unregister_user(const std::string& user, dht::Now now) {
    state_->directory.unregister_user(user, now);
    state_->settle(now);
}

bool Server::has_user(const std::string& user) const {
    return state_->directory.has_user(user);
}

std::vector<std::string> Server::users() const {
    return state_->directory.users();
}

std::uint64_t Server::lookup(const std::string& user, dht::Now now) {
    const auto lookup = ++state_->lookups;
    const auto address = UserAddress::parse(user);
    if (address && !state_->stopping) {
        const auto find = state_->directory.find(*address, now);
        state_->finds.emplace(find, State::Wanted{*address, user, {}, lookup});
    } else {
        state_->events.emplace_back(UserFound{lookup, user, {}, Reason::unknown_user});
    }
    state_->settle(now);
    return lookup;
}

// ---- Trunks

void Server::renew(dht::Bytes certificate, dht::Now now) {
    state_->renew(std::move(certificate), now);
}

void Server::signal_trunk(const dht::NodeId& peer, TrunkSignal signal, dht::Now now) {
    auto& s = *state_;
    if (s.stopping) return;
    if (peer != s.self) s.reach(peer, {}, now);
    if (peer == s.self || !s.links.send(peer, signal, now.time)) {
        s.note("a trunk signal for " + peer.hex() + " had no way to go");
    }
    s.settle(now);
}

// ---- From the driver

void Server::receive(dht::BytesView datagram, const dht::Endpoint& from, dht::Now now,
                     const dht::Endpoint& at) {
    state_->node.receive(datagram, from, now, at);
    state_->settle(now);
}

void Server::unreachable(const dht::Endpoint& endpoint, dht::Now now) {
    state_->node.unreachable(endpoint, now);
    state_->settle(now);
}

void Server::link_opened(LinkId link, const dht::NodeId& peer, dht::Now now) {
    state_->links.opened(link, peer, now.time);
    state_->settle(now);
}

void Server::link_received(LinkId link, std::string_view text, dht::Now now) {
    state_->links.received(link, text, now.time);
    state_->settle(now);
}

void Server::link_refused(LinkId link, dht::Now now) {
    state_->links.closed(link, Reason::server_unreachable, now.time, true);
    state_->settle(now);
}

void Server::link_closed(LinkId link, Reason reason, dht::Now now) {
    state_->links.closed(link, reason, now.time);
    state_->settle(now);
}

void Server::advance(dht::Now now) {
    auto& s = *state_;
    s.node.advance(now);
    s.settle(now);  // what it has just found is in time for those who wait for it until now
    s.look_after_members(now);
    s.directory.advance(now);
    s.links.advance(now.time);
    s.bulletin.advance(now);
    s.rooms.advance(now);
    s.asks.advance(now);
    while (const auto feed = s.feed_deadlines.pop_due(now.time)) s.step_feed(*feed, DeadlinePassed{}, now);
    while (const auto call = s.call_deadlines.pop_due(now.time)) s.step(*call, DeadlinePassed{}, now);
    while (const auto peer = s.redials.pop_due(now.time)) {
        if (s.calls_with.contains(*peer)) s.reach(*peer, {}, now);
    }
    s.settle(now);
}

void Server::shut_down(dht::Now now) {
    auto& s = *state_;
    if (std::exchange(s.stopping, true)) return;
    while (!s.calls.empty()) {
        const auto id = s.calls.begin()->first;
        const auto fork = s.fork_of.find(id);
        const auto call = fork == s.fork_of.end() ? id : fork->second;
        s.hang_up(call, {Reason::shutting_down, {}}, now);
        s.events.emplace_back(CallEnded{call, Reason::shutting_down, {}});
    }
    while (!s.feeds.empty()) {
        const auto id = s.feeds.begin()->first;
        s.step_feed(id, EndFeed{Reason::shutting_down}, now);
        s.events.emplace_back(SubscriptionEnded{id, Reason::shutting_down});
    }
    s.to_self.clear();
    s.rooms.shut_down(now);
    while (s.settle_rooms(now)) {
    }
    s.bulletin.shut_down(now);
    s.directory.shut_down(now);
    s.links.close_all("shutting down");
    s.settle(now);
}

std::optional<dht::Datagram> Server::poll_datagram() {
    return state_->node.poll_datagram();
}

std::optional<Command> Server::poll_command() {
    return state_->links.poll_command();
}

std::optional<Event> Server::poll_event() {
    auto& events = state_->events;
    if (events.empty()) return {};
    auto event = std::move(events.front());
    events.pop_front();
    state_->blame_clock(event);
    return event;
}

std::optional<dht::Time> Server::deadline() const {
    const auto& s = *state_;
    const auto ours = earlier(s.call_deadlines.next(), s.redials.next());
    const auto members =
        earlier(s.members_deadline(),
                earlier(s.feed_deadlines.next(),
                        earlier(earlier(s.rooms.deadline(), s.asks.deadline()), s.bulletin.deadline())));
    return earlier(members, earlier(earlier(s.node.deadline(), s.directory.deadline()),
                                    earlier(s.links.deadline(), ours)));
}

}  // namespace federation
