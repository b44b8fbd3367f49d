// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/federation_name.h"

#include "dht/utf8.h"

namespace dht {

namespace {

constexpr std::string_view digits = "0123456789abcdef";

}  // namespace

std::string hex(const PublicKey& key) {
    std::string out;
    for (const auto octet : key) {
        out += digits[octet >> 4U];
        out += digits[octet & 15U];
    }
    return out;
}

std::optional<PublicKey> public_key_from_hex(std::string_view hex) {
    PublicKey key{};
    if (hex.size() != 2 * key.size()) return std::nullopt;
    for (std::size_t i = 0; i < key.size(); ++i) {
        const auto high = digits.find(hex[2 * i]);
        const auto low = digits.find(hex[2 * i + 1]);
        if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
        key[i] = static_cast<std::uint8_t>(high << 4U | low);
    }
    return key;
}

std::optional<FederationName> FederationName::parse(std::string_view text) {
    const auto at = text.find('@');
    FederationName out{std::string{text.substr(0, at)}};
    if (out.name.empty() || out.name.size() > name_bytes_max || !is_utf8(out.name)) return std::nullopt;
    if (at == std::string_view::npos) return out;
    out.key = public_key_from_hex(text.substr(at + 1));
    return out.key ? std::optional{out} : std::nullopt;
}

std::string FederationName::text() const {
    return key ? name + '@' + hex(*key) : name;
}

}  // namespace dht
