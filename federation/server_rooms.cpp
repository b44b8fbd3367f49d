// SPDX-License-Identifier: LGPL-2.1-or-later
// Rooms: not here yet. Every wish for one is refused.
#include <utility>

#include "federation/server_state.h"

namespace federation {

void Server::create_room(const std::string& room, RoomPlan /*plan*/, dht::Now /*now*/) {
    state_->events.emplace_back(RoomRefused{room, Reason::unknown_room});
}
bool Server::edit_room(const std::string& /*room*/, RoomPlan /*plan*/, dht::Now /*now*/) {
    return false;
}
void Server::destroy_room(const std::string& /*room*/, dht::Now /*now*/) {}
void Server::enter_room(const std::string& room, const std::optional<std::string>& /*pin*/,
                        dht::Now /*now*/) {
    state_->events.emplace_back(RoomRefused{room, Reason::unknown_room});
}
void Server::leave_room(const std::string& /*room*/, dht::Now /*now*/) {}
bool Server::has_room(const std::string& /*room*/) const {
    return false;
}
std::vector<std::string> Server::rooms() const {
    return {};
}
std::optional<RoomRules> Server::room_rules(const std::string& /*room*/) const {
    return {};
}
bool Server::pin_matches(const std::string& /*room*/, const std::optional<std::string>& /*pin*/) const {
    return false;
}
bool Server::secret_matches(const std::string& /*room*/, const std::string& /*secret*/) const {
    return false;
}
bool Server::set_participant(const std::string& /*room*/, Participant /*participant*/, dht::Now /*now*/) {
    return false;
}
void Server::remove_participant(const std::string& /*room*/, const std::string& /*id*/, dht::Now /*now*/) {}
std::vector<dht::NodeId> Server::room_peers(const std::string& /*room*/) const {
    return {};
}
std::vector<Participant> Server::participants(const std::string& /*room*/,
                                              const dht::NodeId& /*server*/) const {
    return {};
}
std::uint64_t Server::lookup_room(const std::string& room, dht::Now /*now*/) {
    const auto lookup = ++state_->lookups;
    state_->events.emplace_back(RoomFound{lookup, room, {}, {}, Reason::unknown_room});
    return lookup;
}
std::vector<RoomServer> Server::room_servers(const std::string& /*room*/) const {
    return {};
}
void Server::set_load(unsigned /*load*/, dht::Now /*now*/) {}
void Server::drain(dht::Now /*now*/) {
    state_->draining = true;
}
std::string Server::ask_room(const std::string& /*room*/, const dht::NodeId& /*peer*/,
                             const std::string& /*secret*/, std::string /*body*/, dht::Now /*now*/) {
    auto request = random_hex<16>(state_->random);
    state_->events.emplace_back(RoomAnswered{request, {}, Reason::unknown_room});
    return request;
}
void Server::answer_room(const std::string& /*request*/, std::string /*body*/, Reason /*reason*/,
                         dht::Now /*now*/) {}

}  // namespace federation
