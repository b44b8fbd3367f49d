// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "dht/contact.h"
#include "dht/lookup.h"

namespace dht {

/// Lookups for one target that share nobody (S/Kademlia, Baumgart and Mies 2007, §4.4): whom one of
/// them asks, no other does. Those who lie can lead astray only the paths that they are met on, and
/// the result is the k closest who answered on any.
class Paths {
public:
    struct Limits {
        Lookup::Limits path{};
        std::size_t at_once = 1;  ///< paths that are always taken, at most `most`
        /// Each path is a lookup for each family of addresses, and ends with the k closest of both: what is
        /// stored there is found by those who speak only one, and so is what they have stored.
        bool families_apart = false;
    };

    /// With each further one it is less likely that all are led astray; of a fifth who lie, two or
    /// three are needed in practice.
    static constexpr std::size_t most = 8;

    Paths(const NodeId& self, const NodeId& target, Limits limits);

    /// Contacts to begin with, nearest first.
    void seed(std::span<const Contact> contacts);
    /// One more path, from the nearest of these contacts that no path has asked. False: there are none,
    /// or there are as many paths as may be.
    bool open(std::span<const Contact> contacts);

    /// Whom to ask now; it counts as asked. Call until there is nobody.
    std::optional<Contact> next();

    void answered(const Contact& contact, std::span<const Contact> closer);
    void slow(const Contact& contact);
    void late(const Contact& contact);
    void failed(const Contact& contact);

    [[nodiscard]] bool finished() const;
    /// The closest that have answered on any path, nearest first, at most k (with families apart, of each).
    [[nodiscard]] std::vector<Contact> closest() const { return nearest(&Lookup::closest); }
    /// Those of them that will very likely stay among them.
    [[nodiscard]] std::vector<Contact> likely() const { return nearest(&Lookup::likely); }
    /// Those asked on any path who have not answered.
    [[nodiscard]] std::vector<Contact> silent() const;
    [[nodiscard]] int hops() const;
    [[nodiscard]] std::size_t size() const { return lookups_.size() / lookups_per_path(); }
    /// Contacts that were asked.
    [[nodiscard]] std::size_t asked() const { return asked_.size(); }
    [[nodiscard]] const NodeId& target() const { return target_; }

private:
    [[nodiscard]] std::size_t lookups_per_path() const { return limits_.families_apart ? 2 : 1; }
    void begin(std::span<const Contact> contacts);
    std::optional<Contact> next(std::size_t lookup);
    using Those = std::vector<Contact> (Lookup::*)() const;
    [[nodiscard]] std::vector<Contact> nearest(Those those) const;
    [[nodiscard]] std::vector<Contact> nearest(Those those, std::size_t first) const;
    void sort(std::vector<Contact>& contacts) const;
    [[nodiscard]] Lookup* lookup_of(const Contact& contact);

    NodeId self_;
    NodeId target_;
    Limits limits_;
    std::vector<Lookup> lookups_;                     // of a path together, IPv4 first
    std::unordered_map<Contact, std::size_t> asked_;  // and by which lookup
    std::size_t turn_ = 0;
};

}  // namespace dht
