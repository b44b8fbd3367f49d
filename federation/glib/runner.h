// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dht/crypto.h"
#include "dht/endpoint.h"
#include "federation/glib/identity.h"
#include "federation/glib/loop.h"
#include "federation/server.h"

namespace glib {

/// Where a server listens. UDP carries the DHT, TCP of the same address the signalling.
struct Listen {
    dht::Endpoint dht;         ///< port 0: any
    dht::Endpoint signalling;  ///< port 0: any
};

/// A `federation::Server` on real sockets: UDP, WebSockets over TLS with both keys pinned, timers.
/// Everything happens on the loop.
class Runner {
public:
    using OnEvent = std::function<void(federation::Event)>;

    /// Binds at once; throws std::runtime_error naming the address and what to do when it cannot.
    /// What `config.signalling` lacks (port 0, address 0.0.0.0) is completed from what was bound; if that is
    /// all addresses, it is the machine's own, and follows when that changes (`federation::Moved`). On
    /// the loop or off it. Then give it contacts: `change([](auto& server, auto now) { server.bootstrap(…);
    /// })`, an empty list for the first server of a federation.
    Runner(Loop& loop, const dht::Identity& identity, federation::Config config, const Listen& listen,
           OnEvent on_event);
    /// Says goodbye (records withdrawn, calls ended), waits at most half a second for it to leave. Off
    /// the loop, which carries it out. No event is told once it has begun.
    ~Runner();

    /// Runs `change` on the server with the current time, then sends and tells what came of it.
    /// Only on the loop. Events are told from the loop, never inside this call.
    void change(const std::function<void(federation::Server&, dht::Now)>& change);
    [[nodiscard]] const federation::Server& server() const;
    [[nodiscard]] dht::Endpoint dht_endpoint() const;
    [[nodiscard]] dht::Endpoint signalling_endpoint() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace glib
