// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>

namespace plugin {

/// Whether somebody talks, by the levels that come with sound (RFC 6464: 0 is the loudest, 127 silence). As
/// VideoRoom does: the average of so many packets, compared with a threshold. One thread.
class Talking {
public:
    struct Change {
        bool talking = false;
        double average = 0;  ///< of the levels, in -dBov
    };
    /// Nothing unless it changes.
    std::optional<Change> heard(int level, std::uint32_t packets, std::uint32_t threshold);
    [[nodiscard]] bool talking() const { return talking_; }

private:
    bool talking_ = false;
    std::uint32_t count_ = 0;
    std::uint64_t sum_ = 0;
};

}  // namespace plugin
