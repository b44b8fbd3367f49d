// SPDX-License-Identifier: LGPL-2.1-or-later
// Networks larger than any test bed, on a virtual clock. Prints a line of JSON for each measurement.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

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

/// Some of the nodes, who have been there for a while: each has looked up what a refresh looks up.
class Askers {
public:
    Askers(const Population& all, dht::Random& random, const std::function<bool(std::size_t)>& is_one,
           const Population::Answer& answer)
        : all_(all), random_(random), answer_(answer) {
        while (askers_.size() < askers) {
            const auto index = random.below(all.size());
            if (is_one(index)) askers_.emplace_back(index, all.density_at(index));
        }
        for (auto& asker : askers_) {
            for (int i = 0; i < refreshes; ++i) look_up(asker, random.node_id());
        }
    }

    std::pair<std::size_t, Population::Found> look_up(const dht::NodeId& target) {
        auto& asker = askers_[random_.below(askers_.size())];
        return {asker.first, look_up(asker, target)};
    }

private:
    using Asker = std::pair<std::size_t, dht::Density>;
    static constexpr std::size_t askers = 100;
    static constexpr int refreshes = 10;

    Population::Found look_up(Asker& asker, const dht::NodeId& target) const {
        return all_.look_up(asker.first, target, answer_, asker.second);
    }

    const Population& all_;
    dht::Random& random_;
    Population::Answer answer_;
    std::vector<Asker> askers_;
};

void population(std::size_t nodes, std::size_t lookups) {
    const auto begun = bench::wall_seconds();
    const Population all{nodes, seed};
    const auto honest = [&](std::size_t index, const dht::NodeId& target) {
        return all.asked(index, target);
    };
    dht::SeededRandom random{seed};
    Askers askers{all, random, [](std::size_t) { return true; }, honest};
    double hops = 0;
    double queries = 0;
    int hops_max = 0;
    std::size_t right = 0;
    for (std::size_t i = 0; i < lookups; ++i) {
        const auto target = random.node_id();
        const auto asked = askers.look_up(target);
        const auto from = asked.first;
        const auto& found = asked.second;
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

enum class Sybils { none, silent, liars, cunning };

const char* name_of(Sybils kind) {
    constexpr std::array names{"none", "silent", "liars", "cunning"};
    return names[static_cast<std::size_t>(kind)];
}

/// A fifth of the nodes keep no records. They know nobody; or they lie: they work together and name those
/// of their own who are nearest to the target, each at an address in a network of its own; cunning ones pass
/// over those whom this lookup has asked, which would not be asked again. A lookup is right when somebody
/// who holds the record is among those it ends with.
void sybils(std::size_t nodes, std::size_t lookups, Sybils kind) {
    const Population all{nodes, seed};
    const auto is_sybil = [&](std::size_t index) {
        return kind != Sybils::none && bench::scrambled(index ^ seed) % 5 == 0;
    };
    std::set<std::size_t> known;  // to the cunning
    const auto answer = [&](std::size_t index, const dht::NodeId& target) {
        if (!is_sybil(index)) return all.asked(index, target);
        known.insert(index);
        if (kind == Sybils::silent) return std::vector<dht::Contact>{};
        return all.nearest(target, Population::k, [&](std::size_t other) {
            return is_sybil(other) && (kind == Sybils::liars || !known.contains(other));
        });
    };
    dht::SeededRandom random{seed};
    Askers askers{all, random, [&](std::size_t index) { return !is_sybil(index); }, answer};
    std::size_t right = 0;
    std::size_t nearest = 0;
    double queries = 0;
    double paths = 0;
    const auto look_up = [&](const dht::NodeId& target) {
        known.clear();
        auto found = askers.look_up(target).second;
        queries += static_cast<double>(found.queries);
        paths += static_cast<double>(found.paths);
        return std::move(found.closest);
    };
    for (std::size_t i = 0; i < lookups; ++i) {
        const auto target = random.node_id();
        auto holders = look_up(target);
        std::erase_if(holders, [&](const auto& each) { return is_sybil(Population::index_of(each)); });
        const auto found = look_up(target);
        const auto among_found = [&](const dht::Contact& each) {
            return std::find(found.begin(), found.end(), each) != found.end();
        };
        right += std::any_of(holders.begin(), holders.end(), among_found) ? 1 : 0;
        const auto truth = all.nearest(target, 1, [&](std::size_t index) { return !is_sybil(index); });
        nearest += !truth.empty() && among_found(truth.front()) ? 1 : 0;
    }
    std::printf(
        "{\"what\":\"sybils\",\"sybils\":\"%s\",\"nodes\":%zu,\"lookups\":%zu,\"right\":%zu,"
        "\"nearest_honest\":%zu,\"queries\":%.1f,\"paths\":%.3f}\n",
        name_of(kind), nodes, lookups, right, nearest, queries / static_cast<double>(2 * lookups),
        paths / static_cast<double>(2 * lookups));
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
        for (const auto kind : {Sybils::none, Sybils::silent, Sybils::liars, Sybils::cunning})
            sybils(number(2), number(3), kind);
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
