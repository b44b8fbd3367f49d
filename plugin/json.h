// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdlib>
#include <memory>
#include <string>

#include "federation/json.h"

namespace plugin {

using federation::Json;

/// Without white space; empty for null.
inline std::string dump(const json_t* json) {
    struct Release {
        void operator()(char* text) const noexcept { std::free(text); }
    };
    const std::unique_ptr<char, Release> text{json ? json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY)
                                                   : nullptr};
    return text ? text.get() : "";
}

/// Null if it is not JSON.
inline Json load(const std::string& text) {
    return Json{json_loadb(text.data(), text.size(), 0, nullptr)};
}

}  // namespace plugin
