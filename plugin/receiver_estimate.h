// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "dht/time.h"
#include "gst/bandwidth_estimate.h"
#include "plugin/transport_feedback.h"

namespace plugin {

/// What the path to one browser carries, by its transport-wide feedback: the estimate of a trunk
/// (gst::BandwidthEstimate), made where packets are sent instead of where they come in. From any thread.
///
/// The numbers are Janus's: one for each packet of a picture, counted from 1, in the order in which they are
/// handed to it. It also gives one to each packet that it sends again as RTX, of which a plugin hears
/// nothing: which packet a number belongs to is then found by how the arrivals fit the times of sending.
class ReceiverEstimate {
public:
    /// A packet is handed to Janus. What has no number (`picture` is false) counts with the next that has.
    void sent(bool picture, std::size_t octets, dht::Time now);
    /// RTCP of the browser's. What its path carries, when that is worth telling: gst::no_bandwidth_limit for
    /// no limit. Hostile input.
    std::optional<std::uint32_t> received(std::span<const std::uint8_t> rtcp);

private:
    struct Sent {
        dht::Time at{};
        std::size_t octets = 0;
    };
    /// At first; as many more as are under way, so that most subscribers cost little.
    static constexpr std::size_t remembered_first = 128;
    /// Feedback that comes later is of no use any more: seconds of a large picture.
    static constexpr std::size_t remembered_max = 2048;

    void make_room();
    std::optional<std::uint32_t> take(TransportFeedback& feedback);
    [[nodiscard]] const Sent* find(std::int64_t number, std::int64_t repeated) const;
    const Sent* identify(std::int64_t number, dht::Time now);
    [[nodiscard]] dht::Time arrived(dht::Duration at);

    std::mutex mutex_;
    std::vector<Sent> log_ = std::vector<Sent>(remembered_first);  ///< by number, the last ones
    std::int64_t count_ = 0;                                       ///< of what has a number
    std::size_t unnumbered_ = 0;

    std::int64_t highest_ = 0;                          ///< of the numbers told of, unwrapped
    std::int64_t repeated_ = 0;                         ///< so many numbers were not ours
    std::int64_t uncertain_ = 0;                        ///< so many more may not have been
    std::optional<dht::Duration> clock_;                ///< the receiver's, when it was read last
    dht::Time arrived_{std::chrono::hours{1}};          ///< the same, unwrapped; far from the clock's epoch
    dht::Duration least_delay_ = dht::Duration::max();  ///< with the difference of two clocks in it
    gst::BandwidthEstimate estimate_;
};

}  // namespace plugin
