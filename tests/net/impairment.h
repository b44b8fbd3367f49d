// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <vector>

namespace tests {

/// What one way of a bad network does to packets. The same seed does the same to the same packets.
struct Weather {
    double loss = 0;                                ///< the share that vanishes
    double copies = 0;                              ///< the share that comes twice
    double reorder = 0;                             ///< the share that is held back by `reorder_by`
    std::chrono::microseconds delay{0}, jitter{0};  ///< jitter: up to that much more, evenly; it reorders too
    std::chrono::microseconds reorder_by{10'000};
    double bits_per_second = 0;                ///< of a bottleneck with a queue in front; 0: there is none
    std::chrono::microseconds queue{500'000};  ///< who would wait longer there vanishes
    bool cut = false;                          ///< nothing passes
};

/// One way of a path: packets go in, and come out when it is time.
class Impairment {
public:
    using Time = std::chrono::steady_clock::time_point;
    using Packet = std::vector<std::uint8_t>;

    explicit Impairment(std::uint32_t seed) : chance_(seed) {}

    Weather weather;

    void enter(Packet packet, Time now) {
        ++entered;
        if (weather.cut || hits(weather.loss) || inside_.size() >= inside_max) {
            ++lost;
            return;
        }
        if (weather.bits_per_second > 0) {
            const auto begins = std::max(now, free_at_);
            if (begins > now + weather.queue) {
                ++lost;
                return;
            }
            now = free_at_ =
                begins + std::chrono::microseconds{static_cast<std::int64_t>(
                             8e6 * static_cast<double>(packet.size()) / weather.bits_per_second)};
        }
        if (hits(weather.copies)) inside_.emplace(leaves(now), packet);
        inside_.emplace(leaves(now), std::move(packet));
    }
    /// The next packet whose time has come.
    std::optional<Packet> leave(Time now) {
        if (inside_.empty() || inside_.begin()->first > now) return std::nullopt;
        auto packet = std::move(inside_.begin()->second);
        inside_.erase(inside_.begin());
        return packet;
    }
    [[nodiscard]] std::optional<Time> next() const {
        if (inside_.empty()) return std::nullopt;
        return inside_.begin()->first;
    }

    std::uint64_t entered = 0, lost = 0;

private:
    // A second of 100 MB/s in full packets: a path that leads nowhere shall not eat the machine.
    static constexpr std::size_t inside_max = 70'000;

    bool hits(double share) { return share > 0 && std::uniform_real_distribution{}(chance_) < share; }
    Time leaves(Time now) {
        auto after = weather.delay;
        if (weather.jitter.count() > 0)
            after += std::chrono::microseconds{static_cast<std::int64_t>(chance_()) % weather.jitter.count()};
        if (hits(weather.reorder)) after += weather.reorder_by;
        return now + after;
    }

    std::mt19937 chance_;
    Time free_at_{};                      ///< the bottleneck
    std::multimap<Time, Packet> inside_;  ///< of one time, in the order of their coming
};

}  // namespace tests
