// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/elements/publication.h"

#include <algorithm>
#include <utility>

#include "gst/init.h"

namespace elements {

using federation::FeedWanted;
using federation::Reason;

namespace {

constexpr std::uint8_t mindex_bits = 0x3f;  // of the lane header's stream (docs/trunk.md §2)
constexpr GstClockTime report_every = GST_SECOND;
constexpr std::size_t packet_bytes_max = gst::TrunkConfig{}.packet_bytes_max;

std::string new_cname() {
    dht::SystemRandom chance;
    return chance.node_id().hex().substr(0, 16);
}

/// RFC 3550 §4: seconds since 1900, and fractions.
std::uint64_t ntp_of(std::int64_t microseconds) {
    constexpr std::uint64_t epochs = 2'208'988'800, million = 1'000'000;
    const auto time = static_cast<std::uint64_t>(microseconds);
    return (time / million + epochs) << 32U | ((time % million) << 32U) / million;
}

}  // namespace

/// What one viewer says in its lane, on the trunk's thread: kept until the loop has time for it, so that who
/// asks a thousand times is heard once.
class Publication::FromViewer final : public gst::LaneReceiver {
public:
    FromViewer(std::weak_ptr<Publication> publication, std::string viewer)
        : publication_(std::move(publication)),
          state_(std::make_shared<State>()),
          viewer_(std::move(viewer)) {}

