// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "dht/time.h"

namespace plugin {

/// The bits per second of the first REMB (draft-alvestrand-rmcat-remb-03) in a compound RTCP packet. Hostile
/// input.
std::optional<std::uint32_t> read_remb(std::span<const std::uint8_t> rtcp);

/// One alone, as a receiver of `bits_per_second` would send it; who reads it looks at no SSRC.
std::array<std::uint8_t, 20> write_remb(std::uint32_t bits_per_second);

/// What the browser at the other end can receive. By its REMBs: libwebrtc's begin low and grow by 8 % a
/// second however wide the path is, so that they would hold a call down for half a minute. One that falls
/// says that the path is full: from then on they count, until they are back where they fell from. By its
/// transport-wide feedback, of which we make the estimate (ReceiverEstimate): that counts as it is.
class ReceiverLimit {
public:
    /// A browser says it again each second; one that is silent receives nothing.
    static constexpr dht::Duration good_for = std::chrono::seconds{10};

    enum class By { remb, feedback };
    void take(By by, std::uint32_t bits_per_second, dht::Time now);
    /// By REMB.
    void told(std::uint32_t bits_per_second, dht::Time now);
    /// By feedback; gst::no_bandwidth_limit for no limit.
    void measured(std::uint32_t bits_per_second, dht::Time now);
    /// Nothing: there is none.
    [[nodiscard]] std::optional<std::uint32_t> bits_per_second(dht::Time now) const;
    /// For a sender that is told how much to send: once the path has been full, also how much it carries
    /// since then.
    [[nodiscard]] std::optional<std::uint32_t> ceiling(dht::Time now) const;

private:
    std::uint32_t last_ = 0, highest_ = 0;
    bool full_ = false, was_full_ = false;
    dht::Time told_{};
    std::optional<std::uint32_t> measured_;
    dht::Time measured_at_{};
};

}  // namespace plugin
