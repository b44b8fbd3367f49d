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

/// Reads a link's packets. Tapped: where SRTP has been taken off, before webrtcbin's RTP session, of which
/// packets of ours have nothing to hope for; at the latest on rtpssrcdemux, before a jitter buffer, its two
/// threads and its delays come into being. Plainly: from the pads that webrtcbin shows.
class Tap {
public:
    /// Before `webrtcbin` enters `pipeline`. The pads that webrtcbin shows are always read: when the
    /// probe works nothing comes there.
    Tap(GstElement* pipeline, GstElement* webrtcbin, std::shared_ptr<PacketSink> sink, bool tapped);
    /// When the pipeline has stopped.
    ~Tap();
    Tap(const Tap&) = delete;
    Tap& operator=(const Tap&) = delete;

    /// The link is up: from now on packets need not wait in the queue behind the socket, for another thread.
    void connected();
    /// The pad where SRTP is put on. Packets can go in there themselves as soon as it has seen what stands in
    /// front of the first. Nothing where webrtcbin is not as expected.
    [[nodiscard]] Ref<GstPad> way_out() const;

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
