// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/data_window.h"

#include <algorithm>

namespace gst {

namespace {

using namespace std::chrono_literals;

constexpr double packet_bytes = 1400;
// LEDBAT allows 100 ms; a call shall not notice, and Apple's LEDBAT++ does with 60.
constexpr dht::Duration target = 60ms;
constexpr dht::Duration base_history = 60s;  // RFC 6817 §3.4.2, in two steps
constexpr dht::Duration timeout_first = 1s, timeout_min = 100ms, timeout_max = 1s;
constexpr dht::Duration reordering_min = 5ms;

}  // namespace

void DataWindow::measure(dht::Duration round_trip, dht::Time now) {
    recent_[samples_++ % recent_.size()] = round_trip;
    if (samples_ == 1) {
        smoothed_ = round_trip;
        deviation_ = round_trip / 2;
        base_ = base_before_ = round_trip;
        base_until_ = now + base_history;
        return;
    }
    const auto error = std::chrono::abs(smoothed_ - round_trip);
    deviation_ = (3 * deviation_ + error) / 4;
    smoothed_ = (7 * smoothed_ + round_trip) / 8;
    if (now >= base_until_) {
        base_before_ = base_;
        base_ = round_trip;
        base_until_ = now + base_history;
    }
    base_ = std::min(base_, round_trip);
}

dht::Duration DataWindow::queueing() const {
    const auto count = std::min(samples_, recent_.size());
    if (count == 0) return {};
    const auto least =
        *std::min_element(recent_.begin(), recent_.begin() + static_cast<std::ptrdiff_t>(count));
    return least - std::min(base_, base_before_);
}

void DataWindow::acknowledged(std::size_t bytes, dht::Duration round_trip, bool filled, dht::Time now) {
    measure(round_trip, now);
    timeouts_ = 0;
    const auto waiting = queueing();
    if (waiting > target / 2) slow_start_ = false;
    if (waiting < target && !filled) return;
    const auto news = static_cast<double>(bytes);
    const double share = static_cast<double>(waiting.count()) / static_cast<double>(target.count());
    // A packet a round trip upward. LEDBAT's way down is as slow and would take minutes; LEDBAT++ gives up to
    // half in a round trip.
    double gain = news;
    if (share > 1)
        gain = -news * std::min(0.5, share - 1);
    else if (!slow_start_)
        gain = (1 - share) * news * packet_bytes / static_cast<double>(bytes_);
    const double grown = static_cast<double>(bytes_) + gain;
    bytes_ = static_cast<std::size_t>(
        std::clamp(grown, static_cast<double>(bytes_min), static_cast<double>(bytes_max)));
}

void DataWindow::lost(dht::Time now) {
    slow_start_ = false;
    if (now < cut_until_) return;
    cut_until_ = now + smoothed_;
    // A loss while nothing queues is the path's own, a bad radio say, and no call to make room.
    const auto cut = queueing() > target / 4 ? bytes_ / 2 : bytes_ / 8;
    bytes_ = std::max(bytes_min, bytes_ - cut);
}

void DataWindow::timed_out() {
    slow_start_ = true;  // from the least upward
    bytes_ = bytes_min;
    ++timeouts_;
}

dht::Duration DataWindow::timeout() const {
    const auto once = samples_ == 0 ? timeout_first : std::max(timeout_min, smoothed_ + 4 * deviation_);
    return std::min(timeout_max, once * (1 << std::min(timeouts_, 4)));
}

dht::Duration DataWindow::reordering() const {
    return std::max(reordering_min, smoothed_ / 4);
}

}  // namespace gst
