// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/bandwidth_estimate.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace gst {

namespace {

using namespace std::chrono_literals;

constexpr dht::Duration interval = 100ms;
constexpr std::uint32_t judged_packets = 5;  // fewer say nothing of a queue; voice alone sends as many
constexpr dht::Duration silence = 1s;        // an interruption: neither loss nor a queue
constexpr std::size_t rate_intervals = 5;
constexpr dht::Duration base_history =
    60s;  // RFC 6817 §3.4.2, in two steps; two clocks part by 6 ms a minute

// As in draft-ietf-rmcat-gcc-02 §5 and §6.
constexpr double after_queue = 0.85;
constexpr double after_queue_min = 0.5;  // the longer the queue, the more is left for it to drain
constexpr double lossy = 0.10, lossless = 0.02;
constexpr dht::Duration held = 500ms;        // a queue that is drained, encoders that follow
constexpr dht::Duration loss_held = 1000ms;  // so long the same losses are seen

// A second. Near what was too much it grows slowly; below, and beyond, where it is another path, quickly. At
// twice as much what was full has been something else: a receiver that had no time to read, another's burst.
constexpr double growth_near = 1.04, growth_far = 1.16, growth_beyond = 1.5;
constexpr double near_from = 0.8, near_to = 1.05, beyond_from = 2;
constexpr double limit_bits_max = 1e9;  // no encoder needs more; then there is no limit

// A queue that does not fall though much less is sent is none of ours: the path has become longer.
constexpr dht::Duration another_path_after = 3s;
constexpr double another_path_rate = 0.7;

constexpr double yielding_share = 0.05;  // of the octets: then data may have made the queue
constexpr dht::Duration report_every = 500ms;
constexpr double ticks_per_second = 90'000;

double seconds(dht::Duration time) {
    return std::chrono::duration<double>(time).count();
}

double share_after(dht::Duration queue) {
    return std::max(after_queue_min, after_queue - seconds(queue) / 2);
}

/// Of so few packets more may be missing by chance: two standard deviations.
bool is_lossy(double loss, std::uint32_t packets) {
    return packets > 0 && loss > lossy + 2 * std::sqrt(lossy * (1 - lossy) / packets);
}

}  // namespace

std::optional<std::uint32_t> BandwidthEstimate::received(const OuterPacket& packet, bool yields,
                                                         dht::Time now) {
    if (!begun_ || now >= last_ + silence) {
        if (begun_) increase(now - last_);
        begin(packet, now);
    }
    note(packet, yields, now);
    if (now < interval_ + interval || present_.packets < judged_packets) return report(false, now);
    return report(judge(now), now);
}

/// Anew: what was before says nothing of what comes.
void BandwidthEstimate::begin(const OuterPacket& packet, dht::Time now) {
    if (!begun_ || now >= last_ + base_history) {
        base_until_ = now + base_history;
        base_ = base_before_ = dht::Duration::max();
        timestamp_ = packet.timestamp;
    }
    begun_ = true;
    highest_ = static_cast<std::uint16_t>(packet.sequence - 1);
    past_ = {};
    present_ = {};
    least_ = dht::Duration::max();
    full_since_.reset();
    interval_ = last_ = now;
}

void BandwidthEstimate::note(const OuterPacket& packet, bool yields, dht::Time now) {
    last_ = now;
    present_.bytes += packet.bytes;
    if (yields) present_.yielding_bytes += packet.bytes;
    ++present_.packets;
    const auto step = static_cast<std::int16_t>(packet.sequence - highest_);
    if (step > 0) {
        present_.expected += static_cast<std::uint32_t>(step);
        highest_ = packet.sequence;
    }
    ticks_ += static_cast<std::int32_t>(packet.timestamp - timestamp_);
    timestamp_ = packet.timestamp;
    const dht::Duration sent{
        static_cast<dht::Duration::rep>(static_cast<double>(ticks_) * 1e6 / ticks_per_second)};
    least_ = std::min(least_, now.time_since_epoch() - sent);
}

