// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gst/feed_description.h"
#include "plugin/mlines.h"
#include "plugin/sdp_lines.h"

namespace plugin {

/// One m-line of what somebody publishes, as who subscribes has to know it.
using FeedStream = gst::FeedStream;
using gst::kind_name;
using gst::to_json;

/// As the readers of packets want it.
MLine mline_of(const FeedStream& stream);

}  // namespace plugin
