// SPDX-License-Identifier: GPL-3.0-or-later
/// Media packets of a browser or of another server, in the layers of a simulcast; and an answer to one.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "plugin/keyframes.h"
#include "plugin/layer_selector.h"
#include "plugin/receiver_estimate.h"
#include "plugin/simulcast_answer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text{reinterpret_cast<const char*>(data), size};
    const auto half = static_cast<std::ptrdiff_t>(size / 2);
    plugin::with_layer_extensions({text.begin(), text.begin() + half}, {text.begin() + half, text.end()});

    const std::span<const std::uint8_t> all{data, size};
    plugin::asks_for_keyframe(all);
    if (plugin::without_keyframe_requests(all).size() > size) std::abort();

    plugin::ReceiverEstimate estimate;
    for (int i = 0; i < 10; ++i)
        estimate.sent(true, 1000, dht::Time{std::chrono::hours{1} + std::chrono::milliseconds{i}});
    estimate.received(all);
    estimate.received(all);

    static constexpr std::array codecs = {"vp8", "vp9", "h264", "h265", "av1"};
    plugin::LayerSelector selector;
    dht::Time now{};
    // A packet: an octet for layer and codec, one for the length, then as much.
    for (auto rest = all; rest.size() > 2;) {
        const unsigned kind = rest[0];
        const std::size_t length = std::min<std::size_t>(rest[1], rest.size() - 2);
        const std::vector<std::uint8_t> octets{rest.begin() + 2,
                                               rest.begin() + 2 + static_cast<std::ptrdiff_t>(length)};
        rest = rest.subspan(2 + length);
        const auto packet = plugin::RtpPacket::parse(octets);
        if (!packet) continue;
        selector.aim({static_cast<int>(kind >> 2U & 1U),
                      static_cast<int>(kind >> 3U & 1U),
                      {},
                      static_cast<int>(kind >> 6U)});
        now += std::chrono::milliseconds{10};
        const auto verdict = selector.judge(static_cast<int>(kind % 3), *packet, codecs.at(kind >> 4U & 3U),
                                            packet->extension(1), now);
        if (!verdict.forward) continue;
        auto copy = octets;
        plugin::LayerSelector::rewrite(verdict, copy, packet->payload_offset());
        const auto again = plugin::RtpPacket::parse(copy);
        if (!again || again->sequence() != verdict.sequence || again->timestamp() != verdict.timestamp)
            std::abort();
    }
    return 0;
}
