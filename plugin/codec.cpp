// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/codec.h"

#include "plugin/vp8.h"

namespace plugin {

namespace {

using Octets = std::span<const std::uint8_t>;

/// RFC 7741 §4.3: of the first partition's first octet the lowest bit is clear.
bool vp8(Octets payload) {
    const auto descriptor = Vp8Descriptor::parse(payload);
    return descriptor && descriptor->begins_frame && payload.size() > descriptor->size &&
           (payload[descriptor->size] & 0x01U) == 0;
}

/// RFC 9628 §4.2: P clear (not predicted from another frame), B set (begins a frame), and of a frame with
/// layers the lowest.
bool vp9(Octets payload) {
    if (payload.empty()) return false;
    const unsigned flags = payload[0];
    const bool has_picture_id = (flags & 0x80U) != 0, predicted = (flags & 0x40U) != 0,
               has_layers = (flags & 0x20U) != 0, begins = (flags & 0x08U) != 0;
    if (predicted || !begins) return false;
    if (!has_layers) return true;
    std::size_t at = 1;
    if (has_picture_id) at += payload.size() > at && (payload[at] & 0x80U) != 0 ? 2 : 1;
    return payload.size() > at && (payload[at] >> 1U & 0x07U) == 0;
}

/// Whether one of the units of an aggregation packet is wanted; each has its length in two octets in front.
template <class Wanted>
bool any_unit(Octets units, Wanted wanted) {
    while (units.size() > 2) {
        const std::size_t length = static_cast<std::size_t>(units[0] << 8U | units[1]);
        if (length == 0 || length > units.size() - 2) return false;
        if (wanted(units[2])) return true;
        units = units.subspan(2 + length);
    }
    return false;
}

/// RFC 6184: a sequence parameter set or an IDR slice; alone, in a STAP-A, or at the beginning of an FU-A.
bool h264(Octets payload) {
    if (payload.empty()) return false;
    constexpr unsigned idr = 5, sps = 7, stap_a = 24, fu_a = 28;
    const auto key = [](unsigned octet) { return (octet & 0x1fU) == idr || (octet & 0x1fU) == sps; };
    const unsigned type = payload[0] & 0x1fU;
    if (type == stap_a) return any_unit(payload.subspan(1), key);
    if (type == fu_a) return payload.size() > 1 && (payload[1] & 0x80U) != 0 && key(payload[1]);
    return key(payload[0]);
}

/// RFC 7798: parameter sets or an IRAP picture; alone, aggregated, or at the beginning of a fragment.
bool h265(Octets payload) {
    if (payload.size() < 2) return false;
    constexpr unsigned irap_first = 16, irap_last = 23, vps = 32, sps = 33, aggregated = 48, fragment = 49;
    const auto is_key = [](unsigned type) {
        return (type >= irap_first && type <= irap_last) || type == vps || type == sps;
    };
    const unsigned type = payload[0] >> 1U & 0x3fU;
    if (type == aggregated)
        return any_unit(payload.subspan(2), [&](unsigned octet) { return is_key(octet >> 1U & 0x3fU); });
    if (type == fragment)
        return payload.size() > 2 && (payload[2] & 0x80U) != 0 && is_key(payload[2] & 0x3fU);
    return is_key(type);
}

/// AV1's RTP payload §4.4: N marks the first packet of a coded video sequence.
bool av1(Octets payload) {
    return !payload.empty() && (payload[0] & 0x08U) != 0;
}

}  // namespace

bool begins_keyframe(std::string_view codec, Octets payload) {
    if (codec == "vp8") return vp8(payload);
    if (codec == "vp9") return vp9(payload);
    if (codec == "h264") return h264(payload);
    if (codec == "h265") return h265(payload);
    if (codec == "av1") return av1(payload);
    return false;
}

}  // namespace plugin
