// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/hex.h"

#include <sodium.h>

namespace dht {

std::string hex(BytesView octets) {
    if (octets.empty()) return {};
    std::string out(2 * octets.size() + 1, '\0');  // libsodium ends it with a zero
    sodium_bin2hex(out.data(), out.size(), octets.data(), octets.size());
    out.pop_back();
    return out;
}

bool from_hex(std::string_view digits, std::span<std::uint8_t> out) {
    if (digits.size() != 2 * out.size()) return false;
    if (out.empty()) return true;
    std::size_t written = 0;
    const int failed =
        sodium_hex2bin(out.data(), out.size(), digits.data(), digits.size(), nullptr, &written, nullptr);
    return failed == 0 && written == out.size();
}

}  // namespace dht
