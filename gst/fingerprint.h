// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

#include "gst/ptr.h"

namespace gst {

/// SHA-256 of a certificate as descriptions write it, "AB:CD:…"; empty if `pem` is none.
std::string fingerprint_of(std::string_view pem);

/// Of the certificate that the peer showed in the DTLS handshake; empty if there was none. webrtcbin
/// itself does not compare it with the description's, so anybody on the path could be the peer.
std::string peer_fingerprint(GstWebRTCRTPTransceiver* transceiver);

}  // namespace gst
