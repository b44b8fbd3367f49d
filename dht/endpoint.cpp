// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/endpoint.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace dht {

namespace {

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
    return port;
}

}  // namespace

std::optional<Endpoint> Endpoint::parse(std::string_view text) {
    const bool bracketed = text.starts_with('[');
    const auto colon = bracketed ? text.find("]:") : text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto port = parse_port(text.substr(colon + (bracketed ? 2 : 1)));
    if (!port) return std::nullopt;

    const std::string host{bracketed ? text.substr(1, colon - 1) : text.substr(0, colon)};
    if (bracketed) {
        Endpoint out;
        out.port = *port;
        if (inet_pton(AF_INET6, host.c_str(), out.address.data()) != 1) return std::nullopt;
        return out;
    }
    std::array<std::uint8_t, 4> address{};
    if (inet_pton(AF_INET, host.c_str(), address.data()) != 1) return std::nullopt;
    return v4(address, *port);
}

Endpoint Endpoint::v4(std::array<std::uint8_t, 4> address, std::uint16_t port) {
    Endpoint out;
    std::copy(v4_prefix.begin(), v4_prefix.end(), out.address.begin());
    std::copy(address.begin(), address.end(), out.address.begin() + v4_prefix.size());
    out.port = port;
    return out;
}

std::string Endpoint::host() const {
    std::array<char, INET6_ADDRSTRLEN> out{};
    if (is_v4()) {
        inet_ntop(AF_INET, address.data() + v4_prefix.size(), out.data(), out.size());
    } else {
        inet_ntop(AF_INET6, address.data(), out.data(), out.size());
    }
    return out.data();
}

std::string Endpoint::to_string() const {
    const auto host_port = (is_v4() ? host() : '[' + host() + ']') + ':';
    return host_port + std::to_string(port);
}

}  // namespace dht

std::size_t std::hash<dht::Endpoint>::operator()(const dht::Endpoint& endpoint) const noexcept {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    std::memcpy(&high, endpoint.address.data(), sizeof high);
    std::memcpy(&low, endpoint.address.data() + sizeof high, sizeof low);
    // Odd multipliers from the fractions of the golden ratio and of pi spread near addresses. The low bits of
    // a product know nothing of the high ones of its factors, and there are IPv4's last octets: hence the
    // folds.
    const auto mixed = [](std::uint64_t number, std::uint64_t factor) {
        number = (number ^ (number >> 32U)) * factor;
        return number ^ (number >> 32U);
    };
    constexpr std::uint64_t golden = 0x9e3779b97f4a7c15U;
    constexpr std::uint64_t pi = 0x243f6a8885a308d3U;
    return static_cast<std::size_t>(mixed(mixed(mixed(high + endpoint.port, golden) ^ low, pi), golden));
}
