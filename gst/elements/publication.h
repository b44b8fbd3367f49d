// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "gst/elements/bitrate.h"
#include "gst/elements/description.h"
#include "gst/elements/fanout.h"
#include "gst/elements/keyframe_limit.h"
#include "gst/elements/member.h"
#include "gst/elements/rtcp.h"
#include "gst/elements/station.h"

namespace elements {

struct ViewerStats {
    std::string viewer;
    dht::NodeId server;
    gst::LaneStats lane;
};
struct PublicationStats {
    FanoutStats media;
    std::uint64_t too_big = 0;  ///< packets that no lane takes
    std::uint64_t bitrate = 0;  ///< what encoders are told, in all
    std::vector<ViewerStats> viewers;
};

/// One feed as it is published: what its streams are, who watches, and what they ask for. What is put into it
/// comes from streaming threads; who watches is known on the station's loop.
class Publication final : public Publisher,
                          public Attendant,
                          public std::enable_shared_from_this<Publication> {
public:
    struct Plan {
        std::string stream;
        std::string room{};     ///< empty: none
        std::string display{};  ///< for people
        std::size_t viewers_max = 0;
        bool repairs = true;
        BitrateTarget::Bounds bitrate{};
    };
    /// Called on the station's thread of notices.
    struct Events {
        std::function<void(const dht::NodeId& self, const std::string& bootstrap)> published;
        std::function<void(federation::Reason)> refused;
        std::function<bool(const std::string& viewer, const dht::NodeId& server)> admits;
        std::function<void(const std::string&viewer, const dht::NodeId&server)> added, removed;
        std::function<void(std::uint8_t mindex)> keyframe;
        std::function<void(std::uint64_t)> bitrate;
    };
    Publication(Plan plan, Events events, std::weak_ptr<Station> station);

    // From any thread.
    /// There will be a stream of this number: who wants to watch waits until it is described.
    void expect(std::uint8_t mindex);
    void describe(const StreamDescription& stream);
    void forget(std::uint8_t mindex);
    /// Viewers need not wait for more.
    void end_of_stream();
    /// An RTP packet, and how long ago its first sample was taken.
    void packet(std::uint8_t mindex, GstBuffer* buffer, GstClockTime age);
    [[nodiscard]] PublicationStats stats() const;

    // On the loop.
    void start(Member& member);
    void stop(Member& member);

private:
    class FromViewer;
    struct Viewer {
        dht::NodeId server;
        bool admitted = false;
    };
    /// What goes out as one stream.
    struct Sent {
        std::uint32_t packets = 0, octets = 0;
        GstClockTime reported_at = GST_CLOCK_TIME_NONE;
        unsigned reported = 0;  ///< the round in which it was
    };

    void offered(Member& member) override;
    void refused(Member& member, federation::Reason reason) override;
    void wanted(Member& member, const federation::FeedWanted& feed) override;
    void left(Member& member, const federation::SubscriptionId& viewer, federation::Reason reason) override;
    void trunk_up(Member& member, const dht::NodeId& peer) override;
    void entered(Member& member) override;

    void decide(Member& member, const federation::FeedWanted& feed);
    void admit(Member& member, const federation::FeedWanted& feed);
    void described(Member& member);
    void ask_keyframe(Member& member, std::uint8_t mindex);
    void ask_keyframes(Member& member);
    void heard(Member& member, const std::string& viewer, std::uint64_t keyframes, std::uint64_t bitrate);
    /// Tells the encoders what all viewers can receive, now and as long as that moves.
    void follow(Member& member);
    void take_part(Member& member);

    [[nodiscard]] bool complete() const;
    [[nodiscard]] std::string about() const;
    void post(std::function<void(Publication&, Member&)> task);
    void notify(std::function<void(const Events&)> notice);
    void report(std::uint8_t mindex, Sent& sent, std::span<const std::uint8_t> packet, GstClockTime age);

    const Plan plan_;
    const Events events_;
    const std::weak_ptr<Station> station_;
    const std::string cname_;

    mutable std::mutex mutex_;  ///< guards what follows
    std::set<std::uint8_t> expected_;
    FeedDescription feed_;
    std::array<Sent, streams_max> sent_{};
    std::map<std::string, dht::NodeId> watching_;

    std::atomic<unsigned> report_round_ = 1;  ///< somebody has come, who has heard no report
    std::atomic<std::uint64_t> too_big_ = 0, bitrate_ = 0;
    Fanout fanout_;

    // On the loop.
    std::map<std::string, Viewer> viewers_;
    std::vector<federation::FeedWanted> waiting_;  ///< until the streams are described
    std::map<std::uint8_t, KeyframeLimit> keyframes_;
    BitrateTarget target_;
    bool following_ = false;
    bool in_room_ = false, stopped_ = false;
};

}  // namespace elements
