// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dht/time.h"

namespace plugin {

/// What a receiver tells of the packets with transport-wide numbers that it has got
/// (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1).
struct TransportFeedback {
    struct Arrival {
        std::uint16_t number;
        dht::Duration at;  ///< by the receiver's clock, which goes round
    };
    /// After so long the receiver's clock begins again.
    static constexpr dht::Duration clock_round = std::chrono::milliseconds{64} * (1 << 24);

    std::uint16_t first = 0, count = 0;  ///< which numbers it is about
    std::vector<Arrival> arrivals;       ///< by number; the others have not come

    /// Each of a compound RTCP packet that is whole. Hostile input.
    static std::vector<TransportFeedback> read(std::span<const std::uint8_t> rtcp);
};

}  // namespace plugin
