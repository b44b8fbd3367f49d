// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/bulletin.h"

#include <utility>

namespace federation {

namespace {

/// Lookups at once. Each costs the node some dozens of queries.
constexpr std::size_t lookups_max = 10'000;

}  // namespace

Bulletin::Bulletin(dht::Node& node, const Config& config) : node_(node), config_(config) {}

void Bulletin::publish(std::string_view kind, const std::string& name, dht::Bytes value, dht::Now now) {
    const auto id = node_.publish(std::string{kind}, name, std::move(value), config_.record_lifetime, now);
    const Name key{kind, name};
    const auto [entry, is_new] = ours_.try_emplace(key, Publication{id});
    if (!is_new) names_.erase(std::exchange(entry->second.id, id));
    names_[id] = key;
}

void Bulletin::withdraw(std::string_view kind, const std::string& name, dht::Now now) {
    const auto entry = ours_.find(Name{kind, name});
    if (entry == ours_.end()) return;
    const auto id = entry->second.id;
    ours_.erase(entry);
    names_.erase(id);
    node_.withdraw(id, now);
}

bool Bulletin::publishes(std::string_view kind, const std::string& name) const {
    return ours_.contains(Name{kind, name});
}

std::uint64_t Bulletin::find(std::string_view kind, const std::string& name, dht::Now now) {
    Found found{++finds_, std::string{kind}, name, {}};
    const auto id = found.find;
    if (lookups_.size() >= lookups_max) {
        events_.emplace_back(std::move(found));
        return id;
    }
    const auto lookup = node_.find_value(dht::key_of(config_.node.federation, kind, name), now);
    lookups_.emplace(lookup, std::move(found));
    ends_.set(lookup, now.time + config_.lookup_timeout);
    return id;
}

void Bulletin::handle(const dht::ValuesFound& found) {
    ended(found.lookup, &found, true);
}

void Bulletin::handle(const dht::Stored& stored) {
    const auto name = names_.find(stored.publication);
    if (name == names_.end()) return;
    auto& publication = ours_.at(name->second);
    if (publication.held || (stored.holders == 0 && !node_.contacts().empty())) return;
    publication.held = true;
    events_.emplace_back(Held{name->second.first, name->second.second});
}

void Bulletin::advance(dht::Now now) {
    while (const auto late = ends_.pop_due(now.time)) {
        const auto found = node_.give_up(*late, now);  // somebody has just died, say: the others will do
        ended(*late, found ? &*found : nullptr, false);
    }
}

/// `found` is null when nobody was heard.
void Bulletin::ended(dht::LookupId lookup, const dht::ValuesFound* found, bool all_heard) {
    auto entry = lookups_.extract(lookup);
    ends_.clear(lookup);
    if (entry.empty()) return;  // took too long, or is not ours
    auto& ended = entry.mapped();
    std::vector<dht::Record> records;
    for (const auto& record : found ? found->records : std::vector<dht::Record>{}) {
        const bool wanted = record.kind == ended.kind && record.name == ended.name;
        if (wanted && record.publisher_id() != node_.id()) records.push_back(record);
    }
    if (all_heard || !records.empty()) ended.records = std::move(records);
    events_.emplace_back(std::move(ended));
}

void Bulletin::shut_down(dht::Now now) {
    while (!ours_.empty()) {
        const auto [kind, name] = Name{ours_.begin()->first};
        withdraw(kind, name, now);
    }
}

std::optional<Bulletin::Event> Bulletin::poll_event() {
    if (events_.empty()) return {};
    auto event = std::move(events_.front());
    events_.pop_front();
    return event;
}

}  // namespace federation
