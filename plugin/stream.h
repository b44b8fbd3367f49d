// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>

#include "plugin/layer_selector.h"
#include "plugin/mlines.h"

namespace plugin {

/// What the lane header's octet `stream` says (docs/trunk.md §2): the m-line in the lower six bits, in the
/// upper two the layer of a simulcast plus 1, 0 without. So the callee's server tells layers apart without
/// having been told their SSRCs or names.
struct Stream {
    int mindex = 0;
    std::optional<int> layer{};

    static_assert(mlines_max <= 64 && simulcast_layers <= 3);

    /// Nothing when the m-line has no such number.
    static std::optional<std::uint8_t> octet(int mindex, std::optional<int> layer = {}) {
        if (mindex < 0 || static_cast<std::size_t>(mindex) >= mlines_max) return std::nullopt;
        return static_cast<std::uint8_t>((layer ? *layer + 1 : 0) << 6U | mindex);
    }
    static Stream from(std::uint8_t octet) {
        Stream stream{octet & 0x3f};
        if (octet >> 6U != 0) stream.layer = (octet >> 6U) - 1;
        return stream;
    }
};

}  // namespace plugin
