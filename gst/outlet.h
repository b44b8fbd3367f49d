// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <span>

#include "gst/lane_header.h"
#include "gst/ptr.h"

namespace gst {

/// How one side marks its packets. The two sides of a trunk must differ in SSRC: rtpsession silently
/// drops everything that carries the SSRC it sends with itself.
struct OuterStream {
    std::uint32_t ssrc = 0;
    std::uint8_t payload_type = 0;
};

constexpr int outer_clock_rate = 90000;

/// The sending end of a link: a source pad of our own that wraps packets into the outer RTP stream.
/// An appsrc would cost a thread and a fifth more CPU.
class Outlet {
public:
    /// Linked to `sink`, which is webrtcbin's; `pipeline` has the clock.
    Outlet(GstElement* pipeline, GstPad* sink, OuterStream stream, GstCaps* caps);
    ~Outlet();
    Outlet(const Outlet&) = delete;
    Outlet& operator=(const Outlet&) = delete;

    /// From any thread, one at a time, in some 20 µs. Only once the link is connected: before, webrtcbin
    /// blocks the pad. False when the packet was not taken.
    bool push(const LaneHeader& header, std::span<const std::uint8_t> packet);
    /// Another pad further on that packets may be put into, once what stands in front of the first packet has
    /// come there through the first pad. Before the first push.
    void set_shortcut(Ref<GstPad> shortcut) { shortcut_ = std::move(shortcut); }
    /// Nothing goes out any more. A push in progress ends when the pipeline stops.
    void shut() { shut_ = true; }

private:
    void start(GstCaps* caps);
    bool is_short();

    Ref<GstPad> pad_, shortcut_;
    Ref<GstClock> clock_;
    GstClockTime base_time_ = 0;
    OuterStream stream_;
    std::atomic<bool> shut_ = false;

    std::mutex mutex_;  ///< keeps sequence numbers in the order of the pushes; the pad serialises anyway
    std::uint16_t sequence_ = 0;
    bool short_ = false;
};

}  // namespace gst
