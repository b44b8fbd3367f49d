// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/rooms.h"

#include <algorithm>
#include <utility>

#include "federation/name.h"

namespace federation {

namespace {

/// How soon a record follows a change of members or load: each renewal is stored at k nodes, and people
/// come and go.
constexpr dht::Duration renewal_delay = std::chrono::seconds{15};

/// Records under one name that are looked at. There is one per server; a hostile one may publish more.
constexpr std::size_t listings_max = 2 * room_servers_max;

}  // namespace

Rooms::Rooms(const dht::NodeId& self, const Config& config, dht::Random& random, Bulletin& bulletin)
    : world_{.self = self, .config = config, .random = random}, bulletin_(bulletin) {}

// ---- From the floor above

Reason Rooms::refusal(const std::string& name) const {
    if (!valid_label(name)) return Reason::invalid_name;
    if (world_.draining) return Reason::draining;
    if (!rooms_.contains(name) && rooms_.size() >= world_.config.caps.rooms_max) return Reason::too_many;
    return Reason::none;
}

void Rooms::create(const std::string& name, std::string about, std::optional<std::string> pin,
                   std::optional<std::string> secret, const OwnerToken& token, bool exclusive, dht::Now now) {
    auto reason = refusal(name);
    if (!about.empty() && !valid_object(about, rules_bytes_max)) reason = Reason::protocol_error;
    if (pin.value_or("").size() > pin_bytes_max || secret.value_or("").size() > pin_bytes_max)
        reason = Reason::protocol_error;
    if (reason == Reason::none && rooms_.contains(name)) reason = Reason::room_exists;
    if (reason != Reason::none) return wishes_.emplace_back(Tell{RoomRefused{name, reason}}), void();
    const auto created = in_milliseconds(now.date);
    RoomPolicy policy{.created = created,
                      .version = created,
                      .rules = {std::move(about), pin.has_value(), secret.has_value()}};
    sign(policy, world_.config.node.federation, name, token);
    RoomOutput output;
    auto room = Room::made(name, std::move(policy), token, std::move(pin), std::move(secret), exclusive,
                           world_, now, output);
    add(std::move(room), std::move(output), now);
}

bool Rooms::edit(const std::string& name, std::string about, std::optional<std::string> pin,
                 std::optional<std::string> secret, dht::Now now) {
    const auto* room = find(name);
    if (!room || !room->is_keyholder()) return false;
    if (!about.empty() && !valid_object(about, rules_bytes_max)) return false;
    if (pin.value_or("").size() > pin_bytes_max || secret.value_or("").size() > pin_bytes_max) return false;
    auto policy = room->policy();
    policy.version = std::max(policy.version + 1, in_milliseconds(now.date));
    policy.rules = {std::move(about), pin.has_value(), secret.has_value()};
    sign(policy, world_.config.node.federation, name, *room->token());
    step(
        name, [&](Room& r, RoomOutput& output) { r.edit(policy, std::move(pin), std::move(secret), output); },
        now);
    return true;
}

void Rooms::destroy(const std::string& name, dht::Now now) {
    step(
        name, [&](Room& room, RoomOutput& output) { room.destroy(output); }, now);
}

void Rooms::enter(const std::string& name, const std::optional<std::string>& pin, dht::Now now) {
    if (const auto reason = refusal(name); reason != Reason::none) {
        return wishes_.emplace_back(Tell{RoomRefused{name, reason}}), void();
    }
    if (pin.value_or("").size() > pin_bytes_max) {
        return wishes_.emplace_back(Tell{RoomRefused{name, Reason::wrong_pin}}), void();
    }
    if (rooms_.contains(name)) {
        return step(
            name, [&](Room& room, RoomOutput& output) { room.enter(pin, now, output); }, now);
    }
    RoomOutput output;
    auto room = Room::entering(name, pin, world_, now, output);
    add(std::move(room), std::move(output), now);
}

void Rooms::leave(const std::string& name, dht::Now now) {
    step(
        name, [&](Room& room, RoomOutput& output) { room.leave(output); }, now);
}

bool Rooms::set_participant(const std::string& name, Participant participant, dht::Now now) {
    bool done = false;
    step(
        name,
        [&](Room& room, RoomOutput& output) { done = room.set_participant(std::move(participant), output); },
        now);
    return done;
}

void Rooms::remove_participant(const std::string& name, const std::string& id, dht::Now now) {
    step(
        name, [&](Room& room, RoomOutput& output) { room.remove_participant(id, output); }, now);
}

void Rooms::lookup(std::uint64_t lookup, const std::string& name, dht::Now now) {
    if (!valid_label(name)) {
        wishes_.emplace_back(Tell{RoomFound{lookup, name, {}, {}, Reason::unknown_room}});
        return;
    }
    lookups_[bulletin_.find(room_kind, name, now)] = {lookup, name};
}

void Rooms::set_load(unsigned load, dht::Now now) {
    world_.load = std::min(load, 100U);
    for (const auto& [name, room] : rooms_) publish(room, now);
}

void Rooms::drain(bool draining, dht::Now now) {
    if (std::exchange(world_.draining, draining) == draining) return;
    for (const auto& [name, room] : rooms_) {
        publish(room, now);
        if (room.here()) wishes_.emplace_back(Tell{RoomDraining{name, draining}});
    }
}

void Rooms::moved(dht::Now now) {
    for (const auto& [name, room] : rooms_) renew(name, now);
}

void Rooms::renew(const std::string& name, dht::Now now) {
    const auto* room = find(name);
    const auto listing = room ? room->listing() : std::nullopt;
    if (!listing) return;
    published_[name] = encode(*listing);
    bulletin_.publish(room_kind, name, published_[name], now);
}

void Rooms::shut_down(dht::Now now) {
    world_.draining = true;
    for (auto& [name, room] : rooms_) {
        for (const auto& peer : room.peers()) {
            wishes_.emplace_back(Send{peer, RoomLeave{name, Reason::shutting_down}});
        }
        bulletin_.withdraw(room_kind, name, now);
    }
    rooms_.clear();
    alarms_ = {};
    renewals_ = {};
}

const Room* Rooms::find(const std::string& name) const {
    const auto found = rooms_.find(name);
    return found == rooms_.end() || !found->second.here() ? nullptr : &found->second;
}

std::vector<std::string> Rooms::names() const {
    std::vector<std::string> out;
    for (const auto& [name, room] : rooms_) {
        if (room.here()) out.push_back(name);
    }
    return out;
}

// ---- What comes of a change

void Rooms::add(Room room, RoomOutput output, dht::Now now) {
    const std::string name = room.name();
    rooms_.emplace(name, std::move(room));
    carry_out(name, std::move(output), now);
}

void Rooms::step(const std::string& name, const std::function<void(Room&, RoomOutput&)>& change,
                 dht::Now now) {
    const auto entry = rooms_.find(name);
    if (entry == rooms_.end()) return;
    RoomOutput output;
    change(entry->second, output);
    carry_out(name, std::move(output), now);
}

void Rooms::step_all(const std::function<void(Room&, RoomOutput&)>& change, dht::Now now) {
    for (auto next = rooms_.begin(); next != rooms_.end();) {
        const auto name = (next++)->first;  // it may be over
        step(name, change, now);
    }
}

void Rooms::carry_out(const std::string& name, RoomOutput output, dht::Now now) {
    for (auto& [peer, change] : output.use) wishes_.emplace_back(Use{peer, change});
    for (auto& [peer, at] : output.reach) wishes_.emplace_back(Reach{peer, at});
    for (auto& [peer, message] : output.send) wishes_.emplace_back(Send{peer, std::move(message)});
    for (auto& event : output.tell) wishes_.emplace_back(Tell{std::move(event)});
    for (const auto& peer : output.parted) wishes_.emplace_back(Parted{peer, name});
    const auto entry = rooms_.find(name);
    if (output.look && !entry->second.over()) looks_[bulletin_.find(room_kind, name, now)] = name;
    publish(entry->second, now);
    if (entry->second.over()) {
        if (entry->second.policy().destroyed) destroyed_.keep(name, entry->second.policy(), now);
        rooms_.erase(entry);
        alarms_.clear(name);
    } else if (const auto deadline = entry->second.deadline()) {
        alarms_.set(name, *deadline);
    } else {
        alarms_.clear(name);
    }
}

void Rooms::publish(const Room& room, dht::Now now) {
    const auto& name = room.name();
    const auto listing = room.listing();
    const auto published = published_.find(name);
    if (!listing) {
        if (published == published_.end()) return;
        published_.erase(published);
        renewals_.clear(name);
        return bulletin_.withdraw(room_kind, name, now);
    }
    auto value = encode(*listing);
    if (published != published_.end() && published->second == value) return;
    const bool other_policy =
        published != published_.end() && decode_room(dht::view(published->second))->policy != listing->policy;
    if (published != published_.end() && !other_policy) {
        if (!renewals_.has(name)) renewals_.set(name, now.time + renewal_delay);
        return;
    }
    published_[name] = value;
    bulletin_.publish(room_kind, name, std::move(value), now);
}

// ---- From outside

std::vector<RoomListing> Rooms::listings(const std::string& name,
                                         const std::vector<dht::Record>& records) const {
    std::vector<RoomListing> out;
    const auto* ours = find(name);
    // Nearly all show the same one: a signature is looked at once.
    const auto right = [&](const RoomPolicy& policy) {
        const bool seen = (ours && ours->policy() == policy) ||
                          std::ranges::any_of(out, [&](const RoomListing& l) { return l.policy == policy; });
        return seen || verify(policy, world_.config.node.federation, name);
    };
    for (const auto& record : records) {
        if (out.size() >= listings_max) break;
        auto value = decode_room(dht::view(record.value));
        if (!value) continue;
        auto policy = decode_policy(dht::view(value->policy));
        if (!policy || !right(*policy) || destroyed_.last_of(name, *policy)) continue;
        out.push_back({record.publisher_id(), std::move(*value), std::move(*policy)});
    }
    return out;
}

void Rooms::found(const Bulletin::Found& found, dht::Now now) {
    if (const auto lookup = lookups_.extract(found.find)) {
        return tell_lookup(lookup.mapped().first, lookup.mapped().second, found);
    }
    const auto look = looks_.extract(found.find);
    if (look.empty()) return;
    const auto all = found.records ? listings(found.name, *found.records) : std::vector<RoomListing>{};
    step(
        look.mapped(),
        [&](Room& room, RoomOutput& output) { room.found(found.records ? &all : nullptr, now, output); },
        now);
}

void Rooms::tell_lookup(std::uint64_t lookup, const std::string& name, const Bulletin::Found& found) {
    const auto all = found.records ? listings(name, *found.records) : std::vector<RoomListing>{};
    std::vector<RoomPolicy> policies;
    policies.reserve(all.size());
    for (const auto& listing : all) policies.push_back(listing.policy);
    const auto* ours = find(name);
    const auto* chosen = ours ? &ours->policy() : choose(policies, false);
    RoomFound told{lookup, name, {}, {}, Reason::none};
    if (chosen) told.rules = chosen->rules;
    if (ours && !world_.draining) {
        told.servers.push_back({world_.self, world_.config.clients, ours->own().all().size(), world_.load,
                                dht::Duration::zero()});
    }
    for (const auto& listing : all) {
        if (!chosen || kinship(*chosen, listing.policy) == Kinship::stranger) continue;
        const auto& value = listing.value;
        told.servers.push_back({listing.server, value.clients, value.members, value.load});
    }
    if (!chosen) told.reason = found.records ? Reason::unknown_room : Reason::server_unreachable;
    wishes_.emplace_back(Tell{std::move(told)});
}

void Rooms::held(const std::string& name, dht::Now now) {
    step(
        name, [](Room& room, RoomOutput& output) { room.held(output); }, now);
}

void Rooms::up(const dht::NodeId& peer, dht::Now now) {
    world_.up.insert(peer);
    step_all([&](Room& room, RoomOutput& output) { room.up(peer, now, output); }, now);
}

void Rooms::down(const dht::NodeId& peer, Reason reason, dht::Now now) {
    world_.up.erase(peer);
    world_.greetings.erase(peer);
    step_all([&](Room& room, RoomOutput& output) { room.down(peer, reason, now, output); }, now);
}

void Rooms::restarted(const dht::NodeId& peer, dht::Now now) {
    const auto was_up = world_.up.contains(peer);
    step_all(
        [&](Room& room, RoomOutput& output) { room.down(peer, Reason::server_unreachable, now, output); },
        now);
    if (was_up) up(peer, now);
}

void Rooms::unreachable(const dht::NodeId& peer, dht::Now now) {
    step_all([&](Room& room, RoomOutput&) { room.unreachable(peer, now); }, now);
}

bool Rooms::is_of_the_dead(const dht::NodeId& peer, const RoomEnter& enter, dht::Now now) {
    destroyed_.forget_old(now);
    if (destroyed_.empty()) return false;
    const auto theirs = decode_policy(dht::view(enter.policy));
    const auto* last = theirs ? destroyed_.last_of(enter.room, *theirs) : nullptr;
    if (!last) return false;
    wishes_.emplace_back(Send{peer, RoomPolicyNews{.room = enter.room, .policy = encode(*last), .pin = {}}});
    return true;
}

template <class M>
void Rooms::receive(const dht::NodeId& peer, const M& message, dht::Now now) {
    if constexpr (std::is_same_v<M, RoomEnter>) {
        if (is_of_the_dead(peer, message, now)) return;
    }
    if (!rooms_.contains(message.room)) {
        if constexpr (std::is_same_v<M, RoomEnter>) {
            wishes_.emplace_back(Send{peer, RoomLeave{message.room, Reason::unknown_room}});
        }
        return;
    }
    step(
        message.room, [&](Room& room, RoomOutput& output) { room.receive(peer, message, now, output); }, now);
}
template void Rooms::receive(const dht::NodeId&, const RoomEnter&, dht::Now);
template void Rooms::receive(const dht::NodeId&, const RoomRoster&, dht::Now);
template void Rooms::receive(const dht::NodeId&, const RoomLeave&, dht::Now);
template void Rooms::receive(const dht::NodeId&, const RoomProof&, dht::Now);
template void Rooms::receive(const dht::NodeId&, const RoomPolicyNews&, dht::Now);

void Rooms::advance(dht::Now now) {
    while (const auto name = alarms_.pop_due(now.time)) {
        step(
            *name, [&](Room& room, RoomOutput& output) { room.advance(now, output); }, now);
    }
    while (const auto name = renewals_.pop_due(now.time)) renew(*name, now);
}

std::optional<Rooms::Wish> Rooms::poll() {
    if (wishes_.empty()) return {};
    auto wish = std::move(wishes_.front());
    wishes_.pop_front();
    return wish;
}

std::optional<dht::Time> Rooms::deadline() const {
    return earlier(alarms_.next(), renewals_.next());
}

}  // namespace federation
