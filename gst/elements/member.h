// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dht/crypto.h"
#include "federation/glib/contacts_file.h"
#include "federation/glib/loop.h"
#include "federation/glib/runner.h"
#include "gst/elements/node_settings.h"
#include "gst/local_lanes.h"
#include "gst/trunks.h"

namespace elements {

class Member;

/// Offers one feed. Told on the loop.
class Publisher {
public:
    virtual ~Publisher() = default;
    /// It can be found.
    virtual void offered(Member& member) = 0;
    virtual void refused(Member& member, federation::Reason reason) = 0;
    /// Answer with Member::accept or Member::end, within seconds.
    virtual void wanted(Member& member, const federation::FeedWanted& feed) = 0;
    virtual void left(Member& member, const federation::SubscriptionId& viewer,
                      federation::Reason reason) = 0;
    /// Media flows (again) to this server.
    virtual void trunk_up(Member& member, const dht::NodeId& peer) = 0;
};

/// Watches one feed. Told on the loop.
class Subscriber {
public:
    virtual ~Subscriber() = default;
    virtual void proceeding(Member& member, const dht::NodeId& peer, federation::LaneId lane) = 0;
    virtual void accepted(Member& member, const std::string& about) = 0;
    virtual void changed(Member& member, const std::string& about) = 0;
    /// The last that is told of this subscription.
    virtual void ended(Member& member, federation::Reason reason) = 0;
    virtual void trunk_up(Member& member) = 0;
};

/// A room, as one element needs it. Told on the loop.
class Attendant {
public:
    virtual ~Attendant() = default;
    virtual void entered(Member& member) = 0;
    virtual void refused(Member& member, federation::Reason reason) = 0;
    virtual void participant(Member& /*member*/, const dht::NodeId& /*server*/,
                             const federation::Participant& /*participant*/) {}
};

/// A member of the federation without users: what the elements of a process have in common. On the loop, but
/// for its end.
class Member {
public:
    /// Binds; throws std::runtime_error that says what to do.
    Member(glib::Loop& loop, const dht::Identity& identity, const NodePlan& plan);
    /// Says goodbye; takes up to half a second. Off the loop.
    ~Member();
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;

    [[nodiscard]] const dht::NodeId& id() const { return id_; }
    [[nodiscard]] glib::Loop& loop() { return loop_; }
    [[nodiscard]] dht::Endpoint dht_endpoint() const { return runner_->dht_endpoint(); }

    /// False if another element of this process offers it.
    bool offer(const std::string& stream, const std::shared_ptr<Publisher>& publisher);
    void withdraw(const std::string& stream);
    void accept(const federation::SubscriptionId& viewer, const std::string& about);
    void change(const federation::SubscriptionId& viewer, const std::string& about);
    /// Of either side.
    void end(const federation::SubscriptionId& subscription, federation::Reason reason);

    federation::SubscriptionId subscribe(const federation::FeedAddress& feed, const std::string& wish,
                                         const std::shared_ptr<Subscriber>& subscriber);
    void change_wish(const federation::SubscriptionId& subscription, const std::string& wish);
    using Found = std::function<void(const federation::StreamFound&)>;
    void lookup(const std::string& stream, Found found);
    /// Null if the number is taken.
    std::shared_ptr<gst::Lane> open_lane(const dht::NodeId& peer, federation::LaneId lane,
                                         std::shared_ptr<gst::LaneReceiver> receiver);
    [[nodiscard]] bool is_up(const dht::NodeId& peer) const {
        return peer == id_ || (trunks_ && trunks_->is_up(peer));
    }

    void enter(const std::string& room, const std::shared_ptr<Attendant>& attendant);
    /// Tells once more who is there.
    void remind(const std::string& room, Attendant& attendant);
    /// Leaves when it was the last one.
    void leave(const std::string& room, const Attendant* attendant);
    bool set_participant(const std::string& room, const federation::Participant& participant,
                         const std::shared_ptr<Publisher>& publisher);
    void remove_participant(const std::string& room, const std::string& id);

    /// Waits until the pipelines of all trunks have stopped. Nothing more is told.
    void stop_media();

private:
    struct Viewer {
        std::weak_ptr<Publisher> publisher;
        dht::NodeId peer;
    };
    struct Watched {
        std::weak_ptr<Subscriber> subscriber;
        std::optional<dht::NodeId> peer;
    };
    struct Room {
        std::vector<std::weak_ptr<Attendant>> attendants;
        std::map<std::string, std::weak_ptr<Publisher>> participants;
        bool entered = false;
    };

    void on(const federation::StreamOffered& event);
    void on(const federation::StreamRefused& event);
    void on(const federation::StreamFound& event);
    void on(const federation::FeedWanted& event);
    void on(const federation::SubscriptionProceeding& event);
    void on(const federation::SubscriptionAccepted& event);
    void on(const federation::SubscriptionChanged& event);
    void on(const federation::SubscriptionEnded& event);
    void on(const federation::RoomEntered& event);
    void on(const federation::RoomRefused& event);
    void on(const federation::RoomDestroyed& event);
    void on(const federation::ParticipantChanged& event);
    void on(const federation::TrunkSignalled& event);
    template <class Other>
    void on(const Other& /*event*/) {}

    void refuse_room(const std::string& room, federation::Reason reason);
    void trunk_up(const dht::NodeId& peer);
    void trunk_failed(const dht::NodeId& peer, federation::Reason reason);
    void tell_end(const federation::SubscriptionId& subscription, federation::Reason reason);
    std::shared_ptr<Publisher> publisher_of(const federation::FeedAddress& feed);
    std::shared_ptr<Subscriber> subscriber_of(const federation::SubscriptionId& subscription);
    void join(const NodePlan& plan);

    glib::Loop& loop_;
    const dht::NodeId id_;
    std::unique_ptr<glib::Runner> runner_;
    std::optional<glib::ContactsFile> contacts_file_;
    std::unique_ptr<gst::Trunks> trunks_;
    gst::LocalLanes local_lanes_;
    bool stopping_ = false;

    std::map<std::string, std::weak_ptr<Publisher>> streams_;
    std::map<federation::SubscriptionId, Viewer> viewers_;
    std::map<federation::SubscriptionId, Watched> watched_;
    std::map<std::uint64_t, Found> lookups_;
    std::map<std::string, Room> rooms_;
};

}  // namespace elements
