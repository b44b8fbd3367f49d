// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/rate_limit.h"

#include <algorithm>

namespace dht {

RateLimit::RateLimit(Limits limits)
    : exempt_private_(limits.exempt_private), addresses_(limits.per_address), subnets_(limits.per_subnet) {}

bool RateLimit::allows(const Endpoint& from, Time now) {
    if (!addresses_.allows({from.address, 0}, now)) return false;
    return (exempt_private_ && is_private(from)) || subnets_.allows(subnet_of(from), now);
}

template <class Name>
bool RateLimit::Buckets<Name>::allows(const Name& name, Time now) {
    if (per_second_ == 0) return true;
    Bucket& bucket = bucket_of(name, now);
    const auto passed = std::chrono::duration<double>(now - bucket.filled).count();
    bucket.left = std::min(per_second_ * burst_seconds, bucket.left + passed * per_second_);
    bucket.filled = now;
    if (bucket.left < 1) return false;
    bucket.left -= 1;
    return true;
}

template <class Name>
RateLimit::Bucket& RateLimit::Buckets<Name>::bucket_of(const Name& name, Time now) {
    if (Bucket* known = buckets_.find(name)) return *known;
    const auto idle = std::chrono::seconds{static_cast<int>(burst_seconds)};
    const auto full_again = [&](const auto& entry) { return now - entry.value.filled >= idle; };
    if (!buckets_.make_room(addresses_max, full_again)) return strangers_;
    return buckets_.add(name, {per_second_ * burst_seconds, now});
}

}  // namespace dht
