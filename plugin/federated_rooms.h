// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "plugin/lane_feeds.h"
#include "plugin/membership.h"
#include "plugin/rooms.h"

namespace plugin {

/// Somebody who is in a room at another server.
class RemoteParticipant final : public Participant {
public:
    RemoteParticipant(const dht::NodeId& server, std::string id_there)
        : peer(server), there(std::move(id_there)) {}

    const dht::NodeId peer;
    const std::string there;  ///< its id at its server
    std::shared_ptr<RemoteFeed> source;

    [[nodiscard]] bool is_local() const override { return false; }
};

/// The rooms of this server that live at others too: who is in them there, and the feeds that cross.
class FederatedRooms final : public RoomNetwork {
public:
    FederatedRooms(Membership& member, Rooms& rooms, Outbox& outbox);
    ~FederatedRooms() override;

    void share(const std::shared_ptr<Room>& room) override;
    bool edit(Room& room) override;
    void destroy(Room& room) override;
    void enter(const Id& room, const std::string& pin, Entered done) override;
    [[nodiscard]] bool pin_matches(const Room& room, const std::string& pin) const override;
    [[nodiscard]] bool secret_matches(const Room& room, const std::string& secret) const override;
    [[nodiscard]] bool proves_elsewhere(const Room& room) const override;
    void ask(const Room& room, const Participant& participant, const std::string& secret, Json body,
             Asked done) override;
    void lookup(const Id& room, Found done) override;
    [[nodiscard]] Json alternates(const Room& room) const override;
    void alternates(const Id& room, std::function<void(Json)> done) override;
    [[nodiscard]] Json neighbours() const override;

    // What the federation tells.
    void on(const federation::NodeJoined& /*event*/) { rooms_.share_configured(); }
    void on(const federation::RoomCreated& event);
    void on(const federation::RoomEntered& event);
    void on(const federation::RoomRefused& event);
    void on(const federation::RoomRulesChanged& event);
    void on(const federation::RoomDestroyed& event);
    void on(const federation::ParticipantChanged& event);
    void on(const federation::ParticipantGone& event);
    void on(const federation::RoomPeerDown& event);
    void on(const federation::RoomFound& event);
    void on(const federation::RoomRequested& event);
    void on(const federation::RoomAnswered& event);
    void on(const federation::RoomDraining& event);
    void on(const federation::SubscriptionProceeding& event);
    void on(const federation::SubscriptionAccepted& event);
    void on(const federation::SubscriptionEnded& event);
    void on(const federation::FeedWanted& event);
    void on(const federation::SubscriptionWish& event);
    template <class Other>
    void on(const Other& /*event*/) {}
    /// The lanes to this server are dead.
    void trunk_failed(const dht::NodeId& peer);

    [[nodiscard]] std::size_t incoming() const { return incoming_.size(); }
    [[nodiscard]] std::size_t outgoing() const { return outgoing_.size(); }
    /// Of each feed that leaves to another server: packets by layer.
    [[nodiscard]] Json crossings() const;

private:
    class Elsewhere;
    [[nodiscard]] std::shared_ptr<Room> here(const std::string& room) const;
    void set(const Room& room, const Participant& participant);
    void emptied(const Id& room);
    [[nodiscard]] Id local_id(const Room& room, const dht::NodeId& peer, const std::string& there) const;
    [[nodiscard]] std::shared_ptr<RemoteParticipant> find(const Room& room, const dht::NodeId& peer,
                                                          const std::string& there) const;
    /// What it says of itself; hostile.
    void describe(const std::shared_ptr<Room>& room, const std::shared_ptr<RemoteParticipant>& remote,
                  const federation::Participant& told);
    /// What its watchers want has changed.
    void demand(const std::weak_ptr<RemoteParticipant>& participant, const std::string& room);
    void stop(const std::shared_ptr<RemoteParticipant>& participant);
    void end_outgoing(const std::string& room, const std::string& feed);
    /// Who has subscribed to it knows what comes.
    void tell_outgoing(const Room& room, const Participant& participant);
    [[nodiscard]] static gst::FeedDescription read(const federation::Participant& told);

    Membership& member_;
    Rooms& rooms_;
    Outbox& outbox_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);

    struct Waiting {
        Id room;
        Entered done;
    };
    std::multimap<std::string, Waiting> entering_;
    std::map<std::string, bool> made_here_;
    struct Lookup {
        Found done;
        bool elsewhere;  ///< without this server
    };
    std::map<std::uint64_t, Lookup> lookups_;
    struct Request {
        Id about;
        Asked done;
    };
    std::map<std::string, Request> asked_;
    /// Feeds that come in: by subscription.
    struct Incoming {
        std::weak_ptr<RemoteParticipant> participant;
        std::string room;
    };
    std::map<federation::SubscriptionId, Incoming> incoming_;
    struct Outgoing {
        std::string room, feed;
        dht::NodeId peer;
        std::shared_ptr<LaneSender> sender;
        std::string about;  ///< as it was told last
    };
    std::map<federation::SubscriptionId, Outgoing> outgoing_;
};

}  // namespace plugin
