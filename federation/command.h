// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "dht/endpoint.h"
#include "dht/node_id.h"

namespace federation {

/// A signalling connection, named by the driver when it opens (accepted) or by us (dialled).
using LinkId = std::uint64_t;
/// Set in the names that the driver gives, so that the two never meet.
constexpr LinkId accepted_link_bit = LinkId{1} << 63U;

// What the driver is to do.
struct Dial {
    LinkId link;
    dht::NodeId peer;  ///< refuse the connection unless its certificate's key hashes to this
    dht::Endpoint to;
};
struct Send {
    LinkId link;
    std::string text;
};
/// After what was sent before has left. `link_closed` follows.
struct Close {
    LinkId link;
    std::string why;
};
using Command = std::variant<Dial, Send, Close>;

}  // namespace federation
