// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/density.h"

#include <algorithm>

namespace dht {

void Density::found(const NodeId& target, std::span<const Contact> closest) {
    if (closest.size() < k_) return;
    const auto distance = leading_distance(target, closest[k_ - 1].id);
    // What is looked up again and again is one sample all the same.
    const auto end = samples_.begin() + static_cast<std::ptrdiff_t>(count_);
    const auto known =
        std::find_if(samples_.begin(), end, [&](const Sample& s) { return s.target == target; });
    if (known != end) {
        known->distance = distance;
        return;
    }
    samples_[next_] = {target, distance};
    next_ = (next_ + 1) % samples_max;
    count_ = std::min(count_ + 1, samples_max);
}

bool Density::too_sparse(const NodeId& target, std::span<const Contact> closest,
                         std::span<const Contact> neighbours) const {
    if (neighbours.size() < k_) return false;
    if (closest.size() < k_) return true;
    std::array<std::uint64_t, samples_max + 1> distances{leading_distance(self_, neighbours[k_ - 1].id)};
    for (std::size_t i = 0; i < count_; ++i) distances[i + 1] = samples_[i].distance;
    const auto middle = distances.begin() + static_cast<std::ptrdiff_t>(count_ / 2);
    std::nth_element(distances.begin(), middle, distances.begin() + static_cast<std::ptrdiff_t>(count_ + 1));
    const auto distance = leading_distance(target, closest[k_ - 1].id);
    return static_cast<double>(distance) > sparse_factor * static_cast<double>(*middle);
}

}  // namespace dht
