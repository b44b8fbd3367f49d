// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "dht/crypto.h"
#include "dht/endpoint.h"
#include "dht/flat_map.h"
#include "dht/node_id.h"
#include "dht/time.h"

namespace dht {

/// What is known of the addresses that we have asked: how long they take, and who proved to be
/// there. Outlives the routing table, so that a lookup need not prove the same nodes every time.
///
/// A node remembers hundreds of them, so what is kept is small: of addresses and NodeIDs a hash of 64 bits,
/// whose key nobody else knows, so that nobody can find two that look the same.
class Peers {
public:
    explicit Peers(Random& random) { random.fill(hash_key_); }

    /// Until an address has been measured: beyond nearly all round trips on this planet, and short
    /// enough that a dead node is hardly felt.
    static constexpr Duration unknown_timeout = std::chrono::milliseconds{400};
    /// Scheduling on a busy host takes that long even on a loopback.
    static constexpr Duration timeout_min = std::chrono::milliseconds{50};
    static constexpr Duration timeout_max = std::chrono::seconds{2};

    /// Somebody who is new is given four times what others usually take, but so long at least.
    static constexpr Duration unknown_timeout_min = std::chrono::milliseconds{100};

    /// After so long, somebody else is asked as well: what a loop takes that is busy with other things,
    /// and what most round trips on a continent take.
    static constexpr Duration slow_min = std::chrono::milliseconds{10};
    static constexpr Duration unknown_slow = std::chrono::milliseconds{100};

    void measured(const Endpoint& endpoint, Duration round_trip, Time now);
    /// It did not answer in time. Until it does, others are asked as well at once, and the wait is short.
    void silent(const Endpoint& endpoint);
    /// After so long without an answer, it is late.
    [[nodiscard]] Duration timeout(const Endpoint& endpoint) const;
    /// After so long without an answer, it is slow, which it may be with good reason.
    [[nodiscard]] Duration slow(const Endpoint& endpoint) const;
    /// Whoever is there would have answered by now, or everybody else. Of an address that is unknown,
    /// `slow_min`.
    [[nodiscard]] Duration usual(const Endpoint& endpoint) const;

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
    static constexpr Duration foreign_for = std::chrono::minutes{5};

    using Microseconds = std::chrono::duration<std::uint32_t, std::micro>;
    static constexpr Duration round_trip_max = Microseconds::max();

    enum class Standing : std::uint8_t { unknown, proved, foreign };

    /// Smoothed, and their deviation, as RFC 6298 has it.
    struct RoundTrips {
        Microseconds smoothed{0};  // 0: not measured
        Microseconds deviation{0};

        void measured(Duration round_trip);
        [[nodiscard]] bool any() const { return smoothed > Microseconds{0}; }
        /// Nearly all answers come within.
        [[nodiscard]] Duration usual() const { return Duration{smoothed} + 4 * Duration{deviation}; }
    };

    struct Peer {
        std::uint64_t id = 0;  // the hash of who it has proved to be
        Standing standing = Standing::unknown;
        bool silent = false;
        RoundTrips round_trips;
        CoarseTime used{};
    };

    [[nodiscard]] std::uint64_t hash_of(const Endpoint& endpoint) const;
    [[nodiscard]] std::uint64_t hash_of(const NodeId& id) const;
    [[nodiscard]] const Peer* find(const Endpoint& endpoint) const { return peers_.find(hash_of(endpoint)); }
    /// Nothing of whom nobody has measured.
    [[nodiscard]] const Peer* find_measured(const Endpoint& endpoint) const;
    Peer& at(const Endpoint& endpoint, Time now);
    void forget_oldest();

    std::array<std::uint8_t, 16> hash_key_{};
    FlatMap<std::uint64_t, Peer> peers_;  // by the hash of the address
    RoundTrips everybody_;
    CoarseTime last_foreign_{};  // seldom is anybody
};

}  // namespace dht
