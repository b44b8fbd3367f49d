// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "gst/trunks.h"
#include "tests/gst/servers.h"

namespace bench {

/// As from a browser: in each second of a lane 50 packets of audio and 200 of video.
constexpr std::uint32_t packets_per_second = 250;
constexpr std::size_t audio_bytes = 160, video_bytes = 1000;

/// In front of each packet.
struct Mark {
    std::int64_t sent_us = 0;
    std::uint32_t lane = 0, number = 0;
};

std::int64_t now_us();
/// One packet of a lane, with its mark.
std::span<const std::uint8_t> marked(std::uint32_t lane, std::uint32_t number,
                                     std::array<std::uint8_t, 1400>& room);
Mark mark_of(std::span<const std::uint8_t> packet);

/// Sends what `lanes` calls send, a millisecond's worth at a time, for so long. How many packets of each
/// lane.
std::uint32_t generate(std::uint32_t lanes, double seconds,
                       const std::function<void(std::uint32_t lane, std::span<const std::uint8_t>)>& send);

/// How long packets were under way. One thread writes.
class Delays {
public:
    explicit Delays(std::size_t packets) { all_.reserve(packets); }
    void add(std::int64_t microseconds) {
        if (all_.size() < all_.capacity())
            all_.push_back(static_cast<std::uint32_t>(std::max<std::int64_t>(0, microseconds)));
    }
    void add(const Delays& more) {
        for (const auto each : more.all_) add(each);
    }
    [[nodiscard]] std::size_t count() const { return all_.size(); }
    /// In milliseconds.
    double percentile(double share);

private:
    std::vector<std::uint32_t> all_;
};

struct Cost {
    double cpu = 0;         ///< seconds, of both ends and what makes the packets
    double sender_cpu = 0;  ///< of it the thread's that makes, protects and sends; of the bare loop only
    std::uint64_t sent = 0, received = 0;
    double p50 = 0, p99 = 0;  ///< milliseconds
    std::size_t threads = 0;  ///< that were not there before
    void came(Delays& delays);
};
/// The least that it can cost: protect, send, receive, unprotect, in two threads.
Cost bare_srtp(std::uint32_t lanes, double seconds);
Cost through_trunk(std::uint32_t lanes, double seconds);
/// A lane to each of these UDP ports of the loopback; somebody passes it all on to `passed_on_to`. The
/// processor's time is this process's own, not that of who passes it on.
Cost through_plain_rtp(const std::vector<std::uint16_t>& ports, std::uint16_t passed_on_to, double seconds);

/// Each prints its lines.
void load(double seconds, int rounds, const std::vector<std::uint32_t>& sizes);
void plain(double seconds, std::uint16_t passed_on_to, const std::vector<std::uint16_t>& ports);
void ageing(double seconds);
void soak(std::uint32_t calls, double seconds);
void interruptions(int cuts);

}  // namespace bench
