// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/layer_budget.h"

#include <algorithm>

namespace plugin {

namespace {

/// A layer that has not come yet: each is twice as wide and high as the next smaller.
constexpr std::uint64_t ratio = 4;
/// A quarter of the pictures is for who could not get any otherwise: of larger sizes there are twice as many.
constexpr int larger_sizes_from = 1;

/// Of a size by itself, up to a temporal layer.
std::uint64_t known_rate(const LayerRates& rates, int size, int temporal) {
    std::uint64_t sum = 0;
    for (int layer = 0; layer <= temporal; ++layer) sum += rates.of(size, layer);
    return sum;
}

std::uint64_t rate_of(const LayerRates& rates, int size, int temporal) {
    constexpr int all = LayerRates::temporals - 1;
    if (known_rate(rates, size, all) > 0) return known_rate(rates, size, temporal);
    std::uint64_t factor = ratio;
    for (int smaller = size - 1; smaller >= 0; --smaller, factor *= ratio)
        if (const auto known = known_rate(rates, smaller, all); known > 0) return known * factor;
    factor = ratio;
    for (int larger = size + 1; larger < simulcast_layers; ++larger, factor *= ratio)
        if (const auto known = known_rate(rates, larger, all); known > 0) return known / factor;
    return 0;
}

/// The highest temporal layer that comes of a size, of those that are wanted.
int last_temporal(const LayerBudget::Picture& picture, int size) {
    int last = std::clamp(picture.most.temporal, 0, LayerRates::temporals - 1);
    while (last > 0 && picture.rates.of(size, last) == 0) --last;
    return last;
}

}  // namespace

LayerBudget::Ladder LayerBudget::ladder(const Picture& picture, const Share& chosen) {
    constexpr Share whole{};
    Ladder ladder;
    auto& steps = ladder.steps;
    const int last_size = picture.sized ? std::clamp(picture.most.size, 0, simulcast_layers - 1) : 0;
    for (int size = 0; size <= last_size; ++size) {
        const int last = last_temporal(picture, size);
        for (int layer = size > 0 ? std::min(larger_sizes_from, last) : 0; layer <= last; ++layer) {
            std::uint64_t rate = rate_of(picture.rates, size, layer);
            if (picture.nested)
                for (int smaller = 0; smaller < size; ++smaller)
                    rate += rate_of(picture.rates, smaller, layer);
            // What is more, and costs no more, takes the place of the one before.
            while (rate > 0 && !steps.empty() && steps.back().rate >= rate) steps.pop_back();
            steps.push_back(
                {{picture.sized ? size : whole.size, layer == last ? whole.temporal : layer}, rate});
        }
    }
    while (ladder.at + 1 < steps.size() && steps[ladder.at + 1].share <= chosen) ++ladder.at;
    return ladder;
}

std::uint64_t LayerBudget::needed(std::uint64_t rest, const std::vector<Ladder>& ladders) {
    for (const auto& each : ladders) rest += each.rate();
    return rest;
}

bool LayerBudget::fall(std::uint64_t limit, std::uint64_t rest, std::vector<Ladder>& ladders) {
    bool fell = false;
    while (needed(rest, ladders) > limit) {
        std::optional<std::size_t> largest;
        for (std::size_t i = 0; i < ladders.size(); ++i)
            if (ladders[i].at > 0 && (!largest || ladders[i].rate() > ladders[*largest].rate())) largest = i;
        if (!largest) break;  // the smallest is the least that somebody sees
        auto& which = ladders[*largest];
        --which.at;
        chosen_[*largest] = which.share();
        fell = true;
    }
    return fell;
}

void LayerBudget::rise(std::uint64_t limit, std::uint64_t rest, std::vector<Ladder>& ladders, dht::Time now) {
    const auto fits = [&] {
        return margin * static_cast<double>(needed(rest, ladders)) <= static_cast<double>(limit);
    };
    if (now - changed_ < wait_ || !fits()) return;
    std::vector<std::size_t> smallest_first;
    for (std::size_t i = 0; i < ladders.size(); ++i)
        if (ladders[i].at + 1 < ladders[i].steps.size()) smallest_first.push_back(i);
    std::ranges::stable_sort(smallest_first, {}, [&](std::size_t i) { return ladders[i].share(); });
    for (const auto i : smallest_first) {
        auto& which = ladders[i];
        const auto before = which.at++;
        const bool is_known_to_fit = fits();
        // The first is a try, whatever it costs.
        if (!is_known_to_fit && i != smallest_first.front()) which.at = before;
        // More of this size, as far as it is known to fit.
        while (is_known_to_fit && which.at + 1 < which.steps.size() &&
               which.steps[which.at + 1].share.size == which.share().size) {
            ++which.at;
            if (fits()) continue;
            --which.at;
            break;
        }
        chosen_[i] = which.share();
        tried_ = changed_ = now;
        if (!is_known_to_fit) return;
    }
}

std::vector<LayerBudget::Share> LayerBudget::share(std::optional<std::uint64_t> limit, std::uint64_t rest,
                                                   const std::vector<Picture>& pictures, dht::Time now) {
    chosen_.resize(pictures.size());
    if (!limit) std::ranges::fill(chosen_, Share{});
    std::vector<Ladder> ladders;
    for (std::size_t i = 0; i < pictures.size(); ++i) ladders.push_back(ladder(pictures[i], chosen_[i]));
    if (!limit) {
        tried_.reset();
        wait_ = wait_min;
    } else if (fall(*limit, rest, ladders)) {
        if (tried_) wait_ = std::min(wait_max, 2 * wait_);
        tried_.reset();
        fell_to_ = *limit;
        changed_ = now;
    } else {
        if (tried_ && now - *tried_ >= proved_after) {
            tried_.reset();
            wait_ = wait_min;
        }
        if (*limit > another_path * fell_to_) wait_ = wait_min;
        rise(*limit, rest, ladders, now);
    }
    std::vector<Share> out;
    for (const auto& each : ladders) out.push_back(each.share());
    return out;
}

}  // namespace plugin
