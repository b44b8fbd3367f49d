// SPDX-License-Identifier: LGPL-2.1-or-later
// Networks larger than any test bed, on a virtual clock. Prints a line of JSON for each measurement.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string_view>

#include "bench/population.h"
#include "bench/process.h"
#include "bench/sim_world.h"

namespace {

using bench::Population;
using bench::World;
using namespace std::chrono_literals;

constexpr std::uint64_t seed = 20260101;

double resident_mib() {
    std::ifstream file{"/proc/self/statm"};
    double all = 0;
    double resident = 0;
    file >> all >> resident;
    return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

/// Everything real but the signatures.
void full(std::size_t nodes) {
    const auto begun = bench::wall_seconds();
    const auto before = resident_mib();
    World world{nodes, seed, nodes > 5000 ? 2ms : 10ms, 60s};
    const auto datagrams = world.network.datagrams();
    const std::size_t records = std::min<std::size_t>(nodes, 500);
    std::vector<dht::PublicationId> published;
    for (std::size_t i = 0; i < records; ++i) published.push_back(world.publish(i * nodes / records, i, 1h));
    world.network.run_for(20s);
    double holders = 0;
    for (std::size_t i = 0; i < records; ++i)
        holders += static_cast<double>(world.holders(i * nodes / records, published[i]));
    const auto looked = world.look_up(records, 2);
    std::printf(
        "{\"what\":\"full\",\"nodes\":%zu,\"lookups\":%zu,\"found\":%zu,\"hops\":%.3f,"
        "\"hops_max\":%d,\"holders\":%.2f,\"kib_per_node\":%.1f,\"datagrams_per_join\":%.0f,"
        "\"seconds\":%.1f}\n",
        nodes, looked.asked, looked.found, looked.hops, looked.hops_max,
        holders / static_cast<double>(records), (resident_mib() - before) * 1024 / static_cast<double>(nodes),
        static_cast<double>(datagrams) / static_cast<double>(nodes), bench::wall_seconds() - begun);
}

void population(std::size_t nodes, std::size_t lookups) {
    const auto begun = bench::wall_seconds();
    const Population all{nodes, seed};
    const auto honest = [&](std::size_t index, const dht::NodeId& target) {
        return all.asked(index, target);
    };
    dht::SeededRandom random{seed};
    double hops = 0;
    double queries = 0;
    int hops_max = 0;
    std::size_t right = 0;
    for (std::size_t i = 0; i < lookups; ++i) {
        const auto target = random.node_id();
        const auto from = random.below(nodes);
        const auto found = all.look_up(from, target, honest);
        hops += found.hops;
        hops_max = std::max(hops_max, found.hops);
        queries += static_cast<double>(found.queries);
        // Who asks is not among those it asks.
        const auto nearest =
            all.nearest(target, Population::k, [&](std::size_t index) { return index != from; });
        right += found.closest == nearest ? 1 : 0;
    }
    const auto count = static_cast<double>(lookups);
    std::printf(
        "{\"what\":\"population\",\"nodes\":%zu,\"lookups\":%zu,\"hops\":%.3f,\"hops_max\":%d,"
        "\"queries\":%.1f,\"exactly_the_nearest\":%.4f,\"mib\":%.0f,\"seconds\":%.1f}\n",
        nodes, lookups, hops / count, hops_max, queries / count, static_cast<double>(right) / count,
        resident_mib(), bench::wall_seconds() - begun);
}

/// A fifth of the nodes keep no records. They know nobody, or, as `liars`, they work together and name those
/// of their own who are nearest to the target, each at an address in a network of its own. A lookup is right
/// when somebody who holds the record is among those it ends with.
void sybils(std::size_t nodes, std::size_t lookups, bool liars) {
    const Population all{nodes, seed};
    const auto is_sybil = [](std::size_t index) { return bench::scrambled(index ^ seed) % 5 == 0; };
    const auto answer = [&](std::size_t index, const dht::NodeId& target) {
        if (!is_sybil(index)) return all.asked(index, target);
        return liars ? all.nearest(target, Population::k, is_sybil) : std::vector<dht::Contact>{};
    };
    dht::SeededRandom random{seed};
    const auto somebody = [&] {
        for (;;) {
            const auto index = random.below(nodes);
            if (!is_sybil(index)) return index;
        }
    };
    std::size_t right = 0;
    std::size_t nearest = 0;
    for (std::size_t i = 0; i < lookups; ++i) {
        const auto target = random.node_id();
        auto holders = all.look_up(somebody(), target, answer).closest;
        std::erase_if(holders, [&](const auto& each) { return is_sybil(Population::index_of(each)); });
        const auto found = all.look_up(somebody(), target, answer).closest;
        const auto among_found = [&](const dht::Contact& each) {
            return std::find(found.begin(), found.end(), each) != found.end();
        };
        right += std::any_of(holders.begin(), holders.end(), among_found) ? 1 : 0;
        const auto truth = all.nearest(target, 1, [&](std::size_t index) { return !is_sybil(index); });
        nearest += !truth.empty() && among_found(truth.front()) ? 1 : 0;
    }
    std::printf(
        "{\"what\":\"sybils\",\"liars\":%s,\"nodes\":%zu,\"lookups\":%zu,\"right\":%zu,\"nearest_honest\":%"
        "zu}\n",
        liars ? "true" : "false", nodes, lookups, right, nearest);
}

void partition(std::size_t nodes, std::size_t records) {
    constexpr auto lifetime = 2min;  // the default: refreshed every minute
    World world{nodes, seed, 10ms, 60s};
    for (std::size_t i = 0; i < records; ++i) world.publish(i * nodes / records, i, lifetime);
    world.network.run_for(30s);
    world.network.partition([](sim::HostId id) { return static_cast<int>(id % 2); });
    world.network.run_for(10min);
    const auto during = world.look_up(records);
    world.network.partition({});
    const auto healed = world.network.now().time;
    for (const auto after : {0s, 60s, 120s, 300s, 600s, 900s}) {
        world.network.run_for(healed + after - world.network.now().time);
        const auto looked = world.look_up(records);
        std::printf(
            "{\"what\":\"partition\",\"nodes\":%zu,\"records\":%zu,\"cut_found\":%zu,"
            "\"seconds_after\":%lld,\"found\":%zu}\n",
            nodes, records, during.found, static_cast<long long>(after.count()), looked.found);
        if (looked.found == looked.asked && after >= 60s) break;
    }
}

/// Publishers stay, as servers whose users are there; all others come and go.
void churn(std::size_t nodes, std::size_t records, int minutes) {
    constexpr auto lifetime = 10min;
    World world{nodes, seed, 10ms, 60s};
    const auto stable = nodes * 15 / 100;
    for (std::size_t i = 0; i < records; ++i) world.publish(i % stable, i, lifetime);
    world.network.run_for(30s);
    const auto leaving = nodes - stable;  // in ten minutes
    std::vector<sim::HostId> others;
    for (auto id = stable; id < nodes; ++id) others.push_back(id);
    std::size_t asked = 0;
    std::size_t found = 0;
    for (int ten = 0; ten < minutes / 10; ++ten) {
        for (std::size_t i = 0; i < leaving; ++i) {
            auto& victim = others[world.network.random().below(others.size())];
            world.network.kill(victim);
            victim = world.add();
            world.network.run_for(dht::Duration{10min} / leaving);
        }
        const auto looked = world.look_up(records);
        asked += looked.asked;
        found += looked.found;
    }
    const auto last = world.look_up(records);
    std::printf(
        "{\"what\":\"churn\",\"nodes\":%zu,\"records\":%zu,\"minutes\":%d,\"lookups\":%zu,"
        "\"found\":%zu,\"at_the_end\":%zu}\n",
        nodes, records, minutes, asked, found, last.found);
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view what = argc > 1 ? argv[1] : "";
    const auto number = [&](int at) {
        return argc > at ? static_cast<std::size_t>(std::atoll(argv[at])) : std::size_t{0};
    };
    if (what == "full" && argc == 3) {
        full(number(2));
    } else if (what == "population" && argc == 4) {
        population(number(2), number(3));
    } else if (what == "sybils" && argc == 4) {
        sybils(number(2), number(3), false);
        sybils(number(2), number(3), true);
    } else if (what == "partition" && argc == 4) {
        partition(number(2), number(3));
    } else if (what == "churn" && argc == 5) {
        churn(number(2), number(3), static_cast<int>(number(4)));
    } else {
        std::fprintf(stderr,
                     "usage: dht-sim full NODES | population NODES LOOKUPS | sybils NODES LOOKUPS |\n"
                     "       partition NODES RECORDS | churn NODES RECORDS MINUTES\n");
        return 2;
    }
    return 0;
}
