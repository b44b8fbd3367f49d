// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tools/asker.h"

#include <algorithm>
#include <string>

namespace tools {

dht::Identity new_identity() {
    dht::Identity::Seed seed;
    dht::SystemRandom{}.fill(seed);
    return dht::Identity{seed};
}

bool needs_v6(const std::vector<dht::Endpoint>& endpoints) {
    return std::any_of(endpoints.begin(), endpoints.end(), [](const auto& e) { return !e.is_v4(); });
}

std::runtime_error nobody_answers(const Options& options) {
    std::string addresses;
    for (const auto& text : options.bootstrap) addresses += (addresses.empty() ? "" : " or ") + text;
    return std::runtime_error{"no node of federation '" + options.federation + "' answers at " + addresses +
                              ": is it running, is the federation's name the same, does UDP get through?"};
}

std::unique_ptr<Asker> join(const Options& options, const dht::Identity& identity) {
    const auto bootstrap = parse_endpoints("--bootstrap", options.bootstrap);
    dht::NodeConfig config;
    config.federation = options.federation;
    config.read_only = true;
    auto asker = std::make_unique<Asker>(needs_v6(bootstrap), identity, config);
    asker->change([&](auto& node, auto now) { node.bootstrap(bootstrap, now); });
    Progress progress{[&] { return "waiting for an answer from " + options.bootstrap.front(); }};
    if (!asker->wait_for<dht::Joined>(lookup_patience, &progress)) throw nobody_answers(options);
    return asker;
}

}  // namespace tools
