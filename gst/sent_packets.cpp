// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/sent_packets.h"

namespace gst {

LaneHeader SentPackets::keep(LaneHeader header, std::span<const std::uint8_t> packet, dht::Time now) {
    const std::lock_guard lock{mutex_};
    header.sequence = next_++;
    Slot& slot = slots_.at(header.sequence % packets_max);
    slot.packet.header = header;
    slot.packet.bytes.assign(packet.begin(), packet.end());
    slot.sent = now;
    slot.repeats = 0;
    return header;
}

bool SentPackets::again(std::uint16_t sequence, dht::Time now, Packet& into) {
    const std::lock_guard lock{mutex_};
    Slot& slot = slots_.at(sequence % packets_max);
    if (slot.packet.header.sequence != sequence || slot.packet.bytes.empty()) return false;
    if (now >= slot.sent + age_max || slot.repeats >= repeats_max) return false;
    ++slot.repeats;
    into.header = slot.packet.header;
    into.bytes.assign(slot.packet.bytes.begin(), slot.packet.bytes.end());
    return true;
}

}  // namespace gst
