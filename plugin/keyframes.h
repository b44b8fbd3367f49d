// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <vector>

#include "dht/time.h"

namespace plugin {

/// Lets through as many requests for a keyframe as an encoder follows, and holds the others back: a request
/// too much costs everybody a large picture, one that is lost costs a frozen one. By m-line; from any thread.
class KeyframeRequests {
public:
    /// libwebrtc passes over one that comes within 300 ms of the one before, and they do not all travel
    /// equally long.
    static constexpr std::chrono::milliseconds least_interval{330};

    /// Whether to ask now; if not, `due` will say so later.
    bool ask(int mindex, dht::Time now);
    /// Whether one that was held back is to be made now. Called for each packet of the m-line: without
    /// packets there is nobody to ask.
    bool due(int mindex, dht::Time now);
    /// Whether there is one that is held back, of any m-line.
    [[nodiscard]] bool any_held() const { return held_.load(std::memory_order_relaxed) > 0; }
    /// A keyframe begins: who has asked before has got it.
    void came(int mindex);

private:
    struct Line {
        dht::Time asked;
        bool held = false;
    };
    std::atomic<int> held_{0};  ///< lines with one that is held back
    std::mutex mutex_;
    std::map<int, Line> lines_;
};

/// Whether a (compound) RTCP packet asks for a keyframe: PLI (RFC 4585 §6.3.1), FIR (RFC 5104 §4.3.1) or the
/// old FIR (RFC 2032). Hostile input.
bool asks_for_keyframe(std::span<const std::uint8_t> rtcp);
/// What is left of it without; empty if nothing.
std::vector<std::uint8_t> without_keyframe_requests(std::span<const std::uint8_t> rtcp);

/// A PLI; Janus fills in the SSRCs.
constexpr std::array<std::uint8_t, 12> picture_loss_indication = {0x81, 206, 0, 2};

}  // namespace plugin
