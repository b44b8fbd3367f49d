// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/vp8.h"

namespace plugin {

namespace {

/// Where each optional field stands; 0: it does not.
struct Places {
    std::size_t picture = 0, base_picture = 0, layer = 0, size = 0;
    bool long_picture = false;
};

std::optional<Places> find_places(std::span<const std::uint8_t> payload) {
    if (payload.empty()) return std::nullopt;
    Places places;
    places.size = 1;
    if ((payload[0] & 0x80U) == 0) return places;  // X: no extension
    if (payload.size() < 2) return std::nullopt;
    const unsigned extension = payload[1];
    places.size = 2;
    if ((extension & 0x80U) != 0) {  // I
        if (payload.size() <= places.size) return std::nullopt;
        places.picture = places.size;
        places.long_picture = (payload[places.picture] & 0x80U) != 0;
        places.size += places.long_picture ? 2 : 1;
    }
    if ((extension & 0x40U) != 0) places.base_picture = places.size++;  // L
    if ((extension & 0x30U) != 0) places.layer = places.size++;         // T or K
    if (payload.size() < places.size) return std::nullopt;
    return places;
}

}  // namespace

std::optional<Vp8Descriptor> Vp8Descriptor::parse(std::span<const std::uint8_t> payload) {
    const auto places = find_places(payload);
    if (!places) return std::nullopt;
    Vp8Descriptor descriptor;
    descriptor.size = places->size;
    descriptor.begins_frame = (payload[0] & 0x10U) != 0 && (payload[0] & 0x07U) == 0;
    if (places->picture != 0) {
        const unsigned first = payload[places->picture] & 0x7fU;
        descriptor.long_picture = places->long_picture;
        descriptor.picture = static_cast<std::uint16_t>(
            places->long_picture ? first << 8U | payload[places->picture + 1] : first);
    }
    if (places->base_picture != 0) descriptor.base_picture = payload[places->base_picture];
    if (places->layer != 0 && (payload[1] & 0x20U) != 0) {
        descriptor.temporal = static_cast<std::uint8_t>(payload[places->layer] >> 6U);
        descriptor.layer_sync = (payload[places->layer] & 0x20U) != 0;
    }
    return descriptor;
}

void renumber_vp8(std::span<std::uint8_t> payload, std::uint16_t picture, std::uint8_t base_picture) {
    const auto places = find_places(payload);
    if (!places) return;
    if (places->picture != 0 && places->long_picture) {
        payload[places->picture] = static_cast<std::uint8_t>(0x80U | (picture >> 8U & 0x7fU));
        payload[places->picture + 1] = static_cast<std::uint8_t>(picture);
    } else if (places->picture != 0) {
        payload[places->picture] = static_cast<std::uint8_t>(picture & 0x7fU);
    }
    if (places->base_picture != 0) payload[places->base_picture] = base_picture;
}

}  // namespace plugin
