// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "dht/bytes.h"

namespace dht {

/// Two lower-case digits for each octet.
std::string hex(BytesView octets);
/// Digits of either case that fill `out` exactly, and nothing else; otherwise false.
bool from_hex(std::string_view digits, std::span<std::uint8_t> out);

}  // namespace dht
