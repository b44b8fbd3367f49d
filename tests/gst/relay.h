// SPDX-License-Identifier: LGPL-2.1-or-later
/// A bad network between two servers in one process.
#pragma once

#include <atomic>
#include <mutex>
#include <thread>

#include "tests/gst/servers.h"
#include "tests/net/impairment.h"

namespace tests {

/// Stands between the two sides of each attempt of a trunk: rewrites the candidate in each description to a
/// port of its own and forwards what comes there, as bad as the weather is. Signalling
/// passes as it is, but for `cut`.
class Relay {
public:
    Relay(Server& a, Server& b, std::uint32_t seed = 1);
    /// No signal passes any more.
    ~Relay();
    Relay(const Relay&) = delete;
    Relay& operator=(const Relay&) = delete;

    /// From now on. `from_a` is what becomes of A's packets.
    void set(const Weather& from_a, const Weather& from_b);
    void set(const Weather& both) { set(both, both); }
    /// Both ways, signalling too.
    void cut(bool is_cut);
    /// A datagram of anybody's that is sent to the port returned goes the way that A's packets go, to `to`:
    /// what the path itself does, to compare with.
    std::uint16_t pass(std::uint16_t to);

private:
    struct Side {
        int socket = -1;                      ///< what comes here is for this side
        std::uint16_t port = 0;               ///< of the socket
        std::atomic<std::uint16_t> real = 0;  ///< where this side listens
    };
    /// The two ends of one attempt: each has sockets of its own.
    struct Pair {
        std::string trunk;
        Side sides[2];
        ~Pair();
    };

    void wire(Server& from, Server& to, int side);
    void rewrite(federation::TrunkSignal& signal, int side);
    Pair& pair_of(const std::string& trunk);
    void work();
    void read(const std::shared_ptr<Pair>& pair, int side);

    Server &a_, &b_;
    std::atomic<bool> stop_ = false, cut_ = false;
    std::mutex mutex_;
    std::vector<std::shared_ptr<Pair>> pairs_;
    Impairment ways_[2];  ///< from A, from B
    Weather set_[2];
    std::thread thread_;
};

}  // namespace tests
