// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "dht/endpoint.h"
#include "dht/node_id.h"
#include "federation/glib/loop.h"
#include "federation/glib/websocket.h"

namespace glib {

/// Dials signalling connections, and refuses a server that does not prove the key of the NodeID that
/// was dialled. On the loop only.
class Dialler {
public:
    struct Failure {
        federation::Reason reason = federation::Reason::none;
        bool refused = false;  ///< the host answered that nobody listens there
    };
    /// Either a connection, or why there is none.
    using OnDone = std::function<void(SoupWebsocketConnection*, Failure)>;

    explicit Dialler(GTlsCertificate* certificate);
    ~Dialler();

    /// `on_done` is called once, later, unless the dial is cancelled.
    void dial(std::uint64_t id, const dht::NodeId& peer, const dht::Endpoint& to, OnDone on_done);
    /// False if there is no such dial any more.
    bool cancel(std::uint64_t id);

    /// For tests: certificates that this database vouches for. Without it none is vouched for, and GIO
    /// asks about each; with it GIO does not ask, and only the check after connecting stands.
    void trust(GTlsDatabase* database);

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace glib
