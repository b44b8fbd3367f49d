// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "dht/time.h"
#include "plugin/layer_budget.h"

namespace plugin {

/// How much each layer of a stream brings. Counted on the thread that brings it, read on the loop.
class LayerMeter {
public:
    /// `size`: of a simulcast or in space; of what has no layers 0.
    void count(int size, int temporal, std::size_t octets) {
        const auto index = LayerRates::index(size, temporal);
        octets_.at(index).fetch_add(octets, std::memory_order_relaxed);
    }

    /// Since it was asked last. A layer that brings nothing, or does not cross any more, is told as it was.
    const LayerRates& rates(dht::Time now) {
        const double seconds = at_ ? std::chrono::duration<double>(now - *at_).count() : 0;
        if (at_ && seconds < least_seconds) return rates_;
        for (std::size_t layer = 0; layer < octets_.size(); ++layer) {
            const auto octets = octets_.at(layer).load(std::memory_order_relaxed);
            const auto more = octets - before_.at(layer);
            before_.at(layer) = octets;
            if (seconds > 0 && more > 0)
                rates_.bits.at(layer) = static_cast<std::uint64_t>(8.0 * static_cast<double>(more) / seconds);
        }
        at_ = now;
        return rates_;
    }

private:
    /// Within less, one picture would be a rate.
    static constexpr double least_seconds = 0.5;

    std::array<std::atomic<std::uint64_t>, LayerRates::count> octets_{};
    std::array<std::uint64_t, LayerRates::count> before_{};
    LayerRates rates_{};
    std::optional<dht::Time> at_;
};

}  // namespace plugin
