// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "federation/result.h"
#include "gst/elements/description.h"
#include "gst/ptr.h"

namespace elements {

/// From RTP packets in order to the encoded stream that is in them: with pads "sink" and "src". A codec that
/// has no depayloader installed is an error that says which.
federation::Result<gst::Ref<GstElement>> make_play_chain(const StreamDescription& stream);

/// Whether `make_play_chain` knows the codec at all; others can be had as RTP.
bool can_depayload(const StreamDescription& stream);

/// What the pad shows, before anything has come: "video/x-h264".
gst::Ptr<GstCaps> played_caps(const StreamDescription& stream);

}  // namespace elements
