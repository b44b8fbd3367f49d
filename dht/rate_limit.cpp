// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/rate_limit.h"

#include <algorithm>

namespace dht {

bool RateLimit::allows(const Endpoint& from, Time now) {
    if (per_second_ == 0) return true;
    Bucket& bucket = bucket_of(from, now);
    const auto passed = std::chrono::duration<double>(now - bucket.filled).count();
    bucket.left = std::min(per_second_ * burst_seconds, bucket.left + passed * per_second_);
    bucket.filled = now;
    if (bucket.left < 1) return false;
    bucket.left -= 1;
    return true;
}

RateLimit::Bucket& RateLimit::bucket_of(const Endpoint& from, Time now) {
    const Endpoint address{from.address, 0};
    if (Bucket* known = buckets_.find(address)) return *known;
    const auto idle = std::chrono::seconds{static_cast<int>(burst_seconds)};
    const auto full_again = [&](const auto& entry) { return now - entry.value.filled >= idle; };
    if (!buckets_.make_room(addresses_max, full_again)) return strangers_;
    return buckets_.add(address, {per_second_ * burst_seconds, now});
}

}  // namespace dht
