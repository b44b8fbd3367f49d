// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "dht/endpoint.h"
#include "dht/federation_name.h"
#include "dht/node.h"
#include "federation/server.h"
#include "gst/trunks.h"
#include "plugin/rooms_config.h"

namespace plugin {

/// What janus.plugin.viaduct.jcfg says, checked. conf/janus.plugin.viaduct.jcfg.sample explains each key.
struct Config {
    std::string identity_file = "/var/lib/viaduct/identity.key";
    std::string contacts_file;     ///< empty: beside the identity
    std::string certificate_file;  ///< of a closed federation; empty: beside the identity
    dht::FederationName federation{"public"};
    dht::Endpoint listen = dht::Endpoint::v4({0, 0, 0, 0}, 7773);
    dht::Endpoint signalling = dht::Endpoint::v4({0, 0, 0, 0}, 7773);
    std::string advertise;  ///< an address without a port; empty: found out
    std::vector<dht::Endpoint> bootstrap;
    std::string clients;  ///< where browsers reach this server, for those who must go elsewhere
    std::vector<std::string> trunk_addresses;  ///< empty: the advertised one
    dht::NodeConfig node;                      ///< how addresses are judged, and caps; not the federation
    federation::Caps caps;
    std::chrono::seconds record_lifetime{120};
    std::chrono::seconds ring_timeout{60};
    std::chrono::seconds direct_timeout{8};  ///< for two browsers to connect, and each step of bridging them
    std::chrono::seconds trunk_idle{120};
    std::string recordings_folder;         ///< empty: where a client says, as VideoCall has it
    std::optional<dht::Endpoint> metrics;  ///< where Prometheus may ask; none: nowhere
    bool events = true;
    RoomsConfig rooms;
};

/// Names the key, the value and what is accepted.
class ConfigError : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The keys of a category of the file, as text.
using Section = std::map<std::string, std::string>;

/// Throws ConfigError, for an unknown key too: it is most likely misspelt. `rooms` are the sections called
/// room-NAME, by their names.
Config read_config(const Section& general, const Section& limits = {},
                   const std::map<std::string, Section>& rooms = {});

}  // namespace plugin
