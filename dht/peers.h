// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>

#include "dht/endpoint.h"
#include "dht/flat_map.h"
#include "dht/node_id.h"
#include "dht/time.h"

namespace dht {

/// What is known of the addresses that we have asked: how long they take, and who proved to be
/// there. Outlives the routing table, so that a lookup need not prove the same nodes every time.
class Peers {
public:
    /// Until an address has been measured: beyond nearly all round trips on this planet, and short
    /// enough that a dead node is hardly felt.
    static constexpr Duration unknown_timeout = std::chrono::milliseconds{400};
    /// Scheduling on a busy host takes that long even on a loopback.
    static constexpr Duration timeout_min = std::chrono::milliseconds{50};
    static constexpr Duration timeout_max = std::chrono::seconds{2};

    void measured(const Endpoint& endpoint, Duration round_trip, Time now);
    /// After so long without an answer, it is late.
    [[nodiscard]] Duration timeout(const Endpoint& endpoint) const;

    void proved(const Endpoint& endpoint, const NodeId& id, Time now);
    void unproved(const Endpoint& endpoint);
    /// Wherever it was; nothing is known of those addresses then.
    void unproved(const NodeId& id);
    [[nodiscard]] bool is_proved(const Endpoint& endpoint, const NodeId& id) const;
    /// Somebody has answered us from there: the address is no forgery.
    [[nodiscard]] bool is_real(const Endpoint& endpoint) const;

    /// It answered without a proof, or with one of another federation: not asked again for a while.
    void foreign(const Endpoint& endpoint, Time now);
    [[nodiscard]] bool is_foreign(const Endpoint& endpoint, Time now) const;

private:
    static constexpr std::size_t peers_max = 4096;
    /// Longer than any question waits for its answer.
    static constexpr Duration round_trip_max = std::chrono::minutes{1};
    static constexpr Duration foreign_for = std::chrono::minutes{5};

    using Microseconds = std::chrono::duration<std::uint32_t, std::micro>;

    /// A node has hundreds of these: hence the narrow types.
    struct Peer {
        NodeId id{};
        bool proved = false;         // that it is `id`
        Microseconds round_trip{0};  // smoothed and its deviation, as RFC 6298; 0: not measured
        Microseconds deviation{0};
        CoarseTime foreign_until{};
        CoarseTime used{};
    };

    Peer& at(const Endpoint& endpoint, Time now);
    void forget_oldest();

    FlatMap<Endpoint, Peer> peers_;
    CoarseTime foreign_until_{};  // nobody is foreign any longer: seldom is anybody
};

}  // namespace dht
