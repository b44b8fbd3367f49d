// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <opendht.h>

#include <cstdint>

namespace bench {

/// A node on the loopback, with no limit that a benchmark would run into.
inline void run_opendht(dht::DhtRunner& runner, std::uint16_t port) {
    dht::DhtRunner::Config config;
    config.threaded = true;
    config.dht_config.node_config.max_req_per_sec = -1;
    config.dht_config.node_config.max_peer_req_per_sec = -1;
    config.bind4.setFamily(AF_INET);
    config.bind4.setAddress("127.0.0.1");
    config.bind4.setPort(port);
    runner.run(config, {});
}

}  // namespace bench
