// SPDX-License-Identifier: LGPL-2.1-or-later
// A program of its own: OpenDHT's namespace has the same name as ours.
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "bench/memory_drive.h"
#include "bench/net_churn.h"
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

class OpenDhtSwarm final : public bench::Swarm {
public:
    OpenDhtSwarm(bench::What what, const bench::Place& place) : what_(what) {
        for (std::size_t i = 0; i < place.nodes; ++i) {
            const auto own = static_cast<std::uint16_t>(place.port + i);
            bench::run_opendht(runners_.emplace_back(), own);
            if (own != place.known) runners_.back().bootstrap("127.0.0.1", std::to_string(place.known));
        }
    }

    /// To be kept, as our records are.
    void put(std::size_t node, std::size_t value, Done done) override {
        const std::string text(100, 'v');
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
        runners_[node].put(
            key(value), dht::Value{bytes, text.size()}, [done = std::move(done)](bool good) { done(good); },
            dht::time_point::max(), true);
    }
    void get(std::size_t node, std::size_t value, Done done) override {
        const bool all = what_ == bench::What::all;
        const auto found = std::make_shared<std::atomic<bool>>(false);
        runners_[node].get(
            key(value),
            [=](const std::shared_ptr<dht::Value>&) {
                if (!found->exchange(true) && !all) done(true);
                return all;
            },
            [=](bool) {
                if (all || !*found) done(*found);
            });
    }

private:
    static dht::InfoHash key(std::size_t value) {
        return dht::InfoHash::get("value" + std::to_string(value));
    }

    bench::What what_;
    std::deque<dht::DhtRunner> runners_;
};

}  // namespace

int main(int argc, char** argv) {
    const std::string_view task = argc > 2 ? argv[1] : "";
    const auto port = static_cast<std::uint16_t>(argc > 2 ? std::atoi(argv[2]) : 0);
    if (task == "serve") serve(port);
    if (task == "surround" && argc > 3) surround(port, static_cast<std::size_t>(std::atoi(argv[3])));
    const auto what = bench::what_of(argc > 3 ? argv[3] : "");
    if (task == "net" && what) {
        bench::run({argv, argv + argc}, 4, "OpenDHT", port,
                   [&](const bench::Place& place) { return std::make_unique<OpenDhtSwarm>(*what, place); });
    }
    if (task == "memory") {
        bench::measure_memory("OpenDHT", port, [](const bench::Place& place) {
            return std::make_unique<OpenDhtSwarm>(bench::What::first, place);
        });
    }
    std::fprintf(stderr,
                 "usage: dht-opendht net PORT first | all  [churn SECONDS]\n"
                 "       dht-opendht memory PORT | serve PORT | surround PORT NODES\n");
    return 2;
}
