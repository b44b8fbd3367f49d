// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "bench/net_drive.h"

namespace bench {

std::unique_ptr<Swarm> viaduct_swarm(What what, const Place& place);
/// Of programs that are built with it only.
std::unique_ptr<Swarm> libtorrent_swarm(What what, const Place& place);

}  // namespace bench
