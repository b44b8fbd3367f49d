// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>

#include "dht/endpoint.h"

namespace glib {

/// From now on the kernel keeps what ICMP says of datagrams that this UDP socket has sent (ip(7),
/// IP_RECVERR). It also makes a later call on the socket fail, once each time, and the socket readable
/// for as long as anything is kept.
void keep_errors(int socket, bool v6);

/// Where a datagram has met nobody: the host is there, and says that the port is closed. Other errors are
/// passed over: they pass, or are the network's. Nothing: no more are kept, or enough for this time.
std::optional<dht::Endpoint> take_refused(int socket);

}  // namespace glib
