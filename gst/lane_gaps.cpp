// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/lane_gaps.h"

#include <algorithm>
#include <utility>

namespace gst {

namespace {

using namespace std::chrono_literals;

constexpr dht::Duration patience_max = 20ms;
constexpr int patience_fades = 32;                // packets that fill a gap until it is forgotten
constexpr dht::Duration round_trip_least = 10ms;  // a question and its answer pass through two schedulers
// A peer that has restarted counts from 0 again. RFC 3550 A.1 believes two in a row; copies of two may come
// too.
constexpr unsigned stale_run_max = 8;
// The packet that arrives first need not be the first: so far down the count is taken to have begun at 0.
constexpr std::uint16_t head_max = 16;
constexpr std::uint16_t before_first = 0xffff;

}  // namespace

LaneGaps::Arrival LaneGaps::received(std::uint16_t sequence, dht::Duration round_trip, dht::Time now) {
    const auto previous = static_cast<std::uint16_t>(sequence - 1);
    if (!std::exchange(begun_, true)) highest_ = sequence < head_max ? before_first : previous;
    // Half of the number space ahead is news, the other half is late.
    const auto step = static_cast<std::uint16_t>(sequence - highest_);
    if (step == 0 || step >= 0x8000) {
        if (fill(sequence, round_trip, now)) return Arrival::late;
        if (!is_another_sender(sequence, now)) return Arrival::stale;
        missing_.clear();
        highest_ = previous;
    }
    if (static_cast<std::uint16_t>(sequence - highest_) > 1) miss(sequence, now);
    highest_ = sequence;
    highest_at_ = now;
    stale_run_ = 0;
    return Arrival::next;
}

/// All between the highest and this one.
void LaneGaps::miss(std::uint16_t sequence, dht::Time now) {
    const auto gap = static_cast<std::uint16_t>(sequence - highest_ - 1);
    missed_ += gap;
    // Of a longer interruption only the end can still be of use.
    const auto kept = static_cast<std::uint16_t>(std::min<std::size_t>(gap, missing_max));
    const auto excess = missing_.size() + kept > missing_max ? missing_.size() + kept - missing_max : 0;
    missing_.erase(missing_.begin(), missing_.begin() + static_cast<std::ptrdiff_t>(excess));
    for (std::uint16_t back = kept; back > 0; --back)
        missing_.push_back(
            {.sequence = static_cast<std::uint16_t>(sequence - back), .since = now, .asked = {}});
}

bool LaneGaps::fill(std::uint16_t sequence, dht::Duration round_trip, dht::Time now) {
    const auto found = std::find_if(missing_.begin(), missing_.end(),
                                    [sequence](const Missing& gap) { return gap.sequence == sequence; });
    if (found == missing_.end() || now >= found->since + accepted) return false;
    ++filled_;
    const auto overtaken = now - found->since;
    patience_ -= patience_ / patience_fades;
    // Too soon to be an answer: it was overtaken, and asking for its like costs traffic for nothing.
    if (found->tries == 0 || now - found->asked < round_trip / 2)
        patience_ = std::clamp(overtaken, patience_, std::max(patience_, patience_max));
    else
        ++repaired_;
    missing_.erase(found);
    stale_run_ = 0;
    return true;
}

bool LaneGaps::is_another_sender(std::uint16_t sequence, dht::Time now) {
    stale_run_ = sequence == stale_next_ ? stale_run_ + 1 : 1;
    stale_next_ = static_cast<std::uint16_t>(sequence + 1);
    // A whole run that was asked for twice comes twice, but no later than it is of use.
    return stale_run_ >= stale_run_max && now >= highest_at_ + useful;
}

std::vector<std::uint16_t> LaneGaps::due(dht::Duration round_trip, dht::Time now) {
    if (missing_.empty()) return {};
    const auto again = std::max(round_trip_least, round_trip + round_trip / 4) + patience_;
    std::erase_if(missing_, [now](const Missing& gap) { return now >= gap.since + accepted; });
    std::vector<std::uint16_t> all;
    for (auto& gap : missing_) {
        // An answer that would come too late is not asked for.
        if (gap.tries == tries_max || now + round_trip >= gap.since + useful) continue;
        if (now < (gap.tries == 0 ? gap.since + patience_ : gap.asked + again)) continue;
        ++gap.tries;
        gap.asked = now;
        all.push_back(gap.sequence);
    }
    asked_ += all.size();
    return all;
}

}  // namespace gst
