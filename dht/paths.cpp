// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/paths.h"

#include <algorithm>

#include "dht/subnet.h"

namespace dht {

Paths::Paths(const NodeId& self, const NodeId& target, Limits limits)
    : self_(self), target_(target), limits_(limits) {
    limits_.at_once = std::clamp<std::size_t>(limits.at_once, 1, most);
}

void Paths::begin(std::span<const Contact> contacts) {
    if (!limits_.families_apart) {
        lookups_.emplace_back(self_, target_, limits_.path).seed(contacts);
        return;
    }
    for (const Families families : {Families{true, false}, Families{false, true}})
        lookups_.emplace_back(self_, target_, limits_.path, families).seed(contacts);
}

/// All paths know all seeds: one that needs few of its share leaves the rest to those that need more.
void Paths::seed(std::span<const Contact> contacts) {
    for (std::size_t i = 0; i < limits_.at_once; ++i) begin(contacts);
}

bool Paths::open(std::span<const Contact> contacts) {
    if (size() >= most) return false;
    std::vector<Contact> fresh;
    for (const Contact& contact : contacts) {
        if (fresh.size() == limits_.path.k) break;
        if (!asked_.contains(contact)) fresh.push_back(contact);
    }
    if (fresh.empty()) return false;
    begin(fresh);
    return true;
}

std::optional<Contact> Paths::next() {
    for (std::size_t tried = 0; tried < lookups_.size(); ++tried) {
        const auto lookup = turn_++ % lookups_.size();
        if (auto contact = next(lookup)) return contact;
    }
    return std::nullopt;
}

std::optional<Contact> Paths::next(std::size_t lookup) {
    while (auto contact = lookups_[lookup].next()) {
        const auto [asked, is_new] = asked_.try_emplace(*contact, lookup);
        if (is_new || asked->second == lookup) return contact;
        lookups_[lookup].passed_over(*contact);
    }
    return std::nullopt;
}

Lookup* Paths::lookup_of(const Contact& contact) {
    const auto asked = asked_.find(contact);
    return asked == asked_.end() ? nullptr : &lookups_[asked->second];
}

void Paths::answered(const Contact& contact, std::span<const Contact> closer) {
    const auto asked = asked_.find(contact);
    if (asked == asked_.end()) return;
    const auto hops = lookups_[asked->second].answered(contact, closer);
    // Who speaks both families names contacts of both, the more so where few do.
    if (limits_.families_apart) lookups_[asked->second ^ 1U].heard(closer, hops);
}

void Paths::slow(const Contact& contact) {
    if (auto* lookup = lookup_of(contact)) lookup->slow(contact);
}

void Paths::late(const Contact& contact) {
    if (auto* lookup = lookup_of(contact)) lookup->late(contact);
}

void Paths::failed(const Contact& contact) {
    if (auto* lookup = lookup_of(contact)) lookup->failed(contact);
}

bool Paths::finished() const {
    return std::all_of(lookups_.begin(), lookups_.end(),
                       [](const Lookup& lookup) { return lookup.finished(); });
}

void Paths::sort(std::vector<Contact>& contacts) const {
    std::sort(contacts.begin(), contacts.end(),
              [&](const Contact& a, const Contact& b) { return closer(target_, a.id, b.id); });
}

std::vector<Contact> Paths::nearest(Those those) const {
    if (!limits_.families_apart) return nearest(those, 0);
    auto out = nearest(those, 0);
    const auto v6 = nearest(those, 1);
    out.insert(out.end(), v6.begin(), v6.end());
    sort(out);
    // Who speaks both holds one copy.
    const auto same = [](const Contact& a, const Contact& b) { return a.id == b.id; };
    out.erase(std::unique(out.begin(), out.end(), same), out.end());
    return out;
}

/// Of the lookup with that number of each path.
std::vector<Contact> Paths::nearest(Those those, std::size_t first) const {
    if (size() == 1) return (lookups_[first].*those)();
    std::vector<Contact> all;
    for (auto i = first; i < lookups_.size(); i += lookups_per_path()) {
        const auto its = (lookups_[i].*those)();
        all.insert(all.end(), its.begin(), its.end());
    }
    sort(all);
    // One subnet counts in all paths together as much as in one.
    const auto& limits = limits_.path;
    std::unordered_map<Subnet, std::size_t> subnets;
    std::vector<Contact> out;
    for (const Contact& contact : all) {
        if (out.size() == limits.k) break;
        const bool counts = !limits.exempt_private || !is_private(contact.endpoint);
        if (counts && subnets[subnet_of(contact.endpoint)]++ >= limits.per_subnet) continue;
        out.push_back(contact);
    }
    return out;
}

std::vector<Contact> Paths::silent() const {
    std::vector<Contact> out;
    for (const Lookup& lookup : lookups_) {
        const auto its = lookup.silent();
        out.insert(out.end(), its.begin(), its.end());
    }
    return out;
}

int Paths::hops() const {
    int out = 0;
    for (const Lookup& lookup : lookups_) out = std::max(out, lookup.hops());
    return out;
}

}  // namespace dht
