// SPDX-License-Identifier: LGPL-2.1-or-later
// Memory of nodes and records, as the kernel counts it: each task is a process of its own.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "bench/memory_drive.h"
#include "bench/net_swarms.h"
#include "dht/bencode.h"
#include "dht/members.h"
#include "dht/record_store.h"

namespace {

/// As many publishers as a federation of that size may have.
void records(std::size_t count) {
    constexpr dht::Date today{std::chrono::seconds{1'790'000'000}};
    constexpr std::size_t publishers = 100;
    dht::Members members{"public"};
    dht::RecordStore store{members, {}};
    const auto before = bench::resident_kib();
    for (std::size_t i = 0; i < count; ++i) {
        dht::Identity::Seed seed{};
        seed[0] = static_cast<std::uint8_t>(i % publishers);
        dht::Record record{.kind = "user",
                           .name = "user" + std::to_string(i),
                           .seq = 1,
                           .expires = today + std::chrono::minutes{2},
                           .value = dht::bencode::Dictionary{}.set("x", std::string(100, 'v')).encode()};
        sign(record, "public", dht::Identity{seed});
        store.put(record, std::nullopt, today);
    }
    std::printf("{\"what\":\"records\",\"records\":%zu,\"kib\":%.0f}\n", store.size(),
                bench::resident_kib() - before);
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view what = argc > 1 ? argv[1] : "";
    if (what == "records" && argc == 3) {
        records(static_cast<std::size_t>(std::atoll(argv[2])));
        return 0;
    }
    if (what == "nodes")
        bench::measure_memory("Viaduct", 17'800, [](const bench::Place& place) {
            return bench::viaduct_swarm(bench::What::first, place);
        });
    if (what == "idle") {
        const auto alone =
            bench::viaduct_swarm(bench::What::first, {.port = 17'980, .nodes = 1, .known = 17'980});
        pause();
    }
    std::fprintf(stderr, "usage: dht-memory nodes | idle | records COUNT\n");
    return 2;
}
