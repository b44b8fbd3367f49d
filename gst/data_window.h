// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <cstddef>

#include "dht/time.h"

namespace gst {

/// How many octets of data may be under way in a trunk. As in LEDBAT (RFC 6817) the round trip decides: data
/// uses what is left over and withdraws when packets begin to queue, so that the calls beside it do not
/// notice. Losses halve it as they do in TCP.
class DataWindow {
public:
    /// Of what may be under way. The most is also what a break-down makes us send again.
    static constexpr std::size_t bytes_min = 4 * 1400, bytes_first = 10 * 1400, bytes_max = 1'000'000;

    [[nodiscard]] std::size_t bytes() const { return bytes_; }
    /// What was under way `filled` the window: otherwise it is no proof that more would pass.
    void acknowledged(std::size_t bytes, dht::Duration round_trip, bool filled, dht::Time now);
    void lost(dht::Time now);
    void timed_out();
    /// Another path.
    void restart() { *this = {}; }

    /// After this long without any news everything under way is taken for lost.
    [[nodiscard]] dht::Duration timeout() const;
    /// A packet is lost when one that was sent this much later has arrived (RFC 8985 §6.2, RACK).
    [[nodiscard]] dht::Duration reordering() const;

private:
    void measure(dht::Duration round_trip, dht::Time now);
    [[nodiscard]] dht::Duration queueing() const;

    std::size_t bytes_ = bytes_first;
    bool slow_start_ = true;
    dht::Time cut_until_{};  ///< one cut a round trip
    int timeouts_ = 0;       ///< in a row

    dht::Duration smoothed_{}, deviation_{};  ///< RFC 6298; zero: nothing measured
    std::array<dht::Duration, 4> recent_{};   ///< the least is taken: one late packet is no queue
    std::size_t samples_ = 0;
    dht::Duration base_{}, base_before_{};  ///< the least of this minute, and of the one before
    dht::Time base_until_{};
};

}  // namespace gst
