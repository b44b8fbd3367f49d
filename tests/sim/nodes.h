// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dht/bencode.h"
#include "tests/check.h"
#include "tests/sim/network.h"

namespace sim {

inline dht::Bytes value(std::string_view text) {
    return dht::bencode::Dictionary{}.set("x", text).encode();
}

inline dht::Key user(std::string_view name) {
    return dht::key_of("public", "user", name);
}

/// A network of nodes alone; each knows one of those that were there before.
struct Nodes {
    static constexpr auto lifetime = std::chrono::minutes{2};

    explicit Nodes(std::size_t count,
                   Conditions conditions = {std::chrono::milliseconds{1}, std::chrono::milliseconds{1}},
                   std::uint64_t number = 1)
        : seed(sim::seed(number)), network(seed, conditions) {
        for (std::size_t i = 0; i < count; ++i) add();
    }

    HostId add(dht::NodeConfig config = {}) {
        const auto id = network.size();
        std::vector<dht::Endpoint> known;
        if (id > 0) known.push_back(Network::endpoint(network.random().below(id)));
        network.add(std::make_unique<NodeHost>(seed + id, std::move(config)));
        at(id).node.bootstrap(std::move(known), network.now());
        network.touched(id);
        return id;
    }

    /// Crashes and is back at once, with the same key and nothing else.
    void restart(HostId id, HostId bootstrap) {
        network.restart(id, std::make_unique<NodeHost>(seed + id, dht::NodeConfig{}));
        at(id).node.bootstrap({Network::endpoint(bootstrap)}, network.now());
        network.touched(id);
    }

    NodeHost& at(HostId id) { return static_cast<NodeHost&>(network.host(id)); }

    dht::PublicationId publish(HostId id, std::string_view name, std::string_view text) {
        const auto out = at(id).node.publish("user", std::string{name}, value(text), lifetime, network.now());
        network.touched(id);
        return out;
    }

    dht::LookupId start_find(HostId id, const dht::Key& key) {
        const auto lookup = at(id).node.find_value(key, network.now());
        network.touched(id);
        return lookup;
    }

    /// What the lookup finds, and when.
    std::vector<dht::Record> find(HostId id, const dht::Key& key, dht::Duration* took = nullptr) {
        const auto begun = network.now().time;
        const auto lookup = start_find(id, key);
        ck_assert(
            network.run_until([&] { return at(id).values(lookup) != nullptr; }, std::chrono::minutes{1}));
        if (took != nullptr) *took = network.now().time - begun;
        return at(id).values(lookup)->records;
    }

    std::uint64_t seed;
    Network network;
};

}  // namespace sim
