// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/rate_limit.h"

#include <algorithm>

namespace dht {

bool RateLimit::allows(const Endpoint& from, Time now) {
    if (per_second_ == 0) return true;
    const Endpoint address{from.address, 0};
    auto found = buckets_.find(address);
    if (found == buckets_.end()) {
        if (buckets_.size() >= addresses_max) forget_idle(now);
        if (buckets_.size() < addresses_max) {
            found = buckets_.emplace(address, Bucket{per_second_ * burst_seconds, now}).first;
        }
    }
    Bucket& bucket = found == buckets_.end() ? strangers_ : found->second;
    const auto passed = std::chrono::duration<double>(now - bucket.filled).count();
    bucket.left = std::min(per_second_ * burst_seconds, bucket.left + passed * per_second_);
    bucket.filled = now;
    if (bucket.left < 1) return false;
    bucket.left -= 1;
    return true;
}

void RateLimit::forget_idle(Time now) {
    const auto idle = std::chrono::seconds{static_cast<int>(burst_seconds)};
    std::erase_if(buckets_, [&](const auto& entry) { return now - entry.second.filled >= idle; });
}

}  // namespace dht
