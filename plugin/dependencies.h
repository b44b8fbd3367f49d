// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace plugin {

/// Reads from the header extension "dependency descriptor" (AV1's RTP payload, appendix A) which layers a
/// frame belongs to. Browsers that send it leave that out of VP8's own descriptor. The layers of a stream are
/// told with its keyframes: one reader for each.
class DependencyReader {
public:
    struct Frame {
        bool begins = false, ends = false;  ///< its first, its last packet
        int temporal = 0, spatial = 0;
        /// Up to which temporal layer pictures may be taken from here on, whatever was left out before.
        int switches_to = -1;
    };
    /// Nothing when there is no extension, or before a keyframe. Hostile input.
    std::optional<Frame> read(std::span<const std::uint8_t> extension);

private:
    struct Template {
        int temporal = 0, spatial = 0, switches_to = -1;
    };
    void learn(std::span<const std::uint8_t> extension);

    unsigned first_template_ = 0;
    std::vector<Template> templates_;
};

/// The number of a frame; nothing when there is no extension. A receiver takes a keyframe whose number is
/// lower than that of the one before for an old one.
std::optional<std::uint16_t> dependency_frame(std::span<const std::uint8_t> extension);
/// Of one that has it.
void set_dependency_frame(std::span<std::uint8_t> extension, std::uint16_t number);

}  // namespace plugin
