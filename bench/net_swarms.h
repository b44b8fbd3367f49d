// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "bench/net_drive.h"

namespace bench {

std::unique_ptr<Swarm> viaduct_swarm(What what, std::uint16_t port, std::uint16_t first);
#ifdef WITH_LIBTORRENT
std::unique_ptr<Swarm> libtorrent_swarm(What what, std::uint16_t port, std::uint16_t first);
#endif

}  // namespace bench
