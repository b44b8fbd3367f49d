// SPDX-License-Identifier: LGPL-2.1-or-later
// What a trunk's peer can put into a lane's data: a receiver takes it, packet after packet, and a sender its
// acknowledgements. Each packet stands behind its length in one octet.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "gst/data_receiver.h"
#include "gst/data_sender.h"

namespace {

constexpr federation::LaneId lane = 2;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto kept = std::make_shared<std::atomic<std::size_t>>();
    dht::Time now{std::chrono::hours{1}};
    gst::DataSender sender{1400};
    sender.set_way([](const gst::LaneHeader&, std::span<const std::uint8_t>) {}, now);
    {
        gst::DataReceiver receiver{kept};
        const gst::DataReceiver::Deliver deliver = [](const gst::DataMessage& message) {
            if (!gst::fits(message)) std::abort();
        };
        std::span<const std::uint8_t> rest{data, size};
        while (!rest.empty()) {
            const std::size_t length = std::min<std::size_t>(rest[0], rest.size() - 1);
            const auto packet = gst::decode_lane_packet(rest.subspan(1, length));
            rest = rest.subspan(1 + length);
            now += std::chrono::milliseconds{1};
            if (!packet) {
                receiver.accept(deliver);
                sender.advance(now);
                sender.send(lane, {"l", "", false, {data, size}}, now);
            } else if (packet->header.kind == gst::PacketKind::data) {
                if (const auto piece = gst::decode_data(packet->body))
                    receiver.received(packet->header.sequence, *piece, deliver);
                const auto ack = receiver.acknowledgement();
                if (ack && encode(*ack).size() > 6 + gst::data_window_packets / 8) std::abort();
            } else if (packet->header.kind == gst::PacketKind::data_ack) {
                if (const auto ack = gst::decode_data_ack(packet->body)) sender.acknowledged(lane, *ack, now);
            }
        }
    }
    if (*kept != 0) std::abort();
    sender.close(lane);
    if (sender.buffered(lane) != 0 || sender.deadline()) std::abort();
    return 0;
}
