// SPDX-License-Identifier: LGPL-2.1-or-later
// A program of its own: OpenDHT's namespace has the same name as ours.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <deque>
#include <string>
#include <string_view>

#include "bench/opendht_settings.h"

namespace {

[[noreturn]] void wait_for_ever() {
    for (;;) pause();
}

/// A node that is asked; it holds the values that are looked for.
void serve(std::uint16_t port) {
    dht::DhtRunner runner;
    bench::run_opendht(runner, port);
    wait_for_ever();
}

/// A network around it.
void surround(std::uint16_t port, std::size_t nodes) {
    std::deque<dht::DhtRunner> runners;
    for (std::size_t i = 0; i < nodes; ++i) {
        bench::run_opendht(runners.emplace_back(), static_cast<std::uint16_t>(port + 1 + i));
        runners.back().bootstrap("127.0.0.1", std::to_string(port));
    }
    wait_for_ever();
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view task = argc > 2 ? argv[1] : "";
    const auto port = static_cast<std::uint16_t>(argc > 2 ? std::atoi(argv[2]) : 0);
    if (task == "serve") serve(port);
    if (task == "surround" && argc > 3) surround(port, static_cast<std::size_t>(std::atoi(argv[3])));
    std::fprintf(stderr, "usage: dht-opendht serve PORT | surround PORT NODES\n");
    return 2;
}
