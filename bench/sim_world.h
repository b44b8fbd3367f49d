// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "dht/record.h"
#include "tests/sim/network.h"

namespace bench {

/// Nodes of the real protocol on the simulated network, and records that some of them publish.
class World {
public:
    /// They join one after another, each knowing one of those before it, and get `settling` afterwards.
    World(std::size_t nodes, std::uint64_t seed, dht::Duration apart, dht::Duration settling);

    sim::HostId add();
    dht::PublicationId publish(sim::HostId publisher, std::size_t record, dht::Duration lifetime);
    /// Told when the last round of storing had ended.
    std::size_t holders(sim::HostId publisher, dht::PublicationId publication);

    struct Looked {
        std::size_t asked = 0;
        std::size_t found = 0;
        double hops = 0;  ///< mean
        int hops_max = 0;
    };
    /// Looks each of the first `records` up `times` times, from anybody who lives.
    Looked look_up(std::size_t records, std::size_t times = 1);

    sim::Network network;

private:
    sim::NodeHost& at(sim::HostId id) { return static_cast<sim::NodeHost&>(network.host(id)); }
    sim::HostId anybody();
    static std::string name(std::size_t record) { return "user" + std::to_string(record); }

    std::uint64_t seed_;
};

}  // namespace bench
