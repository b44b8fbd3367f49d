// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plugin/janus.h"
#include "plugin/mlines.h"
#include "plugin/rtp.h"

namespace plugin {

/// Janus strips the header extensions of what it relays and writes them anew from this structure, under the
/// ids of that browser: so what is to reach it must be read. Transport-wide numbers, send times, mids and
/// rids belong to one hop; Janus makes its own.
janus_plugin_rtp_extensions read_extensions(const MLine& mline, const RtpPacket& packet);
/// Another frame number in the dependency descriptor, if there is one.
void set_frame(janus_plugin_rtp_extensions& extensions, std::uint16_t number);

}  // namespace plugin
