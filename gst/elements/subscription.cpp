// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/elements/subscription.h"

#include <algorithm>
#include <utility>

#include "gst/elements/rtcp.h"
#include "gst/feed_wish.h"
#include "gst/init.h"

namespace elements {

using federation::Reason;

namespace {

/// Between two tries: a publisher that is restarted is found within a moment.
constexpr dht::Duration retry_delay = std::chrono::milliseconds{200};
constexpr dht::Duration report_every = std::chrono::seconds{1};

/// Publishers of streams send all that they have.
const std::string whole_stream = "{}";

std::string whole_feed(const gst::FeedDescription& feed) {
    return gst::to_text(gst::whole(feed), gst::pictures(feed));
}

std::uint32_t own_ssrc() {
    dht::SystemRandom chance;
    return static_cast<std::uint32_t>(chance.number());
}

}  // namespace

/// After the lane has been closed nothing comes any more.
class Subscription::FromPublisher final : public gst::LaneReceiver {
public:
    explicit FromPublisher(const std::shared_ptr<Subscription>& subscription)
        : subscription_(subscription), packet_(subscription->events_.packet) {}
    void receive(gst::PacketKind kind, std::uint8_t stream, std::span<const std::uint8_t> packet) override {
        // Kept alive for the call only, so that lane and subscription do not hold each other.
        if (const auto alive = subscription_.lock()) packet_(kind, stream, packet);
    }

private:
    const std::weak_ptr<Subscription> subscription_;
    const decltype(Events::packet) packet_;
};

Subscription::Subscription(Plan plan, Events events, std::weak_ptr<Station> station)
    : plan_(std::move(plan)), events_(std::move(events)), station_(std::move(station)), ssrc_(own_ssrc()) {}

void Subscription::notify(std::function<void(const Events&)> notice) {
    const auto station = station_.lock();
    if (!station) return;
    station->notices().post(
        [self = shared_from_this(), notice = std::move(notice)] { notice(self->events_); });
}

void Subscription::again(Member& member, dht::Duration delay, void (Subscription::*what)(Member&)) {
    const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(delay);
    member.loop().post_after(milliseconds, [weak = weak_from_this(), &member, what] {
        if (const auto self = weak.lock(); self && !self->stopped_) (self.get()->*what)(member);
    });
}

// --- From any thread -----------------------------------------------------------------------------

void Subscription::ask_keyframe(std::uint8_t mindex, std::uint32_t ssrc) {
    std::shared_ptr<gst::Lane> lane;
    {
        const std::lock_guard lock{mutex_};
        lane = lane_;
    }
    if (lane) lane->send(gst::PacketKind::rtcp, mindex, keyframe_request(ssrc_, ssrc));
}

gst::LaneStats Subscription::lane_stats() const {
    const std::lock_guard lock{mutex_};
    return lane_ ? lane_->stats() : gst::LaneStats{};
}

std::optional<dht::NodeId> Subscription::server() const {
    const std::lock_guard lock{mutex_};
    return server_;
}

// --- Finding it ----------------------------------------------------------------------------------

void Subscription::start(Member& member) {
    until_ = glib::now().time + plan_.patience;
    if (!plan_.feed.room.empty()) return member.enter(plan_.feed.room, shared_from_this());
    seek(member);
}

void Subscription::stop(Member& member) {
    if (std::exchange(stopped_, true)) return;
    close_lane();
    if (!plan_.feed.room.empty()) member.leave(plan_.feed.room, this);
    if (!subscription_.empty()) member.end(subscription_, Reason::hangup);
    subscription_.clear();
}

void Subscription::seek(Member& member) {
    if (!subscription_.empty() || given_up_) return;
    const auto& feed = plan_.feed;
    if (!feed.room.empty()) {
        if (!in_room_) return member.enter(feed.room, shared_from_this());
        member.remind(feed.room, *this);
        if (subscription_.empty()) missed(member, Reason::unknown_feed);
        return;
    }
    if (feed.server) return subscribe(member, {*feed.server, {}, feed.feed}, whole_stream);
    member.lookup(feed.feed, [weak = weak_from_this(), &member](const federation::StreamFound& event) {
        if (const auto self = weak.lock(); self && !self->stopped_) self->found(member, event);
    });
}

void Subscription::found(Member& member, const federation::StreamFound& event) {
    if (event.servers.empty())
        return missed(member, event.reason == Reason::none ? Reason::unknown_feed : event.reason);
    // The earliest; when it cannot be had, another of this name.
    subscribe(member, {event.servers.at(tries_ % event.servers.size()), {}, plan_.feed.feed}, whole_stream);
}

void Subscription::subscribe(Member& member, const federation::FeedAddress& feed, const std::string& wish) {
    if (!subscription_.empty()) return;
    wish_ = wish;
    subscription_ = member.subscribe(feed, wish, shared_from_this());
    const std::lock_guard lock{mutex_};
    server_ = feed.server;
}

void Subscription::entered(Member& member) {
    in_room_ = true;
    // If nobody shows up in time. Those who are there are told one by one.
    again(member, std::max(until_ - glib::now().time, retry_delay), &Subscription::nobody_came);
}

void Subscription::nobody_came(Member& member) {
    if (subscription_.empty() && !was_there_ && glib::now().time >= until_)
        missed(member, Reason::unknown_feed);
}

void Subscription::refused(Member& member, Reason reason) {
    in_room_ = false;
    missed(member, reason);
}

void Subscription::participant(Member& member, const dht::NodeId& server,
                               const federation::Participant& participant) {
    if (!subscription_.empty() || given_up_) return;
    const auto& feed = plan_.feed;
    if (feed.server && *feed.server != server) return;
    if (!feed.feed.empty() && feed.feed != participant.id) return;
    const auto about = gst::FeedDescription::parse(participant.about);
    if (!about || !about->publishes()) return;
    subscribe(member, {server, feed.room, participant.id}, whole_feed(*about));
}

// --- Having it -----------------------------------------------------------------------------------

void Subscription::proceeding(Member& member, const dht::NodeId& peer, federation::LaneId lane) {
    auto opened = member.open_lane(peer, lane, std::make_shared<FromPublisher>(shared_from_this()));
    const std::lock_guard lock{mutex_};
    lane_ = std::move(opened);
    server_ = peer;
}

void Subscription::accepted(Member& member, const std::string& about) {
    GST_DEBUG("accepted: %s", about.c_str());
    describe(member, about);
}

void Subscription::changed(Member& member, const std::string& about) {
    describe(member, about);
}

void Subscription::describe(Member& member, const std::string& about) {
    auto feed = FeedDescription::parse(about);
    if (!feed) {
        GST_WARNING("what is published cannot be understood: %s", feed.error().what.c_str());
        member.end(subscription_, Reason::protocol_error);
        return ended(member, Reason::protocol_error);
    }
    feed_ = *feed;
    if (!plan_.feed.room.empty()) {
        auto wish = whole_feed(*gst::FeedDescription::parse(about));
        if (wish != wish_) member.change_wish(subscription_, wish);
        wish_ = std::move(wish);
    }
    was_there_ = true;
    tries_ = 0;
    notify([told = *feed](const Events& events) { events.described(told); });
    if (plan_.bitrate_max > 0 && !std::exchange(reporting_, true)) report_bitrate(member);
}

void Subscription::trunk_up(Member& /*member*/) {
    if (feed_)
        for (const auto& stream : feed_->streams)
            if (stream.video) ask_keyframe(stream.mindex, 0);
}

void Subscription::report_bitrate(Member& member) {
    std::shared_ptr<gst::Lane> lane;
    {
        const std::lock_guard lock{mutex_};
        lane = lane_;
    }
    if (lane && feed_)
        for (const auto& stream : feed_->streams)
            if (stream.video)
                lane->send(gst::PacketKind::rtcp, stream.mindex, bitrate_report(ssrc_, 0, plan_.bitrate_max));
    again(member, report_every, &Subscription::report_bitrate);
}

void Subscription::close_lane() {
    std::shared_ptr<gst::Lane> closed;  // let go outside the lock: it waits for a packet in progress
    const std::lock_guard lock{mutex_};
    closed.swap(lane_);
}

void Subscription::ended(Member& member, Reason reason) {
    GST_DEBUG("ended: %s", federation::word(reason).data());
    close_lane();
    subscription_.clear();
    const bool over = feed_ && feed_->ended;
    if (std::exchange(feed_, std::nullopt)) {
        until_ = glib::now().time + plan_.reconnect_for;
        if (over) return;  // nobody waits for more
        notify([reason](const Events& events) { events.interrupted(reason); });
    }
    missed(member, reason);
}

void Subscription::missed(Member& member, Reason reason) {
    if (given_up_) return;
    ++tries_;
    if (!is_final(reason) && glib::now().time < until_)
        return again(member, retry_delay, &Subscription::seek);
    given_up_ = true;
    notify([reason](const Events& events) { events.failed(reason); });
}

}  // namespace elements
