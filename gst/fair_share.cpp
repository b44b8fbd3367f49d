// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/fair_share.h"

#include <algorithm>

namespace gst {

std::uint64_t fair_share(std::uint64_t capacity, std::vector<std::uint64_t> wants) {
    if (wants.empty()) return capacity;
    std::sort(wants.begin(), wants.end());
    std::uint64_t left = capacity;
    for (std::size_t served = 0; served < wants.size(); ++served) {
        const auto level = left / (wants.size() - served);
        if (wants[served] >= level) return level;
        left -= wants[served];
    }
    // All have what they want: each may grow by its part of what is left.
    return wants.back() + left / wants.size();
}

}  // namespace gst
