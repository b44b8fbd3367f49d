// SPDX-License-Identifier: GPL-3.0-or-later
/// Of rooms that live elsewhere too: the feeds that come in, and those that go out.
#include <utility>

#include "plugin/federated_rooms.h"
#include "plugin/room_about.h"

namespace plugin {

using federation::Reason;

// ---- Feeds that come in

void FederatedRooms::stop(const std::shared_ptr<RemoteParticipant>& participant) {
    auto& source = *participant->source;
    const auto subscription = std::exchange(source.subscription, {});
    if (subscription.empty()) return;
    source.close();
    incoming_.erase(subscription);
    member_.change([&](auto& server, auto now) { server.end_subscription(subscription, Reason::none, now); });
}

void FederatedRooms::demand(const std::weak_ptr<RemoteParticipant>& weak, const std::string& room) {
    const auto remote = weak.lock();
    if (!remote) return;
    auto& source = *remote->source;
    const auto wish = remote->feed ? source.wish() : FeedWish{};
    if (wish.empty()) return stop(remote);
    if (!source.subscription.empty()) {
        if (wish == source.asked) return;
        source.asked = wish;
        return member_.change([&](auto& server, auto now) {
            server.change_wish(source.subscription, gst::to_text(wish, source.waiting()), now);
        });
    }
    source.asked = wish;
    member_.require_trunk(remote->peer);
    const auto waiting = source.waiting();
    source.subscribed(waiting);
    member_.change([&](auto& server, auto now) {
        source.subscription =
            server.subscribe({remote->peer, room, remote->there}, gst::to_text(wish, waiting), now);
        incoming_[source.subscription] = {remote, room};
    });
}

void FederatedRooms::on(const federation::SubscriptionProceeding& event) {
    const auto found = incoming_.find(event.subscription);
    const auto remote = found == incoming_.end() ? nullptr : found->second.participant.lock();
    if (!remote || remote->source->subscription != event.subscription) return;
    remote->source->open(member_.open_feed_lane(event.peer, event.lane, remote->source));
}

void FederatedRooms::on(const federation::SubscriptionAccepted& event) {
    const auto found = incoming_.find(event.subscription);
    const auto remote = found == incoming_.end() ? nullptr : found->second.participant.lock();
    if (remote && remote->source->subscription == event.subscription) remote->source->accepted();
}

void FederatedRooms::on(const federation::SubscriptionEnded& event) {
    if (const auto found = outgoing_.find(event.subscription); found != outgoing_.end()) {
        if (found->second.sender) found->second.sender->close();
        outgoing_.erase(found);
    }
    const auto found = incoming_.find(event.subscription);
    if (found == incoming_.end()) return;
    const auto [weak, room] = found->second;
    incoming_.erase(found);
    const auto remote = weak.lock();
    if (!remote || remote->source->subscription != event.subscription) return;
    remote->source->close();
    remote->source->subscription.clear();
    // If it is still there, and watched, it is asked for again; RoomPeerDown takes it away otherwise.
    constexpr std::chrono::milliseconds again{500};
    if (std::exchange(remote->source->asking_again, true)) return;
    rooms_.host().run_later(again, [this, alive = std::weak_ptr{alive_}, weak = weak, room = room] {
        const auto participant = weak.lock();
        if (!alive.lock() || !participant) return;
        participant->source->asking_again = false;
        demand(weak, room);
    });
}

// ---- Feeds that go out

void FederatedRooms::on(const federation::FeedWanted& event) {
    if (event.feed.room.empty()) return;  // a stream, and none is offered here
    const auto room = here(event.feed.room);
    const auto participant = room ? room->find(Id{event.feed.feed}) : nullptr;
    const auto refuse = [&](Reason reason) {
        member_.change(
            [&](auto& server, auto now) { server.end_subscription(event.subscription, reason, now); });
    };
    if (!participant || !participant->is_local() || !participant->feed) return refuse(Reason::unknown_feed);
    const auto sender = std::make_shared<LaneSender>(participant->feed, gst::wish_from(event.wish));
    const auto about = about_feed(*participant);
    auto lane = member_.open_feed_lane(event.peer, event.lane, sender);
    if (!lane) return refuse(Reason::trunk_failed);
    outgoing_[event.subscription] = {event.feed.room, event.feed.feed, event.peer, sender, about};
    sender->open(std::move(lane), gst::waiting_from(event.wish));
    member_.change(
        [&](auto& server, auto now) { server.accept_subscription(event.subscription, about, now); });
}

void FederatedRooms::on(const federation::SubscriptionWish& event) {
    const auto found = outgoing_.find(event.subscription);
    if (found != outgoing_.end() && found->second.sender)
        found->second.sender->change(gst::wish_from(event.wish), gst::waiting_from(event.wish));
}

void FederatedRooms::tell_outgoing(const Room& room, const Participant& participant) {
    std::string about;
    for (auto& [id, outgoing] : outgoing_) {
        if (outgoing.room != room.id.text() || outgoing.feed != participant.id.text()) continue;
        if (about.empty()) about = about_feed(participant);
        if (outgoing.about == about) continue;
        outgoing.about = about;
        member_.change([&, feed = id](auto& server, auto now) { server.change_feed(feed, about, now); });
    }
}

void FederatedRooms::end_outgoing(const std::string& room, const std::string& feed) {
    std::vector<federation::SubscriptionId> ended;
    for (const auto& [id, outgoing] : outgoing_)
        if (outgoing.room == room && outgoing.feed == feed) ended.push_back(id);
    for (const auto& id : ended) {
        const auto sender = outgoing_[id].sender;
        outgoing_.erase(id);
        if (sender) sender->close();
        member_.change([&](auto& server, auto now) { server.end_subscription(id, Reason::hangup, now); });
    }
}

void FederatedRooms::trunk_failed(const dht::NodeId& peer) {
    std::vector<federation::SubscriptionId> ended;
    for (const auto& [id, outgoing] : outgoing_)
        if (outgoing.peer == peer) ended.push_back(id);
    for (const auto& [id, incoming] : incoming_)
        if (const auto remote = incoming.participant.lock(); remote && remote->peer == peer)
            ended.push_back(id);
    for (const auto& id : ended) {
        member_.change(
            [&](auto& server, auto now) { server.end_subscription(id, Reason::trunk_failed, now); });
        on(federation::SubscriptionEnded{id, Reason::trunk_failed});
    }
}

Json FederatedRooms::crossings() const {
    Json list{json_array()};
    for (const auto& [id, outgoing] : outgoing_) {
        json_t* streams = json_array();
        for (const auto& [where, packets] : outgoing.sender->sent())
            json_array_append_new(streams, json_pack("{sisisI}", "mindex", where.first, "layer", where.second,
                                                     "packets", static_cast<json_int_t>(packets)));
        json_array_append_new(
            list.get(), json_pack("{sssssssO}", "room", outgoing.room.c_str(), "feed", outgoing.feed.c_str(),
                                  "peer", outgoing.peer.hex().c_str(), "streams", streams));
        json_decref(streams);
    }
    return list;
}

}  // namespace plugin
