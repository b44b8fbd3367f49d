// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/federation_name.h"

#include "dht/hex.h"
#include "dht/utf8.h"

namespace dht {

std::optional<PublicKey> public_key_from_hex(std::string_view digits) {
    PublicKey key{};
    // One text for each federation: capitals would be another's.
    return from_hex(digits, key) && hex(key) == digits ? std::optional{key} : std::nullopt;
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
