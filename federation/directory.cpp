// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/directory.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace federation {

namespace {

/// A claim that was stored while we looked is seen by then: storing takes a few round trips.
constexpr dht::Duration second_look = std::chrono::seconds{2};

/// Where one user may be at once: more would be a way to make one call ring everywhere.
constexpr std::size_t places_max = 8;

/// Lookups for calls and names at once. Each costs the node some dozens of queries.
constexpr std::size_t lookups_max = 10'000;

}  // namespace

Directory::Directory(const dht::Identity& identity, dht::Node& node, const Config& config)
    : identity_(identity), node_(node), config_(config) {}

void Directory::appear(dht::Now now) {
    const NodeValue value{config_.signalling, config_.software};
    descriptor_ =
        node_.publish(std::string{node_kind}, node_.id().hex(), encode(value), config_.record_lifetime, now);
    keep_item(now);
}

void Directory::moved(dht::Now now) {
    if (descriptor_) appear(now);
    for (auto& [user, registration] : registrations_) {
        if (registration.publication) publish(user, registration, now);
    }
}

/// What is at the own NodeID, signed so that it supersedes what was there, of an earlier life too.
dht::Item Directory::signed_item(dht::Bytes value, dht::Now now) {
    item_seq_ = std::max<std::int64_t>(item_seq_ + 1, now.date.time_since_epoch().count());
    dht::Item item{.value = std::move(value), .seq = item_seq_};
    dht::sign(item, identity_);
    return item;
}

void Directory::keep_item(dht::Now now) {
    const NodeValue value{config_.signalling, config_.software};
    item_ = node_.keep_item(signed_item(encode_item(value, config_.node.federation), now), now);
}

void Directory::register_user(const std::string& user, const OwnerToken& token, dht::Now now) {
    if (!valid_user(user)) return events_.push_back(Refused{user, Reason::invalid_name}), void();
    if (const auto found = registrations_.find(user); found != registrations_.end()) {
        if (found->second.step == Step::registered) events_.push_back(Registered{user, found->second.token});
        return;  // else under way: told when it is done
    }
    if (draining_) return events_.push_back(Refused{user, Reason::draining}), void();
    if (registrations_.size() >= config_.caps.users_max) {
        return events_.push_back(Refused{user, Reason::too_many}), void();
    }
    auto& registration = registrations_[user];
    registration.since = in_milliseconds(now.date);
    registration.token = token;
    registration.owner = own(token, config_.node.federation, user, identity_.public_key());
    start({Purpose::registering, {user, {}}, {}, 0, now.time + config_.lookup_timeout}, now);
}

void Directory::unregister_user(const std::string& user, dht::Now now) {
    forget(user, now);
}

bool Directory::has_user(const std::string& user) const {
    const auto found = registrations_.find(user);
    return found != registrations_.end() && found->second.step == Step::registered;
}

std::vector<std::string> Directory::users() const {
    std::vector<std::string> users;
    for (const auto& [user, registration] : registrations_) {
        if (registration.step == Step::registered) users.push_back(user);
    }
    return users;
}

std::uint64_t Directory::find(const UserAddress& address, dht::Now now) {
    const auto id = ++finds_;
    const bool here = !address.server || *address.server == node_.id();
    const bool only_here = address.server == node_.id();
    if (here && has_user(address.user)) {
        const Place place{node_.id(), config_.signalling};
        events_.push_back(Found{id, address.user, {place}, Reason::none, only_here});
    } else if (only_here) {
        events_.push_back(Found{id, address.user, {}, Reason::unknown_user});
    }
    if (!only_here) start({Purpose::finding, address, {}, id, now.time + config_.lookup_timeout}, now);
    return id;
}

void Directory::describe(const dht::NodeId& server, dht::Now now) {
    start({Purpose::describing, {}, server, 0, now.time + config_.lookup_timeout}, now);
}

void Directory::start(Lookup lookup, dht::Now now) {
    if (lookups_.size() >= lookups_max) return ended(lookup, nullptr, Heard::some, now);
    const bool of_node = lookup.purpose == Purpose::describing;
    const auto key = of_node ? dht::key_of(config_.node.federation, node_kind, lookup.server.hex())
                             : dht::key_of(config_.node.federation, user_kind, lookup.address.user);
    // Of one server the first record that is met will do: if it is not the newest, that server's descriptor
    // or its answer tells. Whose a name is, and where else, must be heard from all.
    const auto& publisher = lookup.address.server;
    const auto id = lookup.purpose == Purpose::finding && publisher ? node_.find_first(key, publisher, now)
                                                                    : node_.find_value(key, now);
    lookup_ends_.set(id, lookup.until);
    lookups_.emplace(id, std::move(lookup));
}

