// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/caps.h"

#include <array>

namespace federation {

namespace {

using dht::count;

constexpr std::uint64_t many = 1'000'000;

// Two connections at least: one to whoever holds the records, one for a call. Ten messages a second are what
// a call's candidates come in.
constexpr auto table = std::to_array<dht::Limit<Caps>>({
    count<&Caps::users_max>("users_max", "Users that may be registered at this server", 1, many),
    count<&Caps::calls_max>("calls_max", "Calls of this server at the same moment", 1, many),
    count<&Caps::rooms_max>("rooms_max", "Rooms with members at this server", 1, many),
    count<&Caps::streams_max>("streams_max", "Streams that are published at this server", 1, many),
    count<&Caps::subscriptions_max>("subscriptions_max", "Feeds that cross to or from other servers", 1,
                                    many),
    count<&Caps::subscriptions_of_peer_max>("subscriptions_of_peer", "Of those, to one other server", 1,
                                            many),
    count<&Caps::links_max>("links_max", "Signalling connections with other servers", 2, 65'536),
    count<&Caps::messages_per_second_max>("messages_per_second", "Signalling messages from one other server",
                                          10, many),
});

}  // namespace

std::span<const dht::Limit<Caps>> caps() {
    return table;
}

}  // namespace federation
