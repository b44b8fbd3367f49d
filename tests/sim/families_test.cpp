// SPDX-License-Identifier: LGPL-2.1-or-later
/// A federation most of whose nodes speak IPv4 alone, a few IPv6 alone, and very few both.
#include <set>
#include <string>
#include <vector>

#include "tests/sim/nodes.h"

using namespace std::chrono_literals;
using dht::Families;
using sim::HostId;
using sim::user;

namespace {

constexpr Families v4{true, false};
constexpr Families v6{false, true};
constexpr Families both{true, true};

/// So many are close to a key: far fewer than there are of either, as in a federation of tens of thousands.
constexpr std::size_t close = 8;
constexpr std::size_t v4_nodes = 240;
constexpr std::size_t v6_nodes = 24;
constexpr std::size_t both_nodes = 3;

struct World {
    World() {
        for (std::size_t i = 0; i < both_nodes; ++i) add(both);
        for (std::size_t i = 0; i < v4_nodes; ++i) add(i % (v4_nodes / v6_nodes) == 0 ? v6 : v4);
        for (std::size_t i = 0; i < v6_nodes; ++i) add(v4);
        network.run_for(2min);
    }

    void add(Families families) {
        const auto id = network.size();
        std::vector<dht::Endpoint> known;
        for (const bool six : {false, true}) {
            if (id > 0 && (six ? families.v6 : families.v4))
                known.push_back(
                    sim::Network::endpoint(network.random().below(std::min(id, both_nodes)), six));
        }
        dht::NodeConfig config;
        config.k = close;
        network.add(std::make_unique<sim::NodeHost>(seed + id, config), families);
        at(id).node.bootstrap(std::move(known), network.now());
        network.touched(id);
        network.run_for(20ms);
        (families.v4 && families.v6 ? duals : families.v4 ? fours : sixes).push_back(id);
    }

    sim::NodeHost& at(HostId id) { return static_cast<sim::NodeHost&>(network.host(id)); }

    void publish(HostId id, const std::string& name) {
        at(id).node.publish("user", name, sim::value("here"), 2min, network.now());
        network.touched(id);
    }

    bool finds(HostId id, const std::string& name) {
        const auto lookup = at(id).node.find_value(user(name), network.now());
        network.touched(id);
        ck_assert(network.run_until([&] { return at(id).values(lookup) != nullptr; }, 1min));
        return !at(id).values(lookup)->records.empty();
    }

    std::uint64_t seed = sim::seed(1);
    sim::Network network{seed, {1ms, 5ms}};
    std::vector<HostId> duals;
    std::vector<HostId> fours;
    std::vector<HostId> sixes;
};

}  // namespace

START_TEST(who_speaks_both_is_found_by_everybody_and_finds_everybody) {
    World world;
    constexpr std::size_t each = 40;
    const auto name = [](const char* kind, std::size_t i) { return kind + std::to_string(i); };
    for (std::size_t i = 0; i < each; ++i) {
        world.publish(world.duals[i % world.duals.size()], name("both", i));
        world.publish(world.fours[i % world.fours.size()], name("four", i));
        world.publish(world.sixes[i % world.sixes.size()], name("six", i));
    }
    world.network.run_for(10s);
    std::size_t missed = 0;
    const auto look = [&](HostId who, const std::string& what) { missed += world.finds(who, what) ? 0 : 1; };
    for (std::size_t i = 0; i < each; ++i) {
        const auto four = world.fours[(i * 7 + 3) % world.fours.size()];
        const auto six = world.sixes[(i * 7 + 3) % world.sixes.size()];
        const auto dual = world.duals[i % world.duals.size()];
        for (const auto who : {four, six}) look(who, name("both", i));
        for (const auto* kind : {"four", "six"}) look(dual, name(kind, i));
        look(four, name("four", i));
        look(six, name("six", i));
    }
    // With so few close to a key, a lookup within one family misses one now and then.
    ck_assert_uint_le(missed, 6 * each / 100);
}
END_TEST

int main() {
    return run_suite("families", {who_speaks_both_is_found_by_everybody_and_finds_everybody}, 120);
}
