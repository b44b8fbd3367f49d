// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/renumbering.h"

#include <algorithm>

namespace plugin {

Renumbering::Numbers Renumbering::number(std::uint16_t sequence, std::uint32_t timestamp, int clock,
                                         dht::Time now) {
    if (!begun_ && sent_) {
        const auto since = std::chrono::duration_cast<std::chrono::microseconds>(now - sent_at_).count();
        const auto ticks = std::max<std::int64_t>(1, since * clock / 1'000'000);
        sequence_delta_ = static_cast<std::uint16_t>(sent_sequence_ + 1 - sequence);
        timestamp_delta_ = sent_timestamp_ + static_cast<std::uint32_t>(ticks) - timestamp;
    }
    begun_ = true;
    const Numbers numbers{static_cast<std::uint16_t>(sequence + sequence_delta_),
                          timestamp + timestamp_delta_};
    // What comes late is not what was sent last.
    const auto ahead =
        static_cast<std::int16_t>(static_cast<std::uint16_t>(numbers.sequence - sent_sequence_));
    if (!sent_ || ahead > 0) {
        sent_sequence_ = numbers.sequence;
        sent_timestamp_ = numbers.timestamp;
        sent_at_ = now;
    }
    sent_ = true;
    return numbers;
}

}  // namespace plugin
