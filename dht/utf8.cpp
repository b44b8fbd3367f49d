// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/utf8.h"

#include <cstdint>

namespace dht {

namespace {

/// Octets of the character that this one begins, 0 if it begins none.
std::size_t length(std::uint8_t lead) {
    if (lead < 0x80) return 1;
    if (lead >= 0xc2 && lead <= 0xdf) return 2;
    if (lead >= 0xe0 && lead <= 0xef) return 3;
    if (lead >= 0xf0 && lead <= 0xf4) return 4;
    return 0;
}

/// The second octet alone tells overlong forms, surrogates and what is above U+10FFFF.
bool follows(std::uint8_t lead, std::uint8_t second) {
    if (lead == 0xe0) return second >= 0xa0 && second <= 0xbf;
    if (lead == 0xed) return second >= 0x80 && second <= 0x9f;
    if (lead == 0xf0) return second >= 0x90 && second <= 0xbf;
    if (lead == 0xf4) return second >= 0x80 && second <= 0x8f;
    return second >= 0x80 && second <= 0xbf;
}

}  // namespace

bool is_utf8(std::string_view text) {
    const auto octet = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    for (std::size_t i = 0; i < text.size();) {
        const auto size = length(octet(i));
        if (size == 0 || i + size > text.size()) return false;
        if (size > 1 && !follows(octet(i), octet(i + 1))) return false;
        for (std::size_t j = 2; j < size; ++j) {
            if ((octet(i + j) & 0xc0) != 0x80) return false;
        }
        i += size;
    }
    return true;
}

}  // namespace dht
