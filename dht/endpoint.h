// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace dht {

/// An IP address and a port. IPv4 is held as an IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2), so
/// that one type serves both.
struct Endpoint {
    static constexpr std::array<std::uint8_t, 12> v4_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

    std::array<std::uint8_t, 16> address{};
    std::uint16_t port = 0;

    /// "192.0.2.1:7777" or "[2001:db8::1]:7777"; no names, no missing port, no port 0.
    static std::optional<Endpoint> parse(std::string_view text);
    static Endpoint v4(std::array<std::uint8_t, 4> address, std::uint16_t port);

    [[nodiscard]] bool is_v4() const {
        return std::equal(v4_prefix.begin(), v4_prefix.end(), address.begin());
    }
    /// The address alone, without brackets.
    [[nodiscard]] std::string host() const;
    /// As `parse` reads it.
    [[nodiscard]] std::string to_string() const;

    auto operator<=>(const Endpoint&) const = default;
    /// The default compares by a call, which is felt where tables are searched.
    bool operator==(const Endpoint& other) const {
        return std::memcmp(address.data(), other.address.data(), sizeof address) == 0 && port == other.port;
    }
};

/// Which of IPv4 and IPv6.
struct Families {
    bool v4 = true;
    bool v6 = true;

    [[nodiscard]] bool contain(const Endpoint& endpoint) const { return endpoint.is_v4() ? v4 : v6; }
    static Families of(const Endpoint& endpoint) { return {endpoint.is_v4(), !endpoint.is_v4()}; }
};

}  // namespace dht

template <>
struct std::hash<dht::Endpoint> {
    std::size_t operator()(const dht::Endpoint& endpoint) const noexcept;
};
