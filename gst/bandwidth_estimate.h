// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "dht/time.h"
#include "gst/packet_sink.h"

namespace gst {

/// Bits per second as the trunk's peers tell them to each other: no limit is known.
constexpr std::uint32_t no_bandwidth_limit = UINT32_MAX;

/// What a path can carry, measured where it ends, by the delay and the loss of the outer packets. Before it
/// was seen full there is no limit: who sends little learns nothing of what more would do. One thread at a
/// time.
class BandwidthEstimate {
public:
    /// Never less: Opus and a picture now and then.
    static constexpr double bits_min = 100'000;
    /// So long packets may queue before there are too many. Data (`yields`) withdraws by itself, at less than
    /// the second.
    static constexpr dht::Duration queue_max = std::chrono::milliseconds{40},
                                   queue_max_beside_data = std::chrono::milliseconds{120};

    /// What the sender is to be told now, if anything: at once when it falls, otherwise twice a second.
    std::optional<std::uint32_t> received(const OuterPacket& packet, bool yields, dht::Time now);
    [[nodiscard]] std::uint32_t bits_per_second() const;
    /// The share of the outer packets that were missing in the last second.
    [[nodiscard]] double loss() const;

private:
    struct Interval {
        dht::Duration time{};
        std::uint64_t bytes = 0, yielding_bytes = 0;
        std::uint32_t packets = 0, expected = 0;
    };
    static constexpr std::size_t intervals = 10;  // of 100 ms

    void begin(const OuterPacket& packet, dht::Time now);
    void note(const OuterPacket& packet, bool yields, dht::Time now);
    bool judge(dht::Time now);
    bool path_is_another(dht::Time now, double rate);
    void decrease(double to, double congested, dht::Time now);
    void increase(dht::Duration time);
    std::optional<std::uint32_t> report(bool fell, dht::Time now);
    [[nodiscard]] Interval sum(std::size_t newest) const;
    [[nodiscard]] double rate() const;

    double bits_ = 0;       ///< 0: no limit
    double congested_ = 0;  ///< what came through when it was last full
    dht::Time held_until_{}, loss_held_until_{};

    bool begun_ = false;
    dht::Time last_{}, interval_{};  ///< when the last packet came; when the present interval began
    std::uint16_t highest_ = 0;
    std::uint32_t timestamp_ = 0;
    std::int64_t ticks_ = 0;  ///< the sender's clock, unwrapped
    std::array<Interval, intervals> past_{};
    std::size_t next_ = 0;
    Interval present_{};

    // One-way delays, each with the same unknown difference of two clocks in it.
    dht::Duration least_ = dht::Duration::max();  ///< of this interval
    dht::Duration base_{}, base_before_{};        ///< of this minute and the one before
    dht::Time base_until_{};
    std::optional<dht::Time> full_since_;
    double full_rate_ = 0;

    dht::Time report_{};
    unsigned reports_of_none_ = reports_of_none;
    static constexpr unsigned reports_of_none = 3;  ///< then the sender knows
};

}  // namespace gst
