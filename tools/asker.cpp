// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tools/asker.h"

#include <algorithm>
#include <cstdio>
#include <string>

#include "federation/glib/identity.h"
#include "federation/glib/membership_file.h"

namespace tools {

dht::Identity new_identity() {
    dht::Identity::Seed seed;
    dht::SystemRandom{}.fill(seed);
    return dht::Identity{seed};
}

std::string certificate_file_of(const Options& options) {
    return options.certificate_file.empty() ? glib::membership_file_beside(options.identity_file)
                                            : options.certificate_file;
}

dht::Bytes certificate_of(const Options& options, const dht::Identity& identity) {
    const auto federation = parse_federation(options.federation);
    if (!federation.key) return {};
    const auto membership =
        glib::load_membership(certificate_file_of(options), federation, identity.node_id());
    if (const auto warning = federation::warning(membership, glib::now().date))
        std::fprintf(stderr, "viaduct: %s\n", warning->c_str());
    return encode(membership.certificate);
}

Self self_of(const Options& options) {
    const auto federation = parse_federation(options.federation);
    if (!options.identity_file.empty()) {
        const auto identity = glib::load_identity(options.identity_file);
        return {identity, certificate_of(options, identity)};
    }
    if (federation.key) {
        throw UsageError{
            "federation \"" + federation.name +
            "\" is closed: name a member's key file with --identity, and have its certificate beside "
            "it or named with --certificate. For looking only: viaduct federation admit --role reader"};
    }
    return {new_identity()};
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

std::unique_ptr<Asker> join(const Options& options, const Self& self) {
    const auto bootstrap = parse_endpoints("--bootstrap", options.bootstrap);
    dht::NodeConfig config;
    config.federation = options.federation;
    config.certificate = self.certificate;
    config.read_only = true;
    auto asker = std::make_unique<Asker>(needs_v6(bootstrap), self.identity, config);
    asker->change([&](auto& node, auto now) { node.bootstrap(bootstrap, now); });
    Progress progress{[&] { return "waiting for an answer from " + options.bootstrap.front(); }};
    if (!asker->wait_for<dht::Joined>(lookup_patience, &progress)) throw nobody_answers(options);
    return asker;
}

}  // namespace tools
