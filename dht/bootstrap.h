// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "dht/crypto.h"
#include "dht/endpoint.h"
#include "dht/time.h"

namespace dht {

/// When to try the well-known addresses: until one has answered, all of them, again and again with
/// back-off, for ever. That others have found us meanwhile is not enough: we may be an island
/// together. Afterwards one now and then, so that two halves of a cut network meet again.
class Bootstrap {
public:
    explicit Bootstrap(Random& random) : random_(random) {}

    /// They are due at once.
    void add(const std::vector<Endpoint>& endpoints, Time now);
    /// Everybody whom the node knew has gone: from the beginning.
    void alone(Time now);
    /// Somebody has answered from there. Whether it is the first of the well-known ones.
    bool heard(const Endpoint& endpoint, Time now);

    /// Whom to ping now.
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
    bool heard_ = false;
};

}  // namespace dht
