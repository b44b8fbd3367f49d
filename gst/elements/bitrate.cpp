// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/elements/bitrate.h"

#include <algorithm>

namespace elements {

void BitrateTarget::set_bounds(Bounds bounds) {
    bounds.most = std::max(bounds.most, bounds.least);
    bounds.first = std::clamp(bounds.first, bounds.least, bounds.most);
    bounds_ = bounds;
    current_ = bounds.first;
    grown_.reset();
}

void BitrateTarget::reported(const std::string& viewer, std::uint64_t bits, dht::Time now) {
    reports_[viewer] = {bits, now};
}

std::uint64_t BitrateTarget::wanted(dht::Time now) {
    std::erase_if(reports_, [now](const auto& entry) { return now - entry.second.at > report_lifetime; });
    if (reports_.empty()) return bounds_.first;
    const auto least =
        std::ranges::min_element(reports_, {}, [](const auto& entry) { return entry.second.bits; });
    return std::clamp(least->second.bits, bounds_.least, bounds_.most);
}

bool BitrateTarget::is_worth_it(std::uint64_t next) const {
    constexpr std::uint64_t share = 20;
    const auto difference = next > current_ ? next - current_ : current_ - next;
    return difference > 0 &&
           (difference >= current_ / share || next == bounds_.least || next == bounds_.most);
}

std::optional<std::uint64_t> BitrateTarget::change(dht::Time now) {
    const auto most = static_cast<std::uint64_t>(static_cast<double>(current_) * growth) + 1;
    const auto next = std::min(wanted(now), most);
    if (next > current_ && grown_ && now - *grown_ < growth_period) return std::nullopt;
    if (!is_worth_it(next)) return std::nullopt;
    if (next > current_) grown_ = now;
    current_ = next;
    return next;
}

}  // namespace elements
