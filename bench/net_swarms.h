// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "bench/net_drive.h"

namespace bench {

std::unique_ptr<Swarm> viaduct_swarm(What what, const Place& place);
#ifdef WITH_LIBTORRENT
std::unique_ptr<Swarm> libtorrent_swarm(What what, const Place& place);
#endif

}  // namespace bench