void Directory::ended(const Lookup& lookup, const dht::ValuesFound* found, Heard heard, dht::Now now) {
    switch (lookup.purpose) {
        case Purpose::registering:
            return looked(lookup.address.user, found, now);
        case Purpose::checking:
            return checked(lookup.address.user, found, now);
        case Purpose::finding: {
            auto places = found ? places_of(lookup.address, *found) : std::vector<Place>{};
            const auto reason = !places.empty()       ? Reason::none
                                : heard == Heard::all ? Reason::unknown_user
                                                      : Reason::server_unreachable;
            events_.push_back(Found{lookup.find, lookup.address.user, std::move(places), reason});
            return;
        }
        case Purpose::describing: {
            Described described{lookup.server, {}};
            for (const auto& record : found ? found->records : std::vector<dht::Record>{}) {
                if (record.publisher_id() != lookup.server) continue;  // anybody may publish under the key
                if (const auto value = decode_node(dht::view(record.value))) {
                    described.signalling = value->signalling;
                }
            }
            events_.push_back(described);
            return;
        }
    }
}

void Directory::looked(const std::string& user, const dht::ValuesFound* found, dht::Now now) {
    const auto registration = registrations_.find(user);
    if (registration == registrations_.end() || registration->second.step != Step::looking) return;
    if (!found) return refuse(user, Reason::timeout, now);
    for (const auto& claim : claims(user, *found)) {
        if (claim.owner != registration->second.owner.key) return refuse(user, Reason::name_taken, now);
        // Ours is as old as the owner's first: who has the name keeps it while moving.
        registration->second.since = std::min(registration->second.since, claim.registered);
    }
    registration->second.step = Step::storing;
    alarms_.set(user, now.time + config_.lookup_timeout);
    publish(user, registration->second, now);
}

void Directory::checked(const std::string& user, const dht::ValuesFound* found, dht::Now now) {
    const auto entry = registrations_.find(user);
    if (entry == registrations_.end()) return;
    auto& registration = entry->second;
    if (found) {
        const auto all = claims(user, *found);
        const auto first = all.empty() ? std::nullopt : std::optional{all.front()};
        const bool earlier = first && first->rank() < std::pair{registration.since, node_.id()};
        if (earlier && first->owner != registration.owner.key) return refuse(user, Reason::name_taken, now);
        const bool others = std::ranges::any_of(
            found->closest, [&](const dht::Contact& contact) { return contact.id != node_.id(); });
        const bool kept = registration.holders > 0 || !others;
        if (registration.step == Step::checking && !kept) return refuse(user, Reason::no_record_holder, now);
    }
    if (registration.step != Step::checking) return;
    registration.step = Step::registered;
    alarms_.set(user, now.time + second_look);
    events_.push_back(Registered{user, registration.token});
}

void Directory::check(const std::string& user, dht::Now now) {
    start({Purpose::checking, {user, {}}, {}, 0, now.time + config_.lookup_timeout}, now);
}

void Directory::publish(const std::string& user, Registration& registration, dht::Now now) {
    const UserValue value{config_.signalling, registration.since, registration.owner};
    registration.publication =
        node_.publish(std::string{user_kind}, user, encode(value), config_.record_lifetime, now);
    published_[*registration.publication] = user;
}

void Directory::refuse(const std::string& user, Reason reason, dht::Now now) {
    events_.push_back(Refused{user, reason});  // first: the argument may live in what is forgotten
    forget(std::string{user}, now);
}

void Directory::forget(const std::string& user, dht::Now now) {
    const auto found = registrations_.find(user);
    if (found == registrations_.end()) return;
    alarms_.clear(user);
    const auto publication = found->second.publication;
    registrations_.erase(found);
    // Lookups for it go on and end in nothing: one that served an earlier registration of the same
    // name must not speak for a later one.
    std::erase_if(lookups_, [&](const auto& l) {
        return l.second.purpose <= Purpose::checking && l.second.address.user == user;
    });
    if (!publication) return;
    published_.erase(*publication);
    node_.withdraw(*publication, now);
}

std::vector<Directory::Claim> Directory::claims(const std::string& user,
                                                const dht::ValuesFound& found) const {
    std::vector<Claim> claims;
    for (const auto& record : found.records) {
        const auto server = record.publisher_id();
        // Our own of an earlier life may still be about.
        if (server == node_.id() || record.kind != user_kind || record.name != user) continue;
        const auto value = decode_user(dht::view(record.value));
        if (!value) continue;
        const bool proved =
            value->owner && owns(*value->owner, config_.node.federation, user, record.publisher);
        claims.push_back({value->registered,
                          {server, value->signalling},
                          proved ? std::optional{value->owner->key} : std::nullopt});
    }
    std::ranges::sort(claims, {}, &Claim::rank);
    return claims;
}

