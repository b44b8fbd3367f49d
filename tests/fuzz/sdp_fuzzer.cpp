// SPDX-License-Identifier: LGPL-2.1-or-later
// What a trunk's peer can put into an offer or an answer.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gst/sdp_check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    for (const auto kind : {gst::SdpKind::offer, gst::SdpKind::answer}) {
        const auto once = gst::read_sdp(text, kind, {.loopback = true});
        if (!once) continue;
        // What goes to webrtcbin is itself good, and says the same.
        const auto twice = gst::read_sdp(gst::write_sdp(once.value()), kind, {.loopback = true});
        if (!twice || gst::write_sdp(once.value()) != gst::write_sdp(twice.value())) std::abort();
    }
    return 0;
}
