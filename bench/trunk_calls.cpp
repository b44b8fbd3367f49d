// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bench/trunk_calls.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <thread>

namespace bench {

using Clock = std::chrono::steady_clock;

std::int64_t now_us() {
    return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now().time_since_epoch()).count();
}

std::span<const std::uint8_t> marked(std::uint32_t lane, std::uint32_t number,
                                     std::array<std::uint8_t, 1400>& room) {
    const Mark mark{now_us(), lane, number};
    std::memcpy(room.data(), &mark, sizeof mark);
    return {room.data(), number % 5 == 0 ? audio_bytes : video_bytes};
}

Mark mark_of(std::span<const std::uint8_t> packet) {
    Mark mark;
    std::memcpy(&mark, packet.data(), sizeof mark);
    return mark;
}

std::uint32_t generate(std::uint32_t lanes, double seconds,
                       const std::function<void(std::uint32_t, std::span<const std::uint8_t>)>& send) {
    std::array<std::uint8_t, 1400> room{};
    const auto ticks = static_cast<std::uint64_t>(seconds * 1000);
    const auto begun = Clock::now();
    // Lanes are not in step: packet k is of lane k mod n, and each millisecond has its share of all.
    std::uint64_t done = 0;
    for (std::uint64_t tick = 1; tick <= ticks; ++tick) {
        const std::uint64_t due = tick * lanes * packets_per_second / 1000;
        for (; done < due; ++done)
            send(static_cast<std::uint32_t>(done % lanes),
                 marked(static_cast<std::uint32_t>(done % lanes), static_cast<std::uint32_t>(done / lanes),
                        room));
        std::this_thread::sleep_until(begun + std::chrono::milliseconds{tick});
    }
    return static_cast<std::uint32_t>(done / lanes);
}

double Delays::percentile(double share) {
    if (all_.empty()) return NAN;
    const auto at = static_cast<std::size_t>(share * static_cast<double>(all_.size() - 1));
    std::nth_element(all_.begin(), all_.begin() + static_cast<std::ptrdiff_t>(at), all_.end());
    return all_[at] / 1000.0;
}

void Cost::came(Delays& delays) {
    received = delays.count();
    p50 = delays.percentile(0.5);
    p99 = delays.percentile(0.99);
}

}  // namespace bench
