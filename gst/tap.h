// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gst/packet_sink.h"
#include "gst/ptr.h"

/// Everything that leans on the insides of webrtcbin. Each part looks first whether the inside is as
/// it expects; where it is not, trunks work all the same, only slower.
namespace gst {

/// Whether packets can be taken in front of the jitter buffer. Checked once; if not, there is a
/// warning in the log. Needs `init`.
bool tap_works();

/// Reads a link's packets. Tapped: by a probe on rtpssrcdemux, before a jitter buffer, its two threads
/// and its delays come into being. Plainly: from the pads that webrtcbin shows.
class Tap {
public:
    /// Before `webrtcbin` enters `pipeline`. The pads that webrtcbin shows are always read: when the
    /// probe works nothing comes there.
    Tap(GstElement* pipeline, GstElement* webrtcbin, std::shared_ptr<PacketSink> sink, bool tapped);
    /// When the pipeline has stopped.
    ~Tap();
    Tap(const Tap&) = delete;
    Tap& operator=(const Tap&) = delete;

private:
    struct State;
    std::shared_ptr<State> state_;
    glib::Connection added_, shown_;
};

/// UPnP and ICE-TCP off (UPnP multicasts, and delays candidates by 0.4 s); checks every millisecond
/// (20 by default: 58 ms later connected); candidates of `addresses` only, unless there are none.
void tune_ice(GstElement* webrtcbin, const std::vector<std::string>& addresses);

/// The kernel's default of 208 KB loses 0.3 % at 12,500 packets/s. Once the link is connected.
void enlarge_receive_buffer(GstWebRTCRTPTransceiver* transceiver);

}  // namespace gst
