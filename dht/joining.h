// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "dht/bootstrap.h"
#include "dht/crypto.h"
#include "dht/node.h"
#include "dht/queue.h"
#include "dht/routing_table.h"
#include "dht/searches.h"

namespace dht {

/// How a node finds its place among the others. It asks the well-known addresses; once anybody has
/// proved its key, it looks itself up, and that done, it has joined. Meanwhile searches wait, though
/// not for long. Afterwards it looks around now and then for neighbours that it has missed.
class Joining {
public:
    Joining(const NodeId& self, RoutingTable& table, Searches& searches, std::uint64_t& next_id,
            Queue<Event>& events, Random& random)
        : self_(self),
          table_(table),
          searches_(searches),
          next_id_(next_id),
          events_(events),
          bootstrap_(random) {}

    /// With no address, now or before, this is the first node and has joined.
    void begin(const std::vector<Endpoint>& endpoints, Now now);
    /// Well-known addresses to ping now.
    std::vector<Endpoint> take_due(Now now) { return bootstrap_.take_due(now.time); }

    /// A proved node has answered from there.
    void heard(const Endpoint& endpoint, Now now);
    /// A contact is newly in a bucket, and whether it is the first of all.
    void met(bool first, Now now);
    /// Everybody in the table has fallen silent.
    void alone(Now now);
    /// The search for our own NodeID has ended. Whether that means that we have joined.
    bool searched(Now now);

    void advance(Now now);
    [[nodiscard]] std::optional<Time> deadline() const;

private:
    /// Searches that wait for the node to join go on without, when nobody has answered by then.
    static constexpr Duration patience = std::chrono::seconds{1};

    /// After joining, the far buckets are filled, but not by everybody at the same moment.
    static constexpr Duration first_refresh_within = std::chrono::seconds{20};

    /// A node looks for its neighbours again soon after it has joined, in case datagrams were lost
    /// or others joined beside it, then ever more seldom.
    static constexpr Duration look_around_first = std::chrono::seconds{2};
    static constexpr int look_around_factor = 4;
    static constexpr Duration look_around_max = std::chrono::minutes{15};

    void announce();
    void hold_searches(Now now);
    void release_searches(Now now);
    void look_around(Now now);

    NodeId self_;
    RoutingTable& table_;
    Searches& searches_;
    std::uint64_t& next_id_;
    Queue<Event>& events_;
    Bootstrap bootstrap_;

    bool joined_ = false;
    std::uint64_t search_ = 0;  // for our own NodeID; 0: none runs
    Time held_until_ = Time::max();
    Time look_around_at_ = Time::max();
    Duration look_around_in_ = look_around_first;
};

}  // namespace dht
