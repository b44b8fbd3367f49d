// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <span>

#include "dht/node.h"

namespace dht {

/// A limit of a node that its operator may set: what the plugin's configuration and the command line
/// have in common. Why it is as it is says NodeConfig.
struct Limit {
    const char* name;  ///< in a configuration; on the command line with hyphens
    const char* what;
    std::uint64_t least;
    std::uint64_t most;
    std::uint64_t (*get)(const NodeConfig&);  ///< durations in seconds
    void (*set)(NodeConfig&, std::uint64_t);
};

/// All of them, in the order in which to explain them.
std::span<const Limit> limits();

}  // namespace dht
