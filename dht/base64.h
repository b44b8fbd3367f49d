// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dht/bytes.h"

namespace dht {

/// RFC 4648, with padding.
std::string to_base64(std::string_view octets);
/// Hostile input: nothing unless it is exactly what `to_base64` writes.
std::optional<Bytes> from_base64(std::string_view text);

}  // namespace dht
