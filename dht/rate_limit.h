// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>

#include "dht/endpoint.h"
#include "dht/flat_map.h"
#include "dht/subnet.h"
#include "dht/time.h"

namespace dht {

/// So many queries a second from one address, whatever the port, and so many from one /24 or /64: a
/// token bucket each, which holds two seconds' worth, since a server that starts publishes all its
/// users at once.
class RateLimit {
public:
    struct Limits {
        std::size_t per_address = 0;  ///< 0: no limit, here and below
        std::size_t per_subnet = 0;
        bool exempt_private = true;  ///< from the second, not from the first
    };

    explicit RateLimit(Limits limits);

    bool allows(const Endpoint& from, Time now);

private:
    /// Addresses remembered; one whose bucket is full again need not be.
    static constexpr std::size_t addresses_max = 4096;
    static constexpr double burst_seconds = 2;

    struct Bucket {
        double left = 0;
        Time filled{};
    };

    /// The buckets of all addresses, or of all subnets.
    template <class Name>
    class Buckets {
    public:
        explicit Buckets(std::size_t per_second) : per_second_(static_cast<double>(per_second)) {}
        bool allows(const Name& name, Time now);

    private:
        Bucket& bucket_of(const Name& name, Time now);

        double per_second_;
        FlatMap<Name, Bucket> buckets_;
        Bucket strangers_;  // shared by whoever comes while the table is full
    };

    bool exempt_private_;
    Buckets<Endpoint> addresses_;  // keyed with port 0
    Buckets<Subnet> subnets_;
};

}  // namespace dht
