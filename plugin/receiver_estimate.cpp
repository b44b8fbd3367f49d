// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/receiver_estimate.h"

#include <algorithm>

namespace plugin {

namespace {

/// As many numbers may be repetitions' at most without our knowing: more are lost packets that nobody asked
/// for again.
constexpr std::int64_t uncertain_max = 32;
/// What is earlier by so much does not belong to the packet that we have taken it for: less than pictures are
/// apart, more than packets of one differ.
constexpr dht::Duration early = std::chrono::milliseconds{10};
/// In a second: two clocks part by 6 ms a minute.
constexpr double drift = 0.0002;
/// As beside data: a browser that has much to do reads its packets late, which is no queue of the path.
constexpr bool lenient = true;

std::uint32_t in_ticks(dht::Time time) {
    constexpr std::int64_t ticks_per_ms = 90;
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
    return static_cast<std::uint32_t>(us * ticks_per_ms / 1000);
}

}  // namespace

void ReceiverEstimate::sent(bool picture, std::size_t octets, dht::Time now) {
    const std::lock_guard lock{mutex_};
    unnumbered_ += octets;
    if (!picture) return;
    make_room();
    log_.at(static_cast<std::size_t>(++count_) % log_.size()) = {now, unnumbered_};
    unnumbered_ = 0;
}

/// For one more, unless all of which there may be feedback have it.
void ReceiverEstimate::make_room() {
    const auto size = static_cast<std::int64_t>(log_.size());
    const std::int64_t told_of = highest_ - repeated_ - uncertain_max;
    if (highest_ == 0 || count_ - told_of < size || log_.size() >= remembered_max) return;
    std::vector<Sent> larger(2 * log_.size());
    for (auto number = std::max<std::int64_t>(1, count_ - size + 1); number <= count_; ++number)
        larger.at(static_cast<std::size_t>(number) % larger.size()) =
            log_.at(static_cast<std::size_t>(number) % log_.size());
    log_.swap(larger);
}

std::optional<std::uint32_t> ReceiverEstimate::received(std::span<const std::uint8_t> rtcp) {
    auto all = TransportFeedback::read(rtcp);
    std::optional<std::uint32_t> told;
    const std::lock_guard lock{mutex_};
    for (auto& feedback : all)
        if (const auto bits = take(feedback)) told = bits;
    return told;
}

const ReceiverEstimate::Sent* ReceiverEstimate::find(std::int64_t number, std::int64_t repeated) const {
    const std::int64_t which = number - repeated;
    if (which < 1 || which > count_ || which <= count_ - static_cast<std::int64_t>(log_.size()))
        return nullptr;
    return &log_.at(static_cast<std::size_t>(which) % log_.size());
}

/// The packet of a number that has arrived. A picture's packets leave together: seen through too small a
/// number of repetitions the last of them has left with the next picture, and arrived too early.
const ReceiverEstimate::Sent* ReceiverEstimate::identify(std::int64_t number, dht::Time now) {
    const auto* sent = find(number, repeated_);
    const auto is_early = [&] { return now - sent->at + early < least_delay_; };
    for (; sent && uncertain_ > 0 && is_early(); sent = find(number, repeated_)) {
        ++repeated_;
        --uncertain_;
    }
    if (sent) least_delay_ = std::min(least_delay_, now - sent->at);
    return sent;
}

dht::Time ReceiverEstimate::arrived(dht::Duration at) {
    constexpr auto round = TransportFeedback::clock_round;
    dht::Duration step = at - clock_.value_or(at);
    step -= step > round / 2 ? round : step < -round / 2 ? -round : dht::Duration{};
    // One that is told of late says nothing of the path.
    if (step < dht::Duration{} && clock_) return arrived_;
    clock_ = at;
    arrived_ += step;
    if (least_delay_ != dht::Duration::max())
        least_delay_ += std::chrono::duration_cast<dht::Duration>(step * drift);
    return arrived_;
}

std::optional<std::uint32_t> ReceiverEstimate::take(TransportFeedback& feedback) {
    if (feedback.count == 0) return std::nullopt;
    const std::int64_t first =
        highest_ + static_cast<std::int16_t>(static_cast<std::uint16_t>(feedback.first - highest_));
    const std::int64_t last = first + feedback.count - 1;
    highest_ = std::max(highest_, last);
    // More than we have sent.
    if (last > count_ + repeated_) {
        uncertain_ = std::max<std::int64_t>(0, uncertain_ - (last - count_ - repeated_));
        repeated_ = last - count_;
    }
    uncertain_ = std::min(uncertain_max,
                          uncertain_ + feedback.count - static_cast<std::int64_t>(feedback.arrivals.size()));

    auto& arrivals = feedback.arrivals;
    std::ranges::stable_sort(arrivals, {}, &TransportFeedback::Arrival::at);
    std::optional<std::uint32_t> told;
    for (const auto& [number, at] : arrivals) {
        const auto offset = static_cast<std::uint16_t>(number - feedback.first);
        const auto now = arrived(at);
        const auto* sent = identify(first + offset, now);
        if (!sent) continue;
        if (const auto bits = estimate_.received({number, in_ticks(sent->at), sent->octets}, lenient, now))
            told = bits;
    }
    return told;
}

}  // namespace plugin
