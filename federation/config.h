// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "dht/endpoint.h"
#include "dht/node.h"
#include "dht/time.h"

namespace federation {

/// What a server holds at once, and takes of one peer.
struct Caps {
    std::size_t users_max = 10'000;  ///< each is a record to be refreshed every minute, and a moment's work
    std::size_t calls_max = 1'000;   ///< more than a machine carries the media of
    std::size_t rooms_max = 1'000;
    std::size_t streams_max = 1'000;
    std::size_t subscriptions_max = 4'000;          ///< feeds that cross to or from here
    std::size_t subscriptions_of_peer_max = 1'000;  ///< from here to one other server
    std::size_t links_max = 256;                    ///< each is a TLS connection: some 100 KB
    std::size_t messages_per_second_max = 1'000;    ///< from one peer, averaged; bursts of twice that
};

/// What a server is told at its start. Each limit's reason stands beside it.
struct Config {
    dht::NodeConfig node;
    std::string software = "viaduct";
    /// Where other servers reach our signalling. Published in the descriptor and beside each user.
    dht::Endpoint signalling;
    dht::Duration record_lifetime = std::chrono::minutes{2};  ///< a dead server's users are gone after it
    dht::Duration lookup_timeout = std::chrono::seconds{2};  ///< with the next, within the 5 s a caller waits
    dht::Duration dial_timeout = std::chrono::seconds{2};
    dht::Duration ring_timeout = std::chrono::seconds{60};  ///< as long as telephones ring
    /// What an established call survives: the network between its servers is cut, both live on.
    dht::Duration interruption_max = std::chrono::seconds{15};
    /// But nobody listens any more where the other server was: it has ended, or is being restarted.
    dht::Duration refused_max = std::chrono::seconds{2};
    dht::Duration link_idle = std::chrono::minutes{5};  ///< a signalling connection with no call on it
    /// For the floor above to say yes or no to a subscription or a request, and the answer to travel.
    dht::Duration answer_timeout = std::chrono::seconds{5};
    /// Where browsers reach this server ("wss://…"): told to those who may have to move here. At most 100
    /// octets, or nothing.
    std::string clients;
    Caps caps;
};

}  // namespace federation
