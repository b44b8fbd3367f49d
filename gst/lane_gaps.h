// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>

namespace gst {

/// Counts what is missing in a lane's 16-bit sequence. A late packet fills its gap.
class LaneGaps {
public:
    void received(std::uint16_t sequence) {
        ++received_;
        if (received_ == 1) {
            highest_ = sequence;
            expected_ = 1;
            return;
        }
        // Half of the number space ahead is news, the other half is late.
        const auto step = static_cast<std::uint16_t>(sequence - highest_);
        if (step == 0 || step >= 0x8000) return;
        expected_ += step;
        highest_ = sequence;
    }
    [[nodiscard]] std::uint64_t lost() const { return expected_ > received_ ? expected_ - received_ : 0; }

private:
    std::uint64_t received_ = 0, expected_ = 0;
    std::uint16_t highest_ = 0;
};

}  // namespace gst