    void receive(gst::PacketKind kind, std::uint8_t stream, std::span<const std::uint8_t> packet) override {
        if (kind != gst::PacketKind::rtcp) return;
        const auto feedback = read_feedback(packet);
        if (feedback.keyframe) state_->keyframes |= std::uint64_t{1} << (stream & mindex_bits);
        if (feedback.bitrate) state_->bitrate = std::max<std::uint64_t>(*feedback.bitrate, 1);
        if (!feedback.keyframe && !feedback.bitrate) return;
        if (state_->posted.exchange(true)) return;
        const auto publication = publication_.lock();
        if (!publication) return;
        publication->post([state = state_, viewer = viewer_](Publication& self, Member& member) {
            state->posted = false;
            self.heard(member, viewer, state->keyframes.exchange(0), state->bitrate.exchange(0));
        });
    }

private:
    struct State {
        std::atomic<bool> posted = false;
        std::atomic<std::uint64_t> keyframes = 0, bitrate = 0;
    };
    const std::weak_ptr<Publication> publication_;
    const std::shared_ptr<State> state_;
    const std::string viewer_;
};

Publication::Publication(Plan plan, Events events, std::weak_ptr<Station> station)
    : plan_(std::move(plan)),
      events_(std::move(events)),
      station_(std::move(station)),
      cname_(new_cname()),
      bitrate_(plan_.bitrate.first),
      target_(plan_.bitrate) {
    feed_.display = plan_.display;
    feed_.repairs = plan_.repairs;
}

void Publication::post(std::function<void(Publication&, Member&)> task) {
    const auto station = station_.lock();
    if (!station) return;
    station->post([weak = weak_from_this(), task = std::move(task)](Member& member) {
        if (const auto self = weak.lock(); self && !self->stopped_) task(*self, member);
    });
}

void Publication::notify(std::function<void(const Events&)> notice) {
    const auto station = station_.lock();
    if (!station) return;
    station->notices().post(
        [self = shared_from_this(), notice = std::move(notice)] { notice(self->events_); });
}

// --- Media ---------------------------------------------------------------------------------------

void Publication::expect(std::uint8_t mindex) {
    const std::lock_guard lock{mutex_};
    expected_.insert(mindex);
}

void Publication::describe(const StreamDescription& stream) {
    {
        const std::lock_guard lock{mutex_};
        const auto same = std::ranges::find(feed_.streams, stream.mindex, &StreamDescription::mindex);
        if (same != feed_.streams.end() && *same == stream) return;
        if (same != feed_.streams.end())
            *same = stream;
        else
            feed_.streams.push_back(stream);
        std::ranges::sort(feed_.streams, {}, &StreamDescription::mindex);
    }
    post([](Publication& self, Member& member) { self.described(member); });
}

void Publication::forget(std::uint8_t mindex) {
    {
        const std::lock_guard lock{mutex_};
        expected_.erase(mindex);
        sent_.at(mindex) = {};
        std::erase_if(feed_.streams, [mindex](const auto& stream) { return stream.mindex == mindex; });
    }
    post([](Publication& self, Member& member) { self.described(member); });
}

void Publication::end_of_stream() {
    {
        const std::lock_guard lock{mutex_};
        if (std::exchange(feed_.ended, true)) return;
    }
    post([](Publication& self, Member& member) { self.described(member); });
}

void Publication::packet(std::uint8_t mindex, GstBuffer* buffer, GstClockTime age) {
    constexpr std::size_t header_bytes = 12;
    const std::size_t size = gst_buffer_get_size(buffer);
    if (size > packet_bytes_max) {
        if (too_big_++ == 0)
            GST_WARNING("packets of %zu octets do not fit into a lane: let the payloader's mtu be %d", size,
                        1200);
        return;
    }
    if (size < header_bytes) return;
    std::vector<std::uint8_t> octets(size);
    gst_buffer_extract(buffer, 0, octets.data(), size);
    {
        const std::lock_guard lock{mutex_};
        Sent& sent = sent_.at(mindex);
        ++sent.packets;
        sent.octets += static_cast<std::uint32_t>(size - header_bytes);
        report(mindex, sent, octets, age);
    }
    fanout_.push(gst::PacketKind::rtp, mindex, std::move(octets));
}

void Publication::report(std::uint8_t mindex, Sent& sent, std::span<const std::uint8_t> packet,
                         GstClockTime age) {
    const auto now = gst_util_get_timestamp();
    const unsigned round = report_round_;
    if (GST_CLOCK_TIME_IS_VALID(sent.reported_at) && now - sent.reported_at < report_every &&
        sent.reported == round)
        return;
    sent.reported_at = now;
    sent.reported = round;
    const auto taken = g_get_real_time() - static_cast<std::int64_t>(age / 1000);
    SenderReport report;
    report.ssrc = GST_READ_UINT32_BE(&packet[8]);
    report.timestamp = GST_READ_UINT32_BE(&packet[4]);
    report.ntp = ntp_of(taken);
    report.packets = sent.packets;
    report.octets = sent.octets;
    fanout_.push(gst::PacketKind::rtcp, mindex, encode(report, cname_));
}

bool Publication::complete() const {
    const std::lock_guard lock{mutex_};
    return !expected_.empty() && std::ranges::all_of(expected_, [this](std::uint8_t mindex) {
        return std::ranges::find(feed_.streams, mindex, &StreamDescription::mindex) != feed_.streams.end();
    });
}

std::string Publication::about() const {
    const std::lock_guard lock{mutex_};
    return feed_.json();
}

PublicationStats Publication::stats() const {
    PublicationStats stats{fanout_.stats(), too_big_, bitrate_, {}};
    std::map<std::string, dht::NodeId> watching;
    {
        const std::lock_guard lock{mutex_};
        watching = watching_;
    }
    for (const auto& [viewer, server] : watching)
        stats.viewers.push_back({viewer, server, fanout_.lane_stats(viewer)});
    return stats;
}

// --- On the loop ---------------------------------------------------------------------------------

void Publication::start(Member& member) {
    if (!member.offer(plan_.stream, shared_from_this())) return refused(member, Reason::name_taken);
    if (!plan_.room.empty()) member.enter(plan_.room, shared_from_this());
}

void Publication::stop(Member& member) {
    if (std::exchange(stopped_, true)) return;
    member.withdraw(plan_.stream);
    if (in_room_) member.remove_participant(plan_.room, plan_.stream);
    if (!plan_.room.empty()) member.leave(plan_.room, this);
    for (const auto& viewer : std::exchange(viewers_, {})) left(member, viewer.first, Reason::none);
}

void Publication::offered(Member& member) {
    notify([id = member.id(), at = member.dht_endpoint().to_string()](const Events& events) {
        events.published(id, at);
    });
}

void Publication::refused(Member& /*member*/, Reason reason) {
    notify([reason](const Events& events) { events.refused(reason); });
}

void Publication::entered(Member& member) {
    in_room_ = true;
    take_part(member);
}

void Publication::take_part(Member& member) {
    if (!in_room_ || !complete()) return;
    const federation::Participant participant{plan_.stream, plan_.display, about()};
    if (!member.set_participant(plan_.room, participant, shared_from_this()))
        refused(member, Reason::name_taken);
}

void Publication::wanted(Member& member, const FeedWanted& feed) {
    if (stopped_) return member.end(feed.subscription, Reason::unknown_feed);
    if (viewers_.size() >= plan_.viewers_max) return member.end(feed.subscription, Reason::too_many);
    viewers_[feed.subscription] = {feed.peer};
    GST_DEBUG("%s wants %s, %s", feed.peer.hex().c_str(), plan_.stream.c_str(),
              complete() ? "which is there" : "which is not there yet");
    if (!complete()) return waiting_.push_back(feed);
    decide(member, feed);
}

void Publication::described(Member& member) {
    take_part(member);
    if (!complete()) return;
    for (const auto& [id, viewer] : viewers_)
        if (viewer.admitted) member.change(id, about());
    for (const auto& feed : std::exchange(waiting_, {}))
        if (viewers_.contains(feed.subscription)) decide(member, feed);
}

void Publication::decide(Member& /*member*/, const FeedWanted& feed) {
    const auto station = station_.lock();
    if (!station) return;
    station->notices().post([self = shared_from_this(), feed] {
        const bool admits = self->events_.admits(feed.subscription, feed.peer);
        self->post([feed, admits](Publication& publication, Member& member) {
            if (!publication.viewers_.contains(feed.subscription)) return;
            if (admits) return publication.admit(member, feed);
            publication.viewers_.erase(feed.subscription);
            member.end(feed.subscription, Reason::declined);
        });
    });
}

void Publication::admit(Member& member, const FeedWanted& feed) {
    auto lane = member.open_lane(feed.peer, feed.lane,
                                 std::make_shared<FromViewer>(weak_from_this(), feed.subscription));
    if (!lane) {
        viewers_.erase(feed.subscription);
        return member.end(feed.subscription, Reason::too_many);
    }
    viewers_[feed.subscription].admitted = true;
    {
        const std::lock_guard lock{mutex_};
        watching_[feed.subscription] = feed.peer;
    }
    fanout_.add(feed.subscription, std::move(lane));
    member.accept(feed.subscription, about());
    GST_DEBUG("%s is admitted: %s", feed.peer.hex().c_str(), about().c_str());
    ++report_round_;
    if (member.is_up(feed.peer)) ask_keyframes(member);
    notify([feed](const Events& events) { events.added(feed.subscription, feed.peer); });
}

void Publication::left(Member& /*member*/, const federation::SubscriptionId& viewer, Reason /*reason*/) {
    viewers_.erase(viewer);
    fanout_.remove(viewer);
    target_.left(viewer);
    std::optional<dht::NodeId> server;
    {
        const std::lock_guard lock{mutex_};
        if (const auto gone = watching_.extract(viewer)) server = gone.mapped();
    }
    if (server) GST_DEBUG("viewer %s has left", server->hex().c_str());
    if (server) notify([viewer, id = *server](const Events& events) { events.removed(viewer, id); });
}

void Publication::trunk_up(Member& member, const dht::NodeId& /*peer*/) {
    ++report_round_;
    ask_keyframes(member);
}

void Publication::heard(Member& member, const std::string& viewer, std::uint64_t keyframes,
                        std::uint64_t bitrate) {
    if (!viewers_.contains(viewer)) return;
    for (std::uint8_t mindex = 0; mindex < streams_max; ++mindex)
        if ((keyframes >> mindex & 1U) != 0) ask_keyframe(member, mindex);
    if (bitrate == 0) return;
    target_.reported(viewer, bitrate, glib::now().time);
    follow(member);
}

void Publication::follow(Member& member) {
    if (const auto target = target_.change(glib::now().time)) {
        bitrate_ = *target;
        notify([bits = *target](const Events& events) { events.bitrate(bits); });
    }
    if (!target_.is_moving() || std::exchange(following_, true)) return;
    member.loop().post_after(BitrateTarget::growth_period, [weak = weak_from_this(), &member] {
        const auto self = weak.lock();
        if (!self) return;
        self->following_ = false;
        if (!self->stopped_) self->follow(member);
    });
}

void Publication::ask_keyframes(Member& member) {
    std::vector<std::uint8_t> videos;
    {
        const std::lock_guard lock{mutex_};
        for (const auto& stream : feed_.streams)
            if (stream.video) videos.push_back(stream.mindex);
    }
    for (const auto mindex : videos) ask_keyframe(member, mindex);
}

void Publication::ask_keyframe(Member& member, std::uint8_t mindex) {
    auto& limit = keyframes_[mindex];
    const auto now = glib::now().time;
    const bool held = limit.due().has_value();
    if (limit.ask(now)) return notify([mindex](const Events& events) { events.keyframe(mindex); });
    if (held) return;
    const auto delay = std::chrono::ceil<std::chrono::milliseconds>(*limit.due() - now);
    member.loop().post_after(delay, [weak = weak_from_this(), &member, mindex] {
        const auto self = weak.lock();
        if (self && !self->stopped_ && self->keyframes_[mindex].due()) self->ask_keyframe(member, mindex);
    });
}

}  // namespace elements
