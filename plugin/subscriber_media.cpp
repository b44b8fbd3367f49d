// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/subscriber_media.h"

#include <utility>

#include "plugin/keyframes.h"
#include "plugin/remb.h"

namespace plugin {

void SubscriberMedia::streams(std::vector<std::shared_ptr<SubscriberStream>> streams) {
    std::shared_ptr<const Streams> next = std::make_shared<Streams>(std::move(streams));
    const std::lock_guard lock{mutex_};
    streams_.swap(next);
}

void SubscriberMedia::on_estimate(Estimated estimated) {
    auto next = estimated ? std::make_shared<const Estimated>(std::move(estimated)) : nullptr;
    const std::lock_guard lock{mutex_};
    estimated_.swap(next);
}

void SubscriberMedia::incoming_rtcp(const janus_plugin_rtcp& packet) {
    const std::span octets{reinterpret_cast<const std::uint8_t*>(packet.buffer), packet.length};
    if (const auto bits = read_remb(octets)) {
        std::unique_lock lock{mutex_};
        const auto estimated = estimated_;
        lock.unlock();
        if (estimated) (*estimated)(*bits);
    }
    if (packet.mindex < 0 || !asks_for_keyframe(octets)) return;
    std::shared_ptr<const Streams> all;
    {
        const std::lock_guard lock{mutex_};
        all = streams_;
    }
    const auto index = static_cast<std::size_t>(packet.mindex);
    if (index < all->size() && (*all)[index]) (*all)[index]->want_keyframe();
}

}  // namespace plugin
