// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bench/memory_drive.h"

#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <future>
#include <memory>
#include <thread>

namespace bench {

namespace {

constexpr std::size_t operations = 300;
/// Few, again and again: nodes are measured here, not records.
constexpr std::size_t values = 16;
constexpr std::size_t all_nodes = 64;

/// One at a time. How many went well.
std::size_t work(Swarm& swarm, std::size_t nodes) {
    std::size_t good = 0;
    const auto each = [&](const auto& start) {
        const auto done = std::make_shared<std::promise<bool>>();
        auto result = done->get_future();
        start([done](bool well) { done->set_value(well); });
        good += result.wait_for(patience) == std::future_status::ready && result.get() ? 1 : 0;
    };
    for (std::size_t i = 0; i < operations; ++i) {
        each([&](Swarm::Done done) { swarm.put(i % values % nodes, i % values, std::move(done)); });
        each([&](Swarm::Done done) { swarm.get((i + 7) % nodes, i % values, std::move(done)); });
    }
    return good;
}

}  // namespace

double resident_kib() {
    std::ifstream file{"/proc/self/statm"};
    double all = 0;
    double resident = 0;
    file >> all >> resident;
    return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1024;
}

void measure_memory(const char* name, std::uint16_t port, const MakeSwarm& make) {
    const auto first = make({port, 1, port});
    const auto alone = resident_kib();
    const auto others = make({static_cast<std::uint16_t>(port + 1), all_nodes - 1, port});
    std::this_thread::sleep_for(settling);
    const auto joined = resident_kib();
    const auto good = work(*others, all_nodes - 1);
    const auto worked = resident_kib();
    const auto further = [&](double kib) { return (kib - alone) / static_cast<double>(all_nodes - 1); };
    std::printf(
        "{\"what\":\"nodes\",\"who\":\"%s\",\"nodes\":%zu,\"one\":%.0f,\"all\":%.0f,\"joined\":%.1f,"
        "\"worked\":%.1f,\"good\":%zu,\"of\":%zu}\n",
        name, all_nodes, alone, worked, further(joined), further(worked), good, 2 * operations);
    std::fflush(stdout);
    _exit(0);  // a network's orderly end is not what is measured
}

}  // namespace bench
