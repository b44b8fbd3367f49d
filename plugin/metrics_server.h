// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "dht/endpoint.h"

namespace plugin {

/// Serves a text at http://ENDPOINT/metrics to whoever scrapes it, and nothing else. Made, run and destroyed
/// on the loop. It has no access control: bind it to an address that strangers do not reach.
class MetricsServer {
public:
    /// Throws std::runtime_error with what to do when the address is taken.
    MetricsServer(const dht::Endpoint& at, std::function<std::string()> text);
    ~MetricsServer();
    MetricsServer(const MetricsServer&) = delete;
    MetricsServer& operator=(const MetricsServer&) = delete;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace plugin
