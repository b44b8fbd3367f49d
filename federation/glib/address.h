// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>

#include "dht/endpoint.h"
#include "federation/glib/ptr.h"

namespace glib {

/// IPv4 unless `as_v6`: a dual-stack socket wants even IPv4 in its IPv6 form.
Ref<GSocketAddress> to_address(const dht::Endpoint& endpoint, bool as_v6 = false);
/// Nothing for what is no Internet address.
std::optional<dht::Endpoint> from_address(GSocketAddress* address);

/// 0.0.0.0 or [::]: an address to listen at, but none to be reached at.
bool is_unspecified(const dht::Endpoint& endpoint);

/// Turns off Nagle's algorithm, which holds a message back by up to 40 ms when another was sent just
/// before: in a TLS handshake, at each invite.
void send_at_once(GSocketConnection* connection);

}  // namespace glib
