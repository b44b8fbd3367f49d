// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>

#include "dht/endpoint.h"
#include "dht/flat_map.h"
#include "dht/time.h"

namespace dht {

/// So many queries a second from one address, whatever the port: a token bucket that holds two
/// seconds' worth, since a server that starts publishes all its users at once.
class RateLimit {
public:
    /// 0: no limit.
    explicit RateLimit(std::size_t per_second) : per_second_(static_cast<double>(per_second)) {}

    bool allows(const Endpoint& from, Time now);

private:
    /// Addresses remembered; one whose bucket is full again need not be.
    static constexpr std::size_t addresses_max = 4096;
    static constexpr double burst_seconds = 2;

    struct Bucket {
        double left = 0;
        Time filled{};
    };

    Bucket& bucket_of(const Endpoint& from, Time now);

    double per_second_;
    FlatMap<Endpoint, Bucket> buckets_;  // keyed with port 0
    Bucket strangers_;                   // shared by whoever comes while the table is full
};

}  // namespace dht
