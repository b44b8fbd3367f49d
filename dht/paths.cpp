// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/paths.h"

#include <algorithm>

#include "dht/subnet.h"

namespace dht {

Paths::Paths(const NodeId& self, const NodeId& target, Limits limits)
    : self_(self), target_(target), limits_(limits) {
    limits_.at_once = std::clamp<std::size_t>(limits.at_once, 1, most);
}

/// All paths know all seeds: one that needs few of its share leaves the rest to those that need more.
void Paths::seed(std::span<const Contact> contacts) {
    for (std::size_t i = 0; i < limits_.at_once; ++i) {
        paths_.emplace_back(self_, target_, limits_.path).seed(contacts);
    }
}

bool Paths::open(std::span<const Contact> contacts) {
    if (paths_.size() >= most) return false;
    std::vector<Contact> fresh;
    for (const Contact& contact : contacts) {
        if (fresh.size() == limits_.path.k) break;
        if (!asked_.contains(contact)) fresh.push_back(contact);
    }
    if (fresh.empty()) return false;
    paths_.emplace_back(self_, target_, limits_.path).seed(fresh);
    return true;
}

std::optional<Contact> Paths::next() {
    for (std::size_t tried = 0; tried < paths_.size(); ++tried) {
        const auto path = turn_++ % paths_.size();
        if (auto contact = next(path)) return contact;
    }
    return std::nullopt;
}

std::optional<Contact> Paths::next(std::size_t path) {
    while (auto contact = paths_[path].next()) {
        const auto [asked, is_new] = asked_.try_emplace(*contact, path);
        if (is_new || asked->second == path) return contact;
        paths_[path].passed_over(*contact);
    }
    return std::nullopt;
}

Lookup* Paths::path_of(const Contact& contact) {
    const auto asked = asked_.find(contact);
    return asked == asked_.end() ? nullptr : &paths_[asked->second];
}

void Paths::answered(const Contact& contact, std::span<const Contact> closer) {
    if (auto* path = path_of(contact)) path->answered(contact, closer);
}

void Paths::slow(const Contact& contact) {
    if (auto* path = path_of(contact)) path->slow(contact);
}

void Paths::late(const Contact& contact) {
    if (auto* path = path_of(contact)) path->late(contact);
}

void Paths::failed(const Contact& contact) {
    if (auto* path = path_of(contact)) path->failed(contact);
}

bool Paths::finished() const {
    return std::all_of(paths_.begin(), paths_.end(), [](const Lookup& path) { return path.finished(); });
}

std::vector<Contact> Paths::nearest(std::vector<Contact> (Lookup::*those)() const) const {
    if (paths_.size() == 1) return (paths_.front().*those)();
    std::vector<Contact> all;
    for (const Lookup& path : paths_) {
        const auto its = (path.*those)();
        all.insert(all.end(), its.begin(), its.end());
    }
    std::sort(all.begin(), all.end(),
              [&](const Contact& a, const Contact& b) { return closer(target_, a.id, b.id); });
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
    for (const Lookup& path : paths_) {
        const auto its = path.silent();
        out.insert(out.end(), its.begin(), its.end());
    }
    return out;
}

int Paths::hops() const {
    int out = 0;
    for (const Lookup& path : paths_) out = std::max(out, path.hops());
    return out;
}

}  // namespace dht
