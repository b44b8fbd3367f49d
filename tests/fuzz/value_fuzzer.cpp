// SPDX-License-Identifier: LGPL-2.1-or-later
/// A value on the command line, as `viaduct put` and `put-item` read it: JSON or a text, made into bencode,
/// and shown again.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "dht/bencode.h"
#include "tools/json.h"
#include "tools/options.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text{reinterpret_cast<const char*>(data), size};
    try {
        const auto encoded = tools::bencoded_value(text);
        // Deeper than 16 levels it is no value that a node would take, which says so.
        if (const auto value = dht::bencode::parse(encoded)) tools::compact(tools::json_of(*value));
    } catch (const tools::UsageError& error) {
        if (std::string{error.what()}.empty()) std::abort();
    }
    return 0;
}
