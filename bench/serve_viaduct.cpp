// SPDX-License-Identifier: LGPL-2.1-or-later
#include <unistd.h>

#include "bench/servers.h"
#include "federation/glib/runner.h"

namespace bench {

void serve_viaduct(std::uint16_t port) {
    glib::Loop loop;
    dht::SystemRandom random;
    dht::Identity::Seed seed{};
    random.fill(seed);
    federation::Config config;
    config.node.queries_per_second = 0;
    glib::Runner runner{loop,
                        dht::Identity{seed},
                        config,
                        {dht::Endpoint::v4({127, 0, 0, 1}, port), dht::Endpoint::v4({127, 0, 0, 1}, 0)},
                        {}};
    loop.run([&] { runner.change([](auto& server, auto now) { server.bootstrap({}, now); }); });
    for (;;) pause();
}

}  // namespace bench
