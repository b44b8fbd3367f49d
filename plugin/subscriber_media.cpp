// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/subscriber_media.h"

#include <utility>

#include "plugin/keyframes.h"

namespace plugin {

void SubscriberMedia::streams(std::vector<std::shared_ptr<SubscriberStream>> streams) {
    std::shared_ptr<const Streams> next = std::make_shared<Streams>(std::move(streams));
    const std::lock_guard lock{mutex_};
    streams_.swap(next);
}

void SubscriberMedia::on_estimate(Estimated estimated, std::shared_ptr<ReceiverEstimate> sent) {
    std::shared_ptr<const Listener> next;
    if (estimated) next = std::make_shared<const Listener>(Listener{std::move(estimated), std::move(sent)});
    const std::lock_guard lock{mutex_};
    listener_.swap(next);
}

void SubscriberMedia::listen(std::span<const std::uint8_t> rtcp) {
    std::unique_lock lock{mutex_};
    const auto listener = listener_;
    lock.unlock();
    if (!listener) return;
    if (const auto bits = read_remb(rtcp)) listener->estimated(ReceiverLimit::By::remb, *bits);
    if (!listener->sent) return;
    if (const auto bits = listener->sent->received(rtcp))
        listener->estimated(ReceiverLimit::By::feedback, *bits);
}

void SubscriberMedia::incoming_rtcp(const janus_plugin_rtcp& packet) {
    const std::span octets{reinterpret_cast<const std::uint8_t*>(packet.buffer), packet.length};
    listen(octets);
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
