// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "dht/contact.h"
#include "dht/node_id.h"

namespace dht {

/// How close to each other nodes lie, and with it the routing failure test (Castro et al., "Secure routing
/// for structured peer-to-peer overlay networks", OSDI 2002, §4.2): NodeIDs are hashes, so they lie equally
/// close everywhere. Liars who work together can name each other only, and they are fewer than all: a fifth
/// of the nodes lie five times as sparsely.
///
/// How far the k-th nearest to some target is, is a guess from k samples. So this is the median of the last
/// lookups' and of the own neighbourhood, of whom nobody but oneself has told: a few lookups that were led
/// astray do not move it.
class Density {
public:
    Density(const NodeId& self, std::size_t k) : self_(self), k_(k) {}

    /// A lookup for `target` has ended with these, nearest first.
    void found(const NodeId& target, std::span<const Contact> closest);

    /// Whether those that a lookup ended with are too far apart to be the closest there are. `neighbours`:
    /// of the own NodeID the nearest that are known; with fewer than k of them there is no telling.
    [[nodiscard]] bool too_sparse(const NodeId& target, std::span<const Contact> closest,
                                  std::span<const Contact> neighbours) const;

private:
    /// A median of so many is right within a few per cent.
    static constexpr std::size_t samples_max = 15;
    /// Twice as far as expected is the k-th honest one, by chance, once in ten thousand lookups; five times
    /// as far the k-th liar is less than that once in a thousand (Erlang's distribution of k = 20).
    static constexpr double sparse_factor = 2;

    struct Sample {
        NodeId target;
        std::uint64_t distance = 0;  // of the k-th; the first 64 bits of it are plenty
    };

    NodeId self_;
    std::size_t k_;
    std::array<Sample, samples_max> samples_{};
    std::size_t count_ = 0;
    std::size_t next_ = 0;  // to be overwritten
};

}  // namespace dht
