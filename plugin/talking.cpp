// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/talking.h"

namespace plugin {

std::optional<Talking::Change> Talking::heard(int level, std::uint32_t packets, std::uint32_t threshold) {
    if (level < 0) return std::nullopt;
    sum_ += static_cast<std::uint64_t>(level);
    if (++count_ < packets) return std::nullopt;
    const double average = static_cast<double>(sum_) / count_;
    count_ = 0;
    sum_ = 0;
    const bool talks = average < threshold;
    if (talks == talking_) return std::nullopt;
    talking_ = talks;
    return Change{talks, average};
}

}  // namespace plugin
