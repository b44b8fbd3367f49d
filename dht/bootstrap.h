// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "dht/crypto.h"
#include "dht/endpoint.h"
#include "dht/time.h"

namespace dht {

/// When to try the well-known addresses: while nobody is known, again and again with back-off, for
/// ever; else seldom, so that two halves of a cut network meet again.
class Bootstrap {
public:
    explicit Bootstrap(Random& random) : random_(random) {}

    /// They are due at once.
    void add(const std::vector<Endpoint>& endpoints, Time now);
    /// Everybody whom the node knew has gone; again and again from now on.
    void alone(Time now);
    /// There is somebody.
    void joined(Time now);

    /// Whom to ping now: all while alone, else one of them.
    std::vector<Endpoint> take_due(Time now);
    [[nodiscard]] bool empty() const { return endpoints_.empty(); }
    [[nodiscard]] std::optional<Time> deadline() const;

private:
    /// More are a list of somebody else's choosing.
    static constexpr std::size_t endpoints_max = 256;
    static constexpr Duration backoff_min = std::chrono::seconds{1};
    static constexpr Duration backoff_max = std::chrono::minutes{1};
    static constexpr Duration check_interval = std::chrono::minutes{10};

    Random& random_;
    std::vector<Endpoint> endpoints_;
    Duration backoff_ = backoff_min;
    Time next_ = Time::max();
    bool all_ = true;  // are due, and not one of them
};

}  // namespace dht
