// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace plugin {

/// Reads from the header extension "dependency descriptor" (AV1's RTP payload, appendix A) which temporal
/// layer a frame belongs to. Browsers that send it leave that out of VP8's own descriptor. The layers of a
/// stream are told with its keyframes: one reader for each.
class DependencyReader {
public:
    struct Frame {
        bool begins = false;  ///< its first packet
        int temporal = 0;
    };
    /// Nothing when there is no extension, or before a keyframe. Hostile input.
    std::optional<Frame> read(std::span<const std::uint8_t> extension);

private:
    void learn(std::span<const std::uint8_t> extension);

    unsigned first_template_ = 0;
    std::vector<int> temporals_;  ///< of each template
};

}  // namespace plugin
