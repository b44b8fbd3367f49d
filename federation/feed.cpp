// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/feed.h"

#include <utility>

namespace federation {

Feed::Feed(Role role, SubscriptionId id, const dht::NodeId& peer, FeedAddress address, LaneId lane,
           const Config& config)
    : role_(role),
      id_(std::move(id)),
      peer_(peer),
      address_(std::move(address)),
      lane_(lane),
      config_(&config),
      state_(role == Role::subscriber ? State::reaching : State::offered) {}

Feed Feed::outgoing(const SubscriptionId& id, const FeedAddress& address, LaneId lane, std::string wish,
                    bool link_up, const Config& config, dht::Time now, FeedOutput& output) {
    Feed feed{Role::subscriber, id, address.server, address, lane, config};
    feed.wish_ = std::move(wish);
    feed.deadline_ = now + config.lookup_timeout + config.dial_timeout;
    output.tell.emplace_back(SubscriptionProceeding{id, address.server, lane});
    if (link_up) feed.on(LinkUp{}, now, output);
    return feed;
}

Feed Feed::incoming(Subscribe request, const dht::NodeId& peer, const dht::NodeId& self, const Config& config,
                    dht::Time now, FeedOutput& output) {
    const FeedAddress address{self, std::move(request.room), std::move(request.feed)};
    Feed feed{Role::publisher, request.subscription, peer, address, request.lane, config};
    feed.deadline_ = now + config.answer_timeout;
    output.tell.emplace_back(
        FeedWanted{request.subscription, peer, request.lane, address, std::move(request.wish)});
    return feed;
}

FeedOutput Feed::step(const FeedInput& input, dht::Time now) {
    FeedOutput output;
    if (!over()) std::visit([&](const auto& happened) { on(happened, now, output); }, input);
    return output;
}

// ---- The connection

void Feed::on(const LinkUp& /*up*/, dht::Time now, FeedOutput& output) {
    if (!is(Role::subscriber, State::reaching)) return;
    state_ = State::asking;
    deadline_ = now + config_->answer_timeout;
    wished_ = *std::exchange(wish_, std::nullopt);
    output.send.emplace_back(request());
}

void Feed::on(const LinkDown& /*down*/, dht::Time /*now*/, FeedOutput& output) {
    fail(Reason::server_unreachable, output);
}

void Feed::on(const LinkFailed& failed, dht::Time /*now*/, FeedOutput& output) {
    if (is(Role::subscriber, State::reaching)) fail(failed.reason, output);
}

void Feed::on(const PeerRestarted& /*restarted*/, dht::Time /*now*/, FeedOutput& output) {
    if (state_ == State::reaching) return;
    // The request may have been for the one before or the one after: who has it ignores the second.
    if (state_ == State::asking) return output.send.emplace_back(request()), void();
    output.tell.emplace_back(SubscriptionEnded{id_, Reason::server_unreachable});
    finish();
}

void Feed::on(const PeerExpelled& /*expelled*/, dht::Time /*now*/, FeedOutput& output) {
    fail(Reason::not_a_member, output);
}

void Feed::on(const DeadlinePassed& /*passed*/, dht::Time now, FeedOutput& output) {
    if (!deadline_ || now < *deadline_) return;
    fail(state_ == State::reaching ? Reason::server_unreachable : Reason::timeout, output);
}

// ---- The floor above

void Feed::on(const AcceptFeed& accept, dht::Time /*now*/, FeedOutput& output) {
    if (!is(Role::publisher, State::offered)) return;
    state_ = State::up;
    deadline_.reset();
    output.send.emplace_back(Subscribed{id_, accept.about});
}

void Feed::on(const DescribeFeed& describe, dht::Time /*now*/, FeedOutput& output) {
    if (is(Role::publisher, State::up)) output.send.emplace_back(FeedChanged{id_, describe.about});
}

void Feed::on(const WishOther& other, dht::Time /*now*/, FeedOutput& output) {
    if (state_ == State::reaching || state_ == State::asking) wish_ = other.wish;
    if (is(Role::subscriber, State::up)) output.send.emplace_back(Wish{id_, other.wish});
}

void Feed::on(const EndFeed& end, dht::Time /*now*/, FeedOutput& output) {
    output.send.emplace_back(Unsubscribe{id_, end.reason});
    finish();
}

// ---- The other side

void Feed::on(const Subscribed& subscribed, dht::Time /*now*/, FeedOutput& output) {
    if (!is(Role::subscriber, State::asking)) return;
    state_ = State::up;
    deadline_.reset();
    wished_.clear();
    output.tell.emplace_back(SubscriptionAccepted{id_, subscribed.about});
    if (wish_) output.send.emplace_back(Wish{id_, std::move(*wish_)});
    wish_.reset();
}

void Feed::on(const Wish& wish, dht::Time /*now*/, FeedOutput& output) {
    if (is(Role::publisher, State::up)) output.tell.emplace_back(SubscriptionWish{id_, wish.wish});
}

void Feed::on(const FeedChanged& changed, dht::Time /*now*/, FeedOutput& output) {
    if (is(Role::subscriber, State::up)) output.tell.emplace_back(SubscriptionChanged{id_, changed.about});
}

void Feed::on(const Unsubscribe& unsubscribe, dht::Time /*now*/, FeedOutput& output) {
    output.tell.emplace_back(SubscriptionEnded{id_, unsubscribe.reason});
    finish();
}

Subscribe Feed::request() const {
    return {id_, address_.room, address_.feed, lane_, wished_};
}

void Feed::fail(Reason reason, FeedOutput& output) {
    output.send.emplace_back(Unsubscribe{id_, reason});
    output.tell.emplace_back(SubscriptionEnded{id_, reason});
    finish();
}

void Feed::finish() {
    state_ = State::over;
    deadline_.reset();
}

}  // namespace federation
