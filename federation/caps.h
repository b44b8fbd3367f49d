// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <span>

#include "dht/limit.h"
#include "federation/config.h"

namespace federation {

/// Those of a server, beside those of its node (dht/limits.h), in the order in which to explain them.
std::span<const dht::Limit<Caps>> caps();

}  // namespace federation
