// SPDX-License-Identifier: GPL-3.0-or-later
/// What an operator may write into the configuration, behind Janus's parser: a line each of section, key and
/// value. Whatever it is, it is read or refused with a sentence.
#include "plugin/config.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "dht/limits.h"

namespace {

/// Reads and removes what stands before the separator.
std::string take(std::string& text, char separator) {
    const auto end = std::min(text.find(separator), text.size());
    auto out = text.substr(0, end);
    text.erase(0, std::min(end + 1, text.size()));
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string text{reinterpret_cast<const char*>(data), size};
    std::erase(text, '\0');  // Janus's parser gives C strings
    plugin::Section general;
    plugin::Section limits;
    while (!text.empty()) {
        auto line = take(text, '\n');
        auto& section = take(line, ' ') == "limits" ? limits : general;
        const auto key = take(line, ' ');
        section[key] = line;
    }
    try {
        const auto config = plugin::read_config(general, limits);
        for (const auto& limit : dht::limits()) {
            if (limit.get(config.node) < limit.least || limit.get(config.node) > limit.most) std::abort();
        }
    } catch (const plugin::ConfigError& error) {
        if (std::string{error.what()}.find(" accepted") == std::string::npos) std::abort();
    }
    return 0;
}
