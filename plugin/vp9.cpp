// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/vp9.h"

namespace plugin {

std::optional<Vp9Descriptor> Vp9Descriptor::parse(std::span<const std::uint8_t> payload) {
    if (payload.empty()) return std::nullopt;
    const unsigned flags = payload[0];
    Vp9Descriptor descriptor;
    descriptor.predicted = (flags & 0x40U) != 0;
    descriptor.layered = (flags & 0x20U) != 0;
    descriptor.begins_frame = (flags & 0x08U) != 0;
    descriptor.ends_frame = (flags & 0x04U) != 0;
    if (!descriptor.layered) return descriptor;
    std::size_t at = 1;
    if ((flags & 0x80U) != 0) at += payload.size() > at && (payload[at] & 0x80U) != 0 ? 2 : 1;  // I
    if (payload.size() <= at) return std::nullopt;
    descriptor.temporal = payload[at] >> 5U;
    descriptor.switching_up = (payload[at] & 0x10U) != 0;
    descriptor.spatial = payload[at] >> 1U & 0x07U;
    return descriptor;
}

}  // namespace plugin
