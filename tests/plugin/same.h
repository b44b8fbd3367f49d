// SPDX-License-Identifier: GPL-3.0-or-later
/// Comparisons that say both sides when they differ. (Check's own keep pointers into temporaries.)
#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace tests {

using Lines = std::vector<std::string>;

inline bool same(const Lines& actual, const Lines& expected) {
    if (actual == expected) return true;
    const auto print = [](const char* title, const Lines& lines) {
        std::fprintf(stderr, "%s:\n", title);
        for (const auto& line : lines) std::fprintf(stderr, "    %s\n", line.c_str());
    };
    print("expected", expected);
    print("actual", actual);
    return false;
}

inline bool same(std::string_view actual, std::string_view expected) {
    return actual == expected || same(Lines{std::string{actual}}, Lines{std::string{expected}});
}

}  // namespace tests
