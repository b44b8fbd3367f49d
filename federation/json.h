// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <jansson.h>

#include <memory>

namespace federation {

/// json_decref is `static inline`: as a template argument its type would differ in each source file.
struct FreeJson {
    void operator()(json_t* json) const noexcept { json_decref(json); }
};

/// A reference to a JSON value.
using Json = std::unique_ptr<json_t, FreeJson>;

}  // namespace federation
