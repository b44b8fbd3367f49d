// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/glib/socket_errors.h"

#include <linux/errqueue.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "federation/glib/address.h"

namespace glib {

namespace {

/// Errors passed over in a row, so that a flood of them does not hold the loop.
constexpr int passed_over_max = 64;

/// What happened to a datagram, among what the kernel says beside its address.
std::optional<sock_extended_err> error_in(msghdr& message) {
    for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
        const bool v4 = part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_RECVERR;
        const bool v6 = part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_RECVERR;
        if (!v4 && !v6) continue;
        sock_extended_err out{};
        std::memcpy(&out, CMSG_DATA(part), sizeof out);
        return out;
    }
    return std::nullopt;
}

}  // namespace

void keep_errors(int socket, bool v6) {
    const int on = 1;
    setsockopt(socket, IPPROTO_IP, IP_RECVERR, &on, sizeof on);
    if (v6) setsockopt(socket, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on);
}

std::optional<dht::Endpoint> take_refused(int socket) {
    for (int passed_over = 0; passed_over < passed_over_max; ++passed_over) {
        sockaddr_storage to{};
        alignas(cmsghdr) std::array<char, 512> control{};
        msghdr message{};
        message.msg_name = &to;
        message.msg_namelen = sizeof to;
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        if (recvmsg(socket, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return std::nullopt;
        const auto error = error_in(message);
        if (!error || error->ee_errno != ECONNREFUSED) continue;
        const auto address = take_ref(g_socket_address_new_from_native(&to, message.msg_namelen));
        const auto endpoint = address ? from_address(address.get()) : std::nullopt;
        if (endpoint) return endpoint;
    }
    return std::nullopt;
}

}  // namespace glib
