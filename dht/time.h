// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <cstdint>

namespace dht {

/// The clock of timeouts and refreshes: it never jumps, and its epoch means nothing. Nothing in
/// this floor reads it; whoever drives a node (a socket loop, a simulator) passes it in.
struct SteadyClock {
    using duration = std::chrono::microseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<SteadyClock>;
    static constexpr bool is_steady = true;
};

using Duration = SteadyClock::duration;
using Time = SteadyClock::time_point;

/// A point of time where whole seconds do and many are kept. Enough for 136 years.
using CoarseDuration = std::chrono::duration<std::uint32_t>;
using CoarseTime = std::chrono::time_point<SteadyClock, CoarseDuration>;

/// The clock of records: what a signature says about expiry must mean the same on every server.
using Date = std::chrono::sys_seconds;
/// Keeps a date that others tell far from the ends of its type, where adding a lifetime would overflow.
constexpr std::int64_t date_max = std::int64_t{1} << 40;

/// One reading of both clocks, handed into every call that changes state.
struct Now {
    Time time;
    Date date;
};

}  // namespace dht