BandwidthEstimate::Interval BandwidthEstimate::sum(std::size_t newest) const {
    Interval all;
    for (std::size_t back = 1; back <= newest; ++back) {
        const auto& each = past_.at((next_ + intervals - back) % intervals);
        all.time += each.time;
        all.bytes += each.bytes;
        all.yielding_bytes += each.yielding_bytes;
        all.packets += each.packets;
        all.expected += each.expected;
    }
    return all;
}

/// Bits per second that come through.
double BandwidthEstimate::rate() const {
    const auto recent = sum(rate_intervals);
    return recent.time > 0us ? 8.0 * static_cast<double>(recent.bytes) / seconds(recent.time) : 0;
}

double BandwidthEstimate::loss() const {
    const auto recent = sum(intervals);
    if (recent.expected == 0 || recent.packets >= recent.expected) return 0;
    return 1 - static_cast<double>(recent.packets) / recent.expected;
}

/// At the end of an interval. Whether the estimate fell.
bool BandwidthEstimate::judge(dht::Time now) {
    present_.time = now - interval_;
    const auto time = present_.time;
    past_.at(next_) = present_;
    next_ = (next_ + 1) % intervals;
    interval_ = now;
    present_ = {};

    if (now >= base_until_) {
        base_before_ = std::exchange(base_, least_);
        base_until_ = now + base_history;
    }
    base_ = std::min(base_, least_);
    const auto queue = std::exchange(least_, dht::Duration::max()) - std::min(base_, base_before_);

    const auto recent = sum(rate_intervals);
    const bool beside_data =
        static_cast<double>(recent.yielding_bytes) > yielding_share * static_cast<double>(recent.bytes);
    const double comes = rate();
    const double before = bits_;
    const bool full = queue > (beside_data ? queue_max_beside_data : queue_max);
    if (!full) full_since_.reset();
    if (full && path_is_another(now, comes))
        base_ = base_before_ = base_ + queue;
    else if (full && now >= held_until_)
        decrease(share_after(queue) * comes, comes, now);
    else if (is_lossy(loss(), sum(intervals).expected) && now >= loss_held_until_)
        decrease((1 - loss() / 2) * comes, comes, now);
    else if (!full && loss() < lossless && now >= held_until_)
        increase(time);
    return bits_ > 0 && (before == 0 || bits_ < 0.95 * before);
}

bool BandwidthEstimate::path_is_another(dht::Time now, double rate) {
    if (!full_since_) {
        full_since_ = now;
        full_rate_ = rate;
    }
    if (now < *full_since_ + another_path_after || rate > another_path_rate * full_rate_) return false;
    full_since_.reset();
    return true;
}

void BandwidthEstimate::decrease(double to, double congested, dht::Time now) {
    congested_ = congested;
    bits_ = std::max(bits_min, bits_ > 0 ? std::min(bits_, to) : to);
    held_until_ = now + held;
    loss_held_until_ = now + loss_held;
    reports_of_none_ = 0;
}

void BandwidthEstimate::increase(dht::Duration time) {
    if (bits_ == 0) return;
    const bool near = bits_ > near_from * congested_ && bits_ < near_to * congested_;
    const bool beyond = bits_ > beyond_from * congested_;
    bits_ *= std::pow(near ? growth_near : beyond ? growth_beyond : growth_far, seconds(time));
    // What comes through unhindered is no more than there is room for.
    bits_ = std::max(bits_, after_queue * rate());
    if (bits_ > limit_bits_max) bits_ = 0;
}

std::uint32_t BandwidthEstimate::bits_per_second() const {
    return bits_ == 0 ? no_bandwidth_limit : static_cast<std::uint32_t>(bits_);
}

std::optional<std::uint32_t> BandwidthEstimate::report(bool fell, dht::Time now) {
    if (bits_ == 0 && reports_of_none_ >= reports_of_none) return std::nullopt;
    if (!fell && now < report_ + report_every) return std::nullopt;
    report_ = now;
    if (bits_ == 0) ++reports_of_none_;
    return bits_per_second();
}

}  // namespace gst
