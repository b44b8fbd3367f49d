// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>

#include "gst/ptr.h"

namespace elements {

/// Where a chain of a pad ends: a sink that hands each RTP packet on. Unlike an appsink it takes buffer lists
/// as they are and keeps none.
struct LaneSinkCallbacks {
    std::function<void(GstElement* sink, GstBuffer*)> packet;  ///< on the streaming thread
    std::function<void(const GstCaps*)> described;             ///< before the packets of these caps
};

/// `live`: pictures are passed on as soon as they come. Otherwise (a file, say) each at its time.
gst::Ref<GstElement> make_lane_sink(LaneSinkCallbacks callbacks, bool live);

}  // namespace elements
