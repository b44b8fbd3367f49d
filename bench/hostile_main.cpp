// SPDX-License-Identifier: LGPL-2.1-or-later
/// A node under attack, on the simulator's virtual clock and with real signatures: what is accepted, what it
/// costs, and what becomes of the honest ones' lookups and stores meanwhile. Prints one JSON object a line.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "bench/process.h"
#include "tests/sim/hostile.h"

namespace {

using namespace std::chrono_literals;

constexpr std::size_t nodes_count = 32;
constexpr sim::HostId victim = 5;
/// An honest store and a lookup of it come after so many hostile messages.
constexpr std::uint64_t honest_every = 500;

double rss_mib() {
    std::ifstream status{"/proc/self/status"};
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmRSS:")) return std::strtod(line.c_str() + 6, nullptr) / 1024;
    }
    return 0;
}

std::vector<dht::Record> find(sim::Nodes& nodes, sim::HostId asker, const dht::Key& key) {
    const auto lookup = nodes.start_find(asker, key);
    nodes.network.run_until([&] { return nodes.at(asker).values(lookup) != nullptr; }, 10s);
    const auto* found = nodes.at(asker).values(lookup);
    return found == nullptr ? std::vector<dht::Record>{} : found->records;
}

/// Stores and lookups of the honest ones; every other one from the node that is attacked.
struct Honest {
    static constexpr std::size_t names = 256;

    sim::Nodes& nodes;
    std::vector<double> milliseconds{};
    std::size_t done = 0;
    std::size_t good = 0;

    void once() {
        // Each name has its own publisher, so that after one round the stores hold the same for ever.
        const auto number = done % names;
        const auto from = number % 2 == 0 ? victim : number % nodes_count;
        const auto name = "honest" + std::to_string(number);
        const auto text = std::to_string(done);
        const auto publication = nodes.publish(from, name, text);
        const bool stored = nodes.network.run_until(
            [&] {
                const auto* event = nodes.at(from).stored(publication);
                return event != nullptr && event->holders > 0;
            },
            10s);
        nodes.network.run_for(100ms);  // until the last copy has arrived
        const auto asker = done % 4 < 2 ? victim : 1 + nodes.network.random().below(nodes_count - 1);
        const auto begun = nodes.network.now().time;
        const auto found = find(nodes, asker, sim::user(name));
        const auto took = nodes.network.now().time - begun;
        const bool right = std::any_of(found.begin(), found.end(),
                                       [&](const auto& record) { return record.value == sim::value(text); });
        ++done;
        if (stored && right) ++good;
        milliseconds.push_back(std::chrono::duration<double, std::milli>(took).count());
    }

    [[nodiscard]] double at(double share) {
        std::sort(milliseconds.begin(), milliseconds.end());
        return milliseconds[static_cast<std::size_t>(share * static_cast<double>(milliseconds.size() - 1))];
    }

    void print(const char* phase) {
        std::printf(R"({"what":"honest","phase":"%s","of":%zu,"good":%zu,"p50":%.2f,"p99":%.2f})"
                    "\n",
                    phase, done, good, at(0.5), at(0.99));
    }
};

void print_state(const char* when, sim::Nodes& nodes) {
    auto& node = nodes.at(victim).node;
    std::printf(R"({"what":"state","when":"%s","rss_mib":%.1f,"records":%zu,"items":%zu,)"
                R"("contacts":%zu})"
                "\n",
                when, rss_mib(), node.records(), node.items(), node.contacts().size());
}

}  // namespace

int main(int argc, char** argv) {
    const auto messages = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
    sim::Nodes nodes{nodes_count, {5ms, 50ms}};
    nodes.network.run_for(2min);
    sim::Hostile hostile{nodes, victim, nodes.seed};
    Honest first{nodes};
    for (std::size_t i = 0; i < Honest::names; ++i) first.once();
    Honest quiet{nodes};
    for (int i = 0; i < 1000; ++i) quiet.once();
    quiet.print("quiet");

    Honest attacked{nodes};
    print_state("before", nodes);
    const auto kinds = sim::Hostile::kinds();
    for (const auto& kind : kinds) {
        const auto begin = hostile.sent();
        const auto accepted = hostile.accepted();
        double seconds = 0;
        while (hostile.sent() - begin < messages / kinds.size() + 1) {
            const auto from = bench::cpu_seconds(getpid());
            for (std::uint64_t i = 0; i < honest_every; ++i) hostile.send(kind);
            seconds += bench::cpu_seconds(getpid()) - from;
            attacked.once();
        }
        const auto sent = hostile.sent() - begin;
        std::printf(R"({"what":"kind","kind":"%s","sent":%llu,"accepted":%llu,"us":%.1f})"
                    "\n",
                    kind.name, static_cast<unsigned long long>(sent),
                    static_cast<unsigned long long>(hostile.accepted() - accepted),
                    1e6 * seconds / static_cast<double>(sent));
        std::fflush(stdout);
    }
    attacked.print("attacked");
    std::size_t forged = 0;
    for (std::size_t i = 0; i < sim::Hostile::forged_names; ++i) {
        for (const auto asker : {sim::HostId{7}, victim}) {
            forged += find(nodes, asker, sim::Hostile::forged_key(i)).size();
        }
    }
    print_state("after", nodes);
    std::printf(R"({"what":"found","forged":%zu})"
                "\n",
                forged);
    return 0;
}
