// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "federation/glib/loop.h"
#include "gst/outlet.h"
#include "gst/packet_sink.h"
#include "gst/sdp_check.h"
#include "gst/worker.h"

namespace gst {

struct LinkConfig {
    std::vector<std::string> addresses;  ///< local ones for ICE; empty: all but loopback
    bool tapped = true;                  ///< false: read behind the jitter buffer (tests; strange webrtcbins)
};

/// One webrtcbin connection to a peer, negotiated once. Made, used and destroyed on the loop; the
/// pipeline lives on the worker, where it is also torn down, and what it signals is posted back.
/// After destruction no event comes, and no packet but one that is just being delivered.
class WebrtcLink {
public:
    struct Events {
        std::function<void(std::string sdp)> described;  ///< ours, with all candidates
        std::function<void(std::shared_ptr<Outlet>)> connected;
        std::function<void(std::string why)> failed;  ///< and nothing comes after
    };

    WebrtcLink(glib::Loop& loop, Worker& worker, LinkConfig config, Events events,
               std::shared_ptr<PacketSink> sink);
    ~WebrtcLink();
    WebrtcLink(const WebrtcLink&) = delete;
    WebrtcLink& operator=(const WebrtcLink&) = delete;

    /// One of both, once: `described` follows.
    void offer();
    void answer(TrunkDescription offer);
    /// The peer's answer to our offer.
    void accept(TrunkDescription answer);

private:
    class Core;

    Worker& worker_;
    std::shared_ptr<Events> events_;
    std::shared_ptr<Core> core_;
};

}  // namespace gst
