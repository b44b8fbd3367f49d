// SPDX-License-Identifier: LGPL-2.1-or-later
// Streams that are offered here, and the feeds that cross between this server and others.
#include <algorithm>
#include <utility>
#include <vector>

#include "federation/record_value.h"
#include "federation/server_state.h"

namespace federation {

// ---- For the floor above: streams

void Server::offer_stream(const std::string& stream, dht::Now now) {
    auto& s = *state_;
    const auto refusal = s.stopping                                      ? Reason::shutting_down
                         : s.draining                                    ? Reason::draining
                         : !valid_label(stream)                          ? Reason::invalid_name
                         : s.streams.size() >= s.config.caps.streams_max ? Reason::too_many
                                                                         : Reason::none;
    if (refusal != Reason::none) {
        s.events.emplace_back(StreamRefused{stream, refusal});
    } else if (s.streams.insert(stream).second) {
        const StreamValue value{s.config.signalling, in_milliseconds(now.date)};
        s.bulletin.publish(stream_kind, stream, encode(value), now);
    }
    s.settle(now);
}

void Server::State::offer_streams_again(dht::Now now) {
    if (draining) return;
    const StreamValue value{config.signalling, in_milliseconds(now.date)};
    for (const auto& stream : streams) bulletin.publish(stream_kind, stream, encode(value), now);
}

void Server::withdraw_stream(const std::string& stream, dht::Now now) {
    auto& s = *state_;
    if (s.streams.erase(stream) == 0) return;
    s.bulletin.withdraw(stream_kind, stream, now);
    std::vector<SubscriptionId> ended;
    for (const auto& [id, feed] : s.feeds) {
        const bool here = feed.role() == Feed::Role::publisher;
        if (here && feed.address().room.empty() && feed.address().feed == stream) ended.push_back(id);
    }
    for (const auto& id : ended) {
        s.step_feed(id, EndFeed{Reason::unknown_feed}, now);
        s.events.emplace_back(SubscriptionEnded{id, Reason::unknown_feed});
    }
    s.settle(now);
}

std::uint64_t Server::lookup_stream(const std::string& stream, dht::Now now) {
    auto& s = *state_;
    const auto lookup = ++s.lookups;
    if (valid_label(stream) && !s.stopping) {
        s.stream_finds[s.bulletin.find(stream_kind, stream, now)] = {lookup, stream};
    } else {
        s.events.emplace_back(StreamFound{lookup, stream, {}, Reason::unknown_feed});
    }
    s.settle(now);
    return lookup;
}

// ---- For the floor above: subscriptions

SubscriptionId Server::subscribe(const FeedAddress& feed, std::string wish, dht::Now now) {
    auto& s = *state_;
    auto id = random_hex<16>(s.random);
    const bool sound = valid_label(feed.feed) && (feed.room.empty() || valid_label(feed.room));
    const auto refusal = s.stopping                                             ? Reason::shutting_down
                         : !sound                                               ? Reason::unknown_feed
                         : !wish.empty() && !valid_object(wish, wish_bytes_max) ? Reason::protocol_error
                         : s.feeds.size() >= s.config.caps.subscriptions_max    ? Reason::too_many
                                                                                : Reason::none;
    if (refusal != Reason::none) {
        s.events.emplace_back(SubscriptionEnded{id, refusal});
        return id;
    }
    const auto& peer = feed.server;
    s.reach(peer, {}, now);
    FeedOutput output;
    const bool link_up = peer == s.self || s.links.is_up(peer);
    auto begun = Feed::outgoing(id, feed, s.lanes.allocate(peer), std::move(wish), link_up, s.config,
                                now.time, output);
    s.add_feed(id, std::move(begun), std::move(output), now);
    s.settle(now);
    return id;
}

void Server::change_wish(const SubscriptionId& subscription, std::string wish, dht::Now now) {
    if (!wish.empty() && !valid_object(wish, wish_bytes_max)) return;
    state_->step_feed(subscription, WishOther{std::move(wish)}, now);
    state_->settle(now);
}

void Server::accept_subscription(const SubscriptionId& subscription, std::string about, dht::Now now) {
    if (!about.empty() && !valid_object(about, about_bytes_max)) about.clear();
    state_->step_feed(subscription, AcceptFeed{std::move(about)}, now);
    state_->settle(now);
}

void Server::change_feed(const SubscriptionId& subscription, std::string about, dht::Now now) {
    if (!about.empty() && !valid_object(about, about_bytes_max)) return;
    state_->step_feed(subscription, DescribeFeed{std::move(about)}, now);
    state_->settle(now);
}

void Server::end_subscription(const SubscriptionId& subscription, Reason reason, dht::Now now) {
    state_->step_feed(subscription, EndFeed{reason}, now);
    state_->settle(now);
}

std::size_t Server::subscriptions() const {
    return state_->feeds.size();
}

// ---- What becomes of them

void Server::State::stream_found(const Bulletin::Found& found) {
    const auto entry = stream_finds.find(found.find);
    if (entry == stream_finds.end()) return;
    const auto [lookup, stream] = std::move(entry->second);
    stream_finds.erase(entry);
    std::vector<std::pair<std::uint64_t, dht::NodeId>> offers;
    for (const auto& record : found.records.value_or(std::vector<dht::Record>{})) {
        const auto value = decode_stream(dht::view(record.value));
        if (value) offers.emplace_back(value->since, record.publisher_id());
    }
    std::ranges::sort(offers);
    StreamFound told{lookup, stream, {}, Reason::none};
    if (streams.contains(stream)) told.servers.push_back(self);  // nearest of all
    for (const auto& [since, server] : offers) told.servers.push_back(server);
    if (told.servers.empty()) {
        told.reason = found.records ? Reason::unknown_feed : Reason::server_unreachable;
    }
    events.emplace_back(std::move(told));
}

void Server::State::add_feed(const SubscriptionId& id, Feed feed, FeedOutput output, dht::Now now) {
    const auto peer = feed.peer();
    if (feed.role() == Feed::Role::publisher) ++feeds_to[peer];
    const auto entry = feeds.emplace(id, std::move(feed)).first;
    use(peer, 1, now);
    carry_out(peer, std::move(output), now);
    settle_feed(entry, now);
}

void Server::State::step_feed(const SubscriptionId& id, const FeedInput& input, dht::Now now) {
    const auto entry = feeds.find(id);
    if (entry == feeds.end()) return;
    carry_out(entry->second.peer(), entry->second.step(input, now.time), now);
    settle_feed(entry, now);
}

void Server::State::step_feeds(const dht::NodeId& peer, const FeedInput& input, dht::Now now) {
    std::vector<SubscriptionId> ids;
    for (const auto& [id, feed] : feeds) {
        if (feed.peer() == peer) ids.push_back(id);
    }
    for (const auto& id : ids) step_feed(id, input, now);
}

void Server::State::carry_out(const dht::NodeId& peer, FeedOutput output, dht::Now now) {
    for (auto& message : output.send) send(peer, std::move(message), now);
    for (auto& event : output.tell) events.push_back(std::move(event));
}

void Server::State::settle_feed(std::map<SubscriptionId, Feed>::iterator entry, dht::Now now) {
    const auto& [id, feed] = *entry;
    if (feed.deadline()) {
        feed_deadlines.set(id, *feed.deadline());
    } else {
        feed_deadlines.clear(id);
    }
    if (!feed.over()) return;
    const auto peer = feed.peer();
    lanes.release(peer, feed.lane());
    if (feed.role() == Feed::Role::publisher && --feeds_to[peer] == 0) feeds_to.erase(peer);
    feeds.erase(entry);
    use(peer, -1, now);
}

// ---- Messages of a peer

void Server::State::on_message(const dht::NodeId& peer, const Subscribe& request, dht::Now now) {
    const auto refuse = [&](Reason reason) { send(peer, Unsubscribe{request.subscription, reason}, now); };
    const auto known = feeds.find(request.subscription);
    const bool again = known != feeds.end() && known->second.peer() == peer &&
                       known->second.role() == Feed::Role::publisher && known->second.lane() == request.lane;
    if (again) return;  // sent once more
    if (const auto reason = refusal(peer, request); reason != Reason::none) return refuse(reason);
    if (known != feeds.end() || !lanes.take(peer, request.lane)) {
        note(peer.hex() + ": a subscription with an id or lane that is not its own", true);
        return refuse(Reason::protocol_error);
    }
    FeedOutput output;
    auto feed = Feed::incoming(request, peer, self, config, now.time, output);
    add_feed(request.subscription, std::move(feed), std::move(output), now);
}

Reason Server::State::refusal(const dht::NodeId& peer, const Subscribe& request) const {
    if (stopping) return Reason::shutting_down;
    if (request.room.empty()) {
        if (!streams.contains(request.feed)) return Reason::unknown_feed;
    } else {
        const auto* room = rooms.find(request.room);
        if (!room || (peer != self && !room->has(peer))) return Reason::not_in_room;
        const auto* participant = room->own().find(request.feed);
        if (!participant || participant->about.empty()) return Reason::unknown_feed;
    }
    const auto found = feeds_to.find(peer);
    const bool too_many_of_peer =
        found != feeds_to.end() && found->second >= config.caps.subscriptions_of_peer_max;
    return too_many_of_peer || feeds.size() >= config.caps.subscriptions_max ? Reason::too_many
                                                                             : Reason::none;
}

bool Server::State::knows_feed(const dht::NodeId& peer, const SubscriptionId& id, bool goodbye,
                               dht::Now now) {
    const auto feed = feeds.find(id);
    if (feed != feeds.end() && feed->second.peer() == peer) return true;
    if (feed != feeds.end()) note(peer.hex() + ": a message for a subscription of others", true);
    if (!goodbye) send(peer, Unsubscribe{id, Reason::unknown_feed}, now);
    return false;
}

}  // namespace federation
