// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "dht/time.h"

namespace plugin {

/// How busy this server is, in percent, as other servers are told: the more of what runs short first,
/// processor time or places. In steps, since each change is published with every room.
class Load {
public:
    explicit Load(unsigned cores) : cores_(cores) {}

    /// That this process has used so far, in seconds.
    static double processor_time();

    /// `full`: which share of the places is taken. What others are to be told; nothing: the same as before.
    std::optional<unsigned> sample(double processor_time, dht::Time now, double full);

private:
    static constexpr double step = 10;  ///< percent
    /// Of each new sample: a moment's peak is nothing that others should act on.
    static constexpr double weight = 0.3;

    unsigned cores_;
    std::optional<dht::Time> at_;
    double used_ = 0;  ///< when it was sampled last
    double busy_ = 0;  ///< smoothed, in percent
    unsigned told_ = 0;
};

}  // namespace plugin
