// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "dht/contact.h"
#include "dht/density.h"
#include "dht/node_id.h"
#include "dht/routing_table.h"

namespace bench {

/// So many nodes that they do not fit into memory: only their identifiers are there, sorted. The routing
/// table of one of them is made when it is asked, the same each time: each bucket holds k of those that
/// belong into it, whichever were met first.
class Population {
public:
    static constexpr std::size_t k = 20;

    Population(std::size_t size, std::uint64_t seed);

    [[nodiscard]] std::size_t size() const { return ids_.size(); }
    [[nodiscard]] dht::Contact contact(std::size_t index) const;
    [[nodiscard]] static std::size_t index_of(const dht::Contact& contact);

    /// What the node answers to find_node; or that many of its contacts.
    [[nodiscard]] std::vector<dht::Contact> asked(std::size_t index, const dht::NodeId& target,
                                                  std::size_t count = k) const;
    /// The truth: who of all that `counts` admits is nearest.
    [[nodiscard]] std::vector<dht::Contact> nearest(
        const dht::NodeId& target, std::size_t count,
        const std::function<bool(std::size_t)>& counts = {}) const;

    struct Found {
        std::vector<dht::Contact> closest;
        int hops = 0;
        std::size_t queries = 0;
        std::size_t paths = 0;
    };
    using Answer = std::function<std::vector<dht::Contact>(std::size_t, const dht::NodeId&)>;

    /// The lookup of a real node; `answer` may be somebody's who lies. `density`: what it knows from others.
    [[nodiscard]] Found look_up(std::size_t from, const dht::NodeId& target, const Answer& answer,
                                dht::Density& density) const;
    [[nodiscard]] dht::Density density_at(std::size_t index) const { return {ids_[index], k}; }

private:
    struct Range {
        std::size_t begin;
        std::size_t end;
        [[nodiscard]] std::size_t size() const { return end - begin; }
    };

    /// Where the bit changes from 0 to 1 within those that share all bits before it.
    [[nodiscard]] std::size_t split(Range range, std::size_t bit) const;
    void fill_bucket(dht::RoutingTable& table, Range range, std::uint64_t chance) const;

    std::uint64_t seed_;
    std::vector<dht::NodeId> ids_;
};

/// A number that looks random and is the same each time.
std::uint64_t scrambled(std::uint64_t number);

}  // namespace bench
