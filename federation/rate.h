// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>

#include "dht/time.h"

namespace federation {

/// A token bucket: so many a second on average, twice that in a burst.
class Rate {
public:
    Rate(double per_second, dht::Time now)
        : per_second_(per_second), tokens_(2 * per_second), counted_(now) {}

    /// False when there were too many.
    bool take(dht::Time now) {
        const std::chrono::duration<double> passed = now - counted_;
        counted_ = now;
        tokens_ = std::min(2 * per_second_, tokens_ + passed.count() * per_second_);
        if (tokens_ < 1) return false;
        tokens_ -= 1;
        return true;
    }

private:
    double per_second_;
    double tokens_;
    dht::Time counted_;
};

}  // namespace federation
