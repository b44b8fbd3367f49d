// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <utility>

namespace tools {

/// Tells a human at stderr what a command is doing, once that has taken two seconds, and every two
/// seconds after. Whoever waits wakes up at `due` and calls `tick`.
class Progress {
public:
    using Clock = std::chrono::steady_clock;

    explicit Progress(std::function<std::string()> text) : text_(std::move(text)) {}

    [[nodiscard]] Clock::time_point due() const { return due_; }
    void tick() {
        if (Clock::now() < due_) return;
        std::fprintf(stderr, "viaduct: %s …\n", text_().c_str());
        due_ = Clock::now() + interval;
    }

private:
    static constexpr std::chrono::seconds interval{2};

    std::function<std::string()> text_;
    Clock::time_point due_ = Clock::now() + interval;
};

}  // namespace tools
