// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bench/sim_world.h"

#include <algorithm>
#include <utility>

#include "dht/bencode.h"

namespace bench {

using namespace std::chrono_literals;

World::World(std::size_t nodes, std::uint64_t seed, dht::Duration apart, dht::Duration settling)
    : network(seed), seed_(seed) {
    for (std::size_t i = 0; i < nodes; ++i) {
        add();
        network.run_for(apart);
    }
    network.run_for(settling);
}

sim::HostId World::anybody() {
    for (;;) {
        const auto id = network.random().below(network.size());
        if (network.alive(id)) return id;
    }
}

sim::HostId World::add() {
    std::vector<dht::Endpoint> known;
    if (network.size() > 0) known.push_back(sim::Network::endpoint(anybody()));
    const auto id = network.add(std::make_unique<sim::NodeHost>(seed_ + network.size(), dht::NodeConfig{}));
    at(id).node.bootstrap(std::move(known), network.now());
    network.touched(id);
    return id;
}

dht::PublicationId World::publish(sim::HostId publisher, std::size_t record, dht::Duration lifetime) {
    const auto value = dht::bencode::Dictionary{}.set("x", "here").encode();
    const auto out = at(publisher).node.publish("user", name(record), value, lifetime, network.now());
    network.touched(publisher);
    return out;
}

std::size_t World::holders(sim::HostId publisher, dht::PublicationId publication) {
    const auto* stored = at(publisher).stored(publication);
    return stored == nullptr ? 0 : stored->holders;
}

World::Looked World::look_up(std::size_t records, std::size_t times) {
    std::vector<std::pair<sim::HostId, dht::LookupId>> lookups;
    for (std::size_t i = 0; i < records * times; ++i) {
        const auto id = anybody();
        const auto key = dht::key_of("public", "user", name(i % records));
        lookups.emplace_back(id, at(id).node.find_value(key, network.now()));
        network.touched(id);
        network.run_for(2ms);
    }
    network.run_for(15s);
    Looked out;
    for (const auto& [id, lookup] : lookups) {
        const auto* values = at(id).values(lookup);
        if (!network.alive(id)) continue;  // who asked has gone
        ++out.asked;
        if (values == nullptr) continue;
        out.found += values->records.empty() ? 0 : 1;
        out.hops += values->hops;
        out.hops_max = std::max(out.hops_max, values->hops);
    }
    if (out.asked > 0) out.hops /= static_cast<double>(out.asked);
    return out;
}

}  // namespace bench
