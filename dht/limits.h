// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <span>

#include "dht/limit.h"
#include "dht/node.h"

namespace dht {

/// Those of a node, in the order in which to explain them.
std::span<const Limit<NodeConfig>> limits();

}  // namespace dht
