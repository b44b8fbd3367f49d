// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/layer_budget.h"

#include <algorithm>

namespace plugin {

namespace {

/// A layer that has not come yet: each is twice as wide and high as the next smaller.
constexpr std::uint64_t ratio = 4;

std::uint64_t rate_of(const LayerRates& rates, int layer) {
    if (const auto known = rates.at(static_cast<std::size_t>(layer)); known > 0) return known;
    std::uint64_t factor = ratio;
    for (int smaller = layer - 1; smaller >= 0; --smaller, factor *= ratio)
        if (const auto known = rates.at(static_cast<std::size_t>(smaller)); known > 0) return known * factor;
    factor = ratio;
    for (int larger = layer + 1; larger < simulcast_layers; ++larger, factor *= ratio)
        if (const auto known = rates.at(static_cast<std::size_t>(larger)); known > 0) return known / factor;
    return 0;
}

}  // namespace

int LayerBudget::level(std::size_t picture, const std::vector<Picture>& pictures) const {
    return std::clamp(std::min(levels_[picture], pictures[picture].most), 0, simulcast_layers - 1);
}

std::uint64_t LayerBudget::needed(std::uint64_t rest, const std::vector<Picture>& pictures) const {
    for (std::size_t i = 0; i < pictures.size(); ++i) rest += rate_of(pictures[i].rates, level(i, pictures));
    return rest;
}

bool LayerBudget::fall(std::uint64_t limit, std::uint64_t rest, const std::vector<Picture>& pictures) {
    bool fell = false;
    while (needed(rest, pictures) > limit) {
        std::optional<std::size_t> largest;
        for (std::size_t i = 0; i < pictures.size(); ++i) {
            if (level(i, pictures) == 0) continue;
            const auto rate = [&](std::size_t which) {
                return rate_of(pictures[which].rates, level(which, pictures));
            };
            if (!largest || rate(i) > rate(*largest)) largest = i;
        }
        if (!largest) break;  // the smallest is the least that somebody sees
        levels_[*largest] = level(*largest, pictures) - 1;
        fell = true;
    }
    return fell;
}

void LayerBudget::rise(std::uint64_t limit, std::uint64_t rest, const std::vector<Picture>& pictures,
                       dht::Time now) {
    if (now - changed_ < wait_ ||
        margin * static_cast<double>(needed(rest, pictures)) > static_cast<double>(limit))
        return;
    std::optional<std::size_t> smallest;
    for (std::size_t i = 0; i < pictures.size(); ++i) {
        if (level(i, pictures) >= std::min(pictures[i].most, simulcast_layers - 1)) continue;
        if (!smallest || level(i, pictures) < level(*smallest, pictures)) smallest = i;
    }
    if (!smallest) return;
    levels_[*smallest] = level(*smallest, pictures) + 1;
    tried_ = changed_ = now;
}

std::vector<int> LayerBudget::share(std::optional<std::uint64_t> limit, std::uint64_t rest,
                                    const std::vector<Picture>& pictures, dht::Time now) {
    levels_.resize(pictures.size(), simulcast_layers - 1);
    if (!limit) {
        std::ranges::fill(levels_, simulcast_layers - 1);
        tried_.reset();
        wait_ = wait_min;
    } else if (fall(*limit, rest, pictures)) {
        if (tried_) wait_ = std::min(wait_max, 2 * wait_);
        tried_.reset();
        changed_ = now;
    } else {
        if (tried_ && now - *tried_ >= proved_after) {
            tried_.reset();
            wait_ = wait_min;
        }
        rise(*limit, rest, pictures, now);
    }
    std::vector<int> out;
    for (std::size_t i = 0; i < pictures.size(); ++i) out.push_back(level(i, pictures));
    return out;
}

}  // namespace plugin
