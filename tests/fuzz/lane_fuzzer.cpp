// SPDX-License-Identifier: LGPL-2.1-or-later
// What a trunk's peer can put into the outer stream.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "gst/control_message.h"
#include "gst/lane_header.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto packet = gst::decode_lane_packet({data, size});
    if (!packet) return 0;
    const auto again = gst::encode(packet->header);
    if (!std::equal(again.begin(), again.end(), data)) std::abort();
    if (packet->body.size() + again.size() != size) std::abort();
    if (packet->header.kind != gst::PacketKind::control) return 0;

    const auto message = gst::decode_control(packet->body);
    if (!message) return 0;
    const auto text = gst::encode(*message);
    if (text.size() > packet->body.size()) std::abort();
    // Of a request there are several spellings.
    if (std::holds_alternative<gst::Resend>(*message)) return 0;
    if (!std::equal(text.begin(), text.end(), packet->body.begin())) std::abort();
    return 0;
}
