// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include "dht/time.h"

namespace plugin {

/// Sequence numbers and timestamps that go on when the source of a stream is another one, for what can begin
/// at any packet: sound, and pictures that we cannot read. One thread at a time.
class Renumbering {
public:
    struct Numbers {
        std::uint16_t sequence = 0;
        std::uint32_t timestamp = 0;
    };
    /// The next packet is of another source.
    void restart() { begun_ = false; }
    Numbers number(std::uint16_t sequence, std::uint32_t timestamp, int clock, dht::Time now);

private:
    bool begun_ = false, sent_ = false;
    std::uint16_t sequence_delta_ = 0, sent_sequence_ = 0;
    std::uint32_t timestamp_delta_ = 0, sent_timestamp_ = 0;
    dht::Time sent_at_{};
};

}  // namespace plugin
