// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "dht/time.h"

namespace gst {

/// What is missing in a lane's 16-bit sequence, and when to ask for it (docs/trunk.md). Packets are never
/// held back for it. One thread at a time.
class LaneGaps {
public:
    /// Longer than browsers wait for video, and five tries at a round trip of 100 ms.
    static constexpr dht::Duration useful = std::chrono::milliseconds{500};
    static constexpr unsigned tries_max = 5;
    /// What comes by itself so late is still passed on: its receiver decides.
    static constexpr dht::Duration accepted = std::chrono::seconds{2};
    /// Half a second of a lane with 500 packets a second. Older gaps are given up.
    static constexpr std::size_t missing_max = 256;

    enum class Arrival {
        next,   ///< newer than all others
        late,   ///< fills a gap
        stale,  ///< a copy, or too late: of no use
    };
    Arrival received(std::uint16_t sequence, dht::Duration round_trip, dht::Time now);
    /// What is to be asked for now, for the first time or again.
    std::vector<std::uint16_t> due(dht::Duration round_trip, dht::Time now);

    [[nodiscard]] std::uint64_t missed() const { return missed_; }      ///< not there when a later one was
    [[nodiscard]] std::uint64_t repaired() const { return repaired_; }  ///< of them, came after we asked
    [[nodiscard]] std::uint64_t lost() const { return missed_ - filled_; }
    [[nodiscard]] std::uint64_t asked() const { return asked_; }  ///< for packets, repetitions included

private:
    struct Missing {
        std::uint16_t sequence = 0;
        unsigned tries = 0;
        dht::Time since{}, asked{};
    };

    void miss(std::uint16_t sequence, dht::Time now);
    bool fill(std::uint16_t sequence, dht::Duration round_trip, dht::Time now);
    bool is_another_sender(std::uint16_t sequence, dht::Time now);

    bool begun_ = false;
    std::uint16_t highest_ = 0;
    dht::Time highest_at_{};
    std::vector<Missing> missing_;  ///< the oldest first
    /// How long packets of this lane overtake each other: so long is waited before the first question.
    dht::Duration patience_{};
    std::uint16_t stale_next_ = 0;
    unsigned stale_run_ = 0;
    std::uint64_t missed_ = 0, filled_ = 0, repaired_ = 0, asked_ = 0;
};

}  // namespace gst