std::vector<Directory::Place> Directory::places_of(const UserAddress& address,
                                                   const dht::ValuesFound& found) const {
    auto all = claims(address.user, found);
    if (address.server) std::erase_if(all, [&](const Claim& c) { return c.place.server != *address.server; });
    if (all.empty()) return {};
    const bool here = !address.server && has_user(address.user);
    const auto owner = here ? std::optional{registrations_.at(address.user).owner.key} : all.front().owner;
    if (!owner) return {all.front().place};
    std::vector<Place> out;
    for (const auto& claim : all) {
        if (claim.owner == owner && out.size() < places_max) out.push_back(claim.place);
    }
    return out;
}

void Directory::handle(const dht::ValuesFound& found, dht::Now now) {
    const auto entry = lookups_.find(found.lookup);
    if (entry == lookups_.end()) return;  // took too long
    const auto lookup = std::move(entry->second);
    lookups_.erase(entry);
    lookup_ends_.clear(found.lookup);
    ended(lookup, &found, Heard::all, now);
}

void Directory::handle(const dht::Stored& stored, dht::Now now) {
    if (stored.publication == descriptor_ && stored.holders > 0 && std::exchange(descriptor_lost_, false))
        events_.push_back(Noted{"the record of this server is held again"});
    const auto name = published_.find(stored.publication);
    if (name == published_.end()) return;
    const auto user = name->second;
    auto& registration = registrations_.at(user);
    if (registration.step == Step::storing) {
        hold(user, registration, stored.holders, now);
        return;
    }
    registration.holders = stored.holders;
    if (registration.step == Step::registered && stored.complete) check(user, now);
}

/// It is stored: whoever looks from now on finds it, as we do others'.
void Directory::hold(const std::string& user, Registration& registration, std::size_t holders, dht::Now now) {
    alarms_.clear(user);
    registration.holders = holders;
    registration.step = Step::checking;
    check(user, now);
}

/// It is all the same for users: the node goes on trying. One line is enough for all of them.
void Directory::handle(const dht::Lost& lost) {
    if (lost.publication != descriptor_) return;
    descriptor_lost_ = true;
    events_.push_back(Noted{"no other server holds the record of this one any more: trying again"});
}

void Directory::handle(const dht::Superseded& superseded) {
    if (superseded.publication != descriptor_) return;
    events_.push_back(
        Noted{"somebody with the key of this server has published its record as well: does another server "
              "run with the same key file, or was the clock set back?"});
}

/// A clock that was ahead has left a greater seq there.
void Directory::handle(const dht::ItemStored& stored, dht::Now now) {
    constexpr std::int64_t stale = 302;
    if (stored.put != item_ || stored.error != stale || stored.found_seq < item_seq_) return;
    item_seq_ = stored.found_seq;
    keep_item(now);
}

void Directory::drain(bool draining, dht::Now now) {
    if (std::exchange(draining_, draining) == draining) return;
    std::vector<std::string> under_way;
    for (auto& [user, registration] : registrations_) {
        if (registration.step != Step::registered) {
            under_way.push_back(user);
        } else if (draining) {
            if (!registration.publication) continue;
            published_.erase(*registration.publication);
            node_.withdraw(*std::exchange(registration.publication, std::nullopt), now);
        } else {
            // A claim of now: whoever has registered meanwhile was told that the name was free.
            registration.since = in_milliseconds(now.date);
            publish(user, registration, now);
        }
    }
    for (const auto& user : under_way) {
        if (draining) refuse(user, Reason::draining, now);
    }
}

void Directory::advance(dht::Now now) {
    while (const auto late = lookup_ends_.pop_due(now.time)) {
        const auto entry = lookups_.find(*late);
        if (entry == lookups_.end()) continue;
        const auto lookup = std::move(entry->second);
        lookups_.erase(entry);
        // Somebody who has just died must not hide what all others know.
        const auto found = node_.give_up(*late, now);
        ended(lookup, found ? &*found : nullptr, Heard::some, now);
    }
    while (const auto user = alarms_.pop_due(now.time)) {
        const auto entry = registrations_.find(*user);
        if (entry == registrations_.end()) continue;
        auto& registration = entry->second;
        if (registration.step == Step::registered) {
            check(*user, now);
        } else if (const auto holders = node_.holders(*registration.publication); holders > 0) {
            hold(*user, registration, holders, now);  // enough to go on with: the others are still asked
        } else {
            refuse(*user, Reason::no_record_holder, now);
        }
    }
}

void Directory::shut_down(dht::Now now) {
    while (!registrations_.empty()) forget(registrations_.begin()->first, now);
    if (!descriptor_) return;
    node_.withdraw(*std::exchange(descriptor_, std::nullopt), now);
    const auto gone = signed_item(dht::Bytes{item_of_who_left}, now);
    node_.drop_item(dht::target_of(gone));
    node_.put_mutable(gone, std::nullopt, now);
    item_.reset();
}

std::optional<Directory::Event> Directory::poll_event() {
    if (events_.empty()) return {};
    auto event = std::move(events_.front());
    events_.pop_front();
    return event;
}

std::optional<dht::Time> Directory::deadline() const {
    return earlier(lookup_ends_.next(), alarms_.next());
}

}  // namespace federation
