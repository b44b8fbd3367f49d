// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/bootstrap.h"

#include <algorithm>

namespace dht {

void Bootstrap::add(const std::vector<Endpoint>& endpoints, Time now) {
    for (const Endpoint& endpoint : endpoints) {
        const bool known = std::find(endpoints_.begin(), endpoints_.end(), endpoint) != endpoints_.end();
        if (!known && endpoints_.size() < endpoints_max) endpoints_.push_back(endpoint);
    }
    alone(now);
}

void Bootstrap::alone(Time now) {
    heard_ = false;
    backoff_ = backoff_min;
    next_ = endpoints_.empty() ? Time::max() : now;
}

bool Bootstrap::heard(const Endpoint& endpoint, Time now) {
    if (heard_ || std::find(endpoints_.begin(), endpoints_.end(), endpoint) == endpoints_.end()) return false;
    heard_ = true;
    next_ = now + check_interval;
    return true;
}

std::vector<Endpoint> Bootstrap::take_due(Time now) {
    if (next_ > now) return {};
    if (heard_) {
        next_ = now + check_interval;
        return {endpoints_[random_.below(endpoints_.size())]};
    }
    next_ = now + backoff_;
    backoff_ = std::min(2 * backoff_, backoff_max);
    return endpoints_;
}

std::optional<Time> Bootstrap::deadline() const {
    return next_ == Time::max() ? std::nullopt : std::optional{next_};
}

}  // namespace dht
