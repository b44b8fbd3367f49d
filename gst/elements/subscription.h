// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gst/elements/description.h"
#include "gst/elements/member.h"
#include "gst/elements/station.h"
#include "gst/feed_uri.h"

namespace elements {

/// One feed as it is watched: found, asked for, and asked for again when it went away, since publishers are
/// restarted and networks fail.
class Subscription final : public Subscriber,
                           public Attendant,
                           public std::enable_shared_from_this<Subscription> {
public:
    struct Plan {
        gst::FeedUri feed;
        dht::Duration patience = std::chrono::seconds{5};        ///< until it is there for the first time
        dht::Duration reconnect_for = std::chrono::seconds{60};  ///< after it went away
        std::uint64_t bitrate_max = 0;  ///< bit/s that the publisher is told; 0: nothing
        bool repairs = true;
        std::string display{};
    };
    struct Events {
        // On the station's thread of notices.
        std::function<void(const FeedDescription&)> described;
        std::function<void(federation::Reason)> interrupted;  ///< and sought again
        std::function<void(federation::Reason)> failed;       ///< given up
        /// On the trunk's thread; shall return soon.
        std::function<void(gst::PacketKind, std::uint8_t stream, std::span<const std::uint8_t>)> packet;
    };
    Subscription(Plan plan, Events events, std::weak_ptr<Station> station);

    // From any thread.
    void ask_keyframe(std::uint8_t mindex, std::uint32_t ssrc);
    [[nodiscard]] gst::LaneStats lane_stats() const;
    [[nodiscard]] std::optional<dht::NodeId> server() const;

    // On the loop.
    void start(Member& member);
    void stop(Member& member);

private:
    class FromPublisher;

    void proceeding(Member& member, const dht::NodeId& peer, federation::LaneId lane) override;
    void accepted(Member& member, const std::string& about) override;
    void changed(Member& member, const std::string& about) override;
    void ended(Member& member, federation::Reason reason) override;
    void trunk_up(Member& member) override;
    void entered(Member& member) override;
    void refused(Member& member, federation::Reason reason) override;
    void participant(Member& member, const dht::NodeId& server,
                     const federation::Participant& participant) override;

    void seek(Member& member);
    void found(Member& member, const federation::StreamFound& event);
    void subscribe(Member& member, const federation::FeedAddress& feed, const std::string& wish);
    void nobody_came(Member& member);
    void missed(Member& member, federation::Reason reason);
    void describe(Member& member, const std::string& about);
    void report_bitrate(Member& member);
    void close_lane();
    void again(Member& member, dht::Duration delay, void (Subscription::*what)(Member&));
    void notify(std::function<void(const Events&)> notice);

    const Plan plan_;
    const Events events_;
    const std::weak_ptr<Station> station_;
    const std::uint32_t ssrc_;  ///< ours, in RTCP

    mutable std::mutex mutex_;  ///< guards what follows
    std::shared_ptr<gst::Lane> lane_;
    std::optional<dht::NodeId> server_;

    // On the loop.
    federation::SubscriptionId subscription_;  ///< empty: none
    std::string wish_;                         ///< as it was said last
    std::optional<FeedDescription> feed_;      ///< while it is there
    dht::Time until_{};                        ///< when it is given up
    std::size_t tries_ = 0;
    bool was_there_ = false, in_room_ = false, given_up_ = false, stopped_ = false, reporting_ = false;
};

}  // namespace elements
