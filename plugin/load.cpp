// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/load.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace plugin {

double Load::processor_time() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::optional<unsigned> Load::sample(double processor_time, dht::Time now, double full) {
    if (at_ && now > *at_) {
        const double passed = std::chrono::duration<double>(now - *at_).count();
        const double percent = 100 * (processor_time - used_) / passed / cores_;
        busy_ += weight * (percent - busy_);
    }
    at_ = now;
    used_ = processor_time;
    const double most = std::clamp(std::max(busy_, 100 * full), 0.0, 100.0);
    // More than half a step: a load between two of them does not tell both in turn.
    if (std::abs(most - told_) < 0.6 * step) return std::nullopt;
    return told_ = static_cast<unsigned>(std::lround(most / step) * step);
}

}  // namespace plugin
