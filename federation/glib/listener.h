// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <memory>

#include "dht/endpoint.h"
#include "dht/node_id.h"
#include "federation/glib/loop.h"
#include "federation/glib/websocket.h"

namespace glib {

/// Accepts signalling connections. TLS comes first and by itself, so that a stranger gets no HTTP to
/// play with: who shows no Ed25519 key, or takes too long, is gone before. On the loop only.
class Listener {
public:
    using OnOpened = std::function<void(const dht::NodeId& peer, SoupWebsocketConnection*)>;

    /// Throws std::runtime_error.
    Listener(Loop& loop, const dht::Endpoint& listen, GTlsCertificate* certificate, OnOpened on_opened);
    ~Listener();

    /// With the port that was bound.
    [[nodiscard]] const dht::Endpoint& endpoint() const;
    /// Connections that have not become signalling connections yet.
    [[nodiscard]] std::size_t pending() const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace glib
