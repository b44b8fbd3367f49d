// SPDX-License-Identifier: LGPL-2.1-or-later
// Rooms, as the floor above and the connections have to do with them.
#include <algorithm>
#include <tuple>
#include <utility>

#include "federation/server_state.h"

namespace federation {

// ---- For the floor above

void Server::create_room(const std::string& room, RoomPlan plan, dht::Now now) {
    auto& s = *state_;
    OwnerToken token{};
    s.random.fill(token);
    const auto given = plan.token ? token_from(*plan.token) : std::optional{token};
    if (s.stopping || !given) {
        const auto reason = s.stopping ? Reason::shutting_down : Reason::not_permitted;
        s.events.emplace_back(RoomRefused{room, reason});
        return;
    }
    s.rooms.create(room, std::move(plan.about), std::move(plan.pin), std::move(plan.secret), *given,
                   plan.exclusive, now);
    s.settle(now);
}

bool Server::edit_room(const std::string& room, RoomPlan plan, dht::Now now) {
    const bool done =
        state_->rooms.edit(room, std::move(plan.about), std::move(plan.pin), std::move(plan.secret), now);
    state_->settle(now);
    return done;
}

void Server::destroy_room(const std::string& room, dht::Now now) {
    state_->end_feeds_of(room, {}, Reason::room_destroyed, now);
    state_->rooms.destroy(room, now);
    state_->settle(now);
}

void Server::enter_room(const std::string& room, const std::optional<std::string>& pin, dht::Now now) {
    auto& s = *state_;
    if (s.stopping) {
        s.events.emplace_back(RoomRefused{room, Reason::shutting_down});
        return;
    }
    s.rooms.enter(room, pin, now);
    s.settle(now);
}

void Server::leave_room(const std::string& room, dht::Now now) {
    state_->end_feeds_of(room, {}, Reason::unknown_feed, now);
    state_->rooms.leave(room, now);
    state_->settle(now);
}

bool Server::has_room(const std::string& room) const {
    return state_->rooms.find(room) != nullptr;
}

std::vector<std::string> Server::rooms() const {
    return state_->rooms.names();
}

std::optional<RoomRules> Server::room_rules(const std::string& room) const {
    const auto* found = state_->rooms.find(room);
    return found ? std::optional{found->policy().rules} : std::nullopt;
}

bool Server::pin_matches(const std::string& room, const std::optional<std::string>& pin) const {
    const auto* found = state_->rooms.find(room);
    return found && (!found->policy().rules.pin || (pin && same_text(*pin, found->pin().value_or(""))));
}

bool Server::secret_matches(const std::string& room, const std::string& secret) const {
    const auto* found = state_->rooms.find(room);
    return found && found->is_keyholder() && found->secret() && same_text(secret, *found->secret());
}

bool Server::knows_secret(const std::string& room) const {
    const auto* found = state_->rooms.find(room);
    return found && found->is_keyholder();
}

bool Server::set_participant(const std::string& room, Participant participant, dht::Now now) {
    const auto id = participant.id;
    const bool silent = participant.about.empty();
    const bool done = state_->rooms.set_participant(room, std::move(participant), now);
    if (done && silent) state_->end_feeds_of(room, id, Reason::unknown_feed, now);
    state_->settle(now);
    return done;
}

void Server::remove_participant(const std::string& room, const std::string& id, dht::Now now) {
    state_->end_feeds_of(room, id, Reason::unknown_feed, now);
    state_->rooms.remove_participant(room, id, now);
    state_->settle(now);
}

std::vector<dht::NodeId> Server::room_peers(const std::string& room) const {
    const auto* found = state_->rooms.find(room);
    return found ? found->peers() : std::vector<dht::NodeId>{};
}

std::vector<Participant> Server::participants(const std::string& room, const dht::NodeId& server) const {
    const auto* found = state_->rooms.find(room);
    return found ? found->participants(server) : std::vector<Participant>{};
}

std::uint64_t Server::lookup_room(const std::string& room, dht::Now now) {
    const auto lookup = ++state_->lookups;
    state_->rooms.lookup(lookup, room, now);
    state_->settle(now);
    return lookup;
}

std::vector<RoomServer> Server::room_servers(const std::string& room) const {
    const auto* found = state_->rooms.find(room);
    auto servers = found ? found->servers() : std::vector<RoomServer>{};
    state_->sort_best_first(servers);
    return servers;
}

std::vector<RoomServer> Server::room_neighbours() const {
    std::map<dht::NodeId, RoomServer> all;
    for (const auto& name : state_->rooms.names()) {
        for (auto& server : state_->rooms.find(name)->servers()) {
            const auto [known, is_new] = all.try_emplace(server.id, server);
            if (!is_new) known->second.members += server.members;
        }
    }
    std::vector<RoomServer> servers;
    servers.reserve(all.size());
    for (auto& [id, server] : all) servers.push_back(std::move(server));
    state_->sort_best_first(servers);
    return servers;
}

void Server::set_load(unsigned load, dht::Now now) {
    state_->rooms.set_load(load, now);
    state_->settle(now);
}

void Server::drain(dht::Now now, bool draining) {
    auto& s = *state_;
    if (s.stopping || std::exchange(s.draining, draining) == draining) return;
    s.directory.drain(draining, now);
    if (draining) {
        for (const auto& stream : s.streams) s.bulletin.withdraw(stream_kind, stream, now);
    } else {
        s.offer_streams_again(now);
    }
    s.rooms.drain(draining, now);
    s.settle(now);
}

bool Server::draining() const {
    return state_->draining;
}

std::string Server::ask_room(const std::string& room, const dht::NodeId& peer, const std::string& secret,
                             std::string body, dht::Now now) {
    auto request = random_hex<16>(state_->random);
    state_->asks.ask(request, room, peer, secret, std::move(body), now);
    state_->settle(now);
    return request;
}

void Server::answer_room(const std::string& request, std::string body, Reason reason, dht::Now now) {
    state_->asks.answer(request, std::move(body), reason, now);
    state_->settle(now);
}

// ---- What they want

bool Server::State::settle_rooms(dht::Now now) {
    auto wish = rooms.poll();
    if (!wish) wish = asks.poll();
    if (!wish) return false;
    std::visit([&](auto& wanted) { on(wanted, now); }, *wish);
    return true;
}

void Server::State::on(Rooms::Send& wanted, dht::Now now) {
    send(wanted.peer, std::move(wanted.message), now);
}

void Server::State::on(Rooms::Tell& wanted, dht::Now /*now*/) {
    if (auto* found = std::get_if<RoomFound>(&wanted.event)) sort_best_first(found->servers);
    events.push_back(std::move(wanted.event));
}

void Server::State::on(const Rooms::Reach& wanted, dht::Now now) {
    reach(wanted.peer, wanted.at, now);
}

void Server::State::on(const Rooms::Use& wanted, dht::Now now) {
    use(wanted.peer, wanted.change, now);
}

/// Whoever is not in a room any more gets nothing of it.
void Server::State::on(const Rooms::Parted& parted, dht::Now now) {
    for (const auto& [id, feed] : std::map{feeds}) {
        if (feed.peer() != parted.peer || feed.address().room != parted.room) continue;
        step_feed(id, EndFeed{Reason::not_in_room}, now);
        events.emplace_back(SubscriptionEnded{id, Reason::not_in_room});
    }
}

/// The least loaded (in steps: a few percent are chance), then the nearest.
void Server::State::sort_best_first(std::vector<RoomServer>& servers) const {
    for (auto& server : servers) {
        if (server.id != self) server.rtt = links.rtt(server.id);
    }
    std::ranges::stable_sort(servers, {}, [](const RoomServer& server) {
        constexpr unsigned step = 20;
        return std::tuple{server.load / step, server.rtt.value_or(dht::Duration::max()), server.id};
    });
}

void Server::State::on_message(const dht::NodeId& peer, const RoomProof& proof, dht::Now now) {
    if (stopping) return;
    if (proof.secret) return asks.receive(peer, proof, now);
    rooms.receive(peer, proof, now);
}

void Server::State::on_message(const dht::NodeId& peer, const RoomRequest& request, dht::Now now) {
    if (!stopping) asks.receive(peer, request, now);
}

void Server::State::on_message(const dht::NodeId& peer, const RoomAnswer& answer, dht::Now /*now*/) {
    asks.receive(peer, answer);
}

void Server::State::end_feeds_of(const std::string& room, const std::optional<std::string>& id, Reason reason,
                                 dht::Now now) {
    std::vector<SubscriptionId> ended;
    for (const auto& [subscription, feed] : feeds) {
        const auto& address = feed.address();
        if (address.room != room || (id && (feed.role() != Feed::Role::publisher || address.feed != *id)))
            continue;
        ended.push_back(subscription);
    }
    for (const auto& subscription : ended) {
        step_feed(subscription, EndFeed{reason}, now);
        events.emplace_back(SubscriptionEnded{subscription, reason});
    }
}

}  // namespace federation
