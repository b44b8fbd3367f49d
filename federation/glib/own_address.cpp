// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/glib/own_address.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <array>
#include <memory>
#include <utility>

namespace glib {

namespace {

struct FreeInterfaces {
    void operator()(ifaddrs* list) const noexcept { freeifaddrs(list); }
};

std::optional<std::string> text(const sockaddr* address, int family) {
    std::array<char, INET6_ADDRSTRLEN> buffer{};
    const void* octets = nullptr;
    if (family == AF_INET) octets = &reinterpret_cast<const sockaddr_in*>(address)->sin_addr;
    if (family == AF_INET6) {
        const auto& v6 = reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
        if (!IN6_IS_ADDR_LINKLOCAL(&v6)) octets = &v6;
    }
    if (!octets || !inet_ntop(family, octets, buffer.data(), buffer.size())) return std::nullopt;
    return buffer.data();
}

}  // namespace

std::vector<std::string> own_addresses() {
    std::vector<std::string> all;
    ifaddrs* raw = nullptr;
    if (getifaddrs(&raw) != 0) return all;
    const std::unique_ptr<ifaddrs, FreeInterfaces> interfaces{raw};
    for (const int family : {AF_INET, AF_INET6}) {
        for (const ifaddrs* entry = raw; entry; entry = entry->ifa_next) {
            if (!entry->ifa_addr || entry->ifa_addr->sa_family != family) continue;
            if (!(entry->ifa_flags & IFF_UP) || (entry->ifa_flags & IFF_LOOPBACK)) continue;
            if (auto found = text(entry->ifa_addr, family)) all.push_back(std::move(*found));
        }
    }
    return all;
}

std::optional<std::string> own_address() {
    auto all = own_addresses();
    if (all.empty()) return std::nullopt;
    return std::move(all.front());
}

}  // namespace glib
