// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>

namespace federation {

/// The number of a call or a feed inside the trunk. The server that allocates it puts its own bit lowest:
/// 1 if its NodeID is the greater of the two.
using LaneId = std::uint32_t;

}  // namespace federation
