// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/glib/address.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <algorithm>

namespace glib {

namespace {

constexpr std::size_t v4_offset = 12;  // RFC 4291 §2.5.5.2: ::ffff:a.b.c.d

}  // namespace

Ref<GSocketAddress> to_address(const dht::Endpoint& endpoint, bool as_v6) {
    const bool v4 = endpoint.is_v4() && !as_v6;
    const auto inet = take_ref(g_inet_address_new_from_bytes(
        endpoint.address.data() + (v4 ? v4_offset : 0), v4 ? G_SOCKET_FAMILY_IPV4 : G_SOCKET_FAMILY_IPV6));
    return take_ref(g_inet_socket_address_new(inet.get(), endpoint.port));
}

std::optional<dht::Endpoint> from_address(GSocketAddress* address) {
    if (!G_IS_INET_SOCKET_ADDRESS(address)) return {};
    auto* const socket_address = G_INET_SOCKET_ADDRESS(address);
    auto* const inet = g_inet_socket_address_get_address(socket_address);
    const auto* const bytes = g_inet_address_to_bytes(inet);
    const auto port = g_inet_socket_address_get_port(socket_address);
    if (g_inet_address_get_family(inet) == G_SOCKET_FAMILY_IPV4) {
        return dht::Endpoint::v4({bytes[0], bytes[1], bytes[2], bytes[3]}, port);
    }
    dht::Endpoint endpoint;
    std::copy_n(bytes, endpoint.address.size(), endpoint.address.begin());
    endpoint.port = port;
    return endpoint;
}

bool is_unspecified(const dht::Endpoint& endpoint) {
    const auto from = endpoint.address.begin() + (endpoint.is_v4() ? v4_offset : 0);
    return std::all_of(from, endpoint.address.end(), [](auto octet) { return octet == 0; });
}

void send_at_once(GSocketConnection* connection) {
    g_socket_set_option(g_socket_connection_get_socket(connection), IPPROTO_TCP, TCP_NODELAY, 1, nullptr);
}

}  // namespace glib
