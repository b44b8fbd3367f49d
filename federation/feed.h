// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "dht/node_id.h"
#include "dht/time.h"
#include "federation/config.h"
#include "federation/event.h"
#include "federation/peer_news.h"
#include "federation/protocol.h"
#include "federation/reason.h"

namespace federation {

// What the floor above asks of a feed.
struct AcceptFeed {
    std::string about;
};
struct DescribeFeed {
    std::string about;
};
struct WishOther {
    std::string wish;
};
struct EndFeed {
    Reason reason;
};
using FeedInput =
    std::variant<LinkUp, LinkDown, LinkFailed, PeerRestarted, PeerExpelled, DeadlinePassed, AcceptFeed,
                 DescribeFeed, WishOther, EndFeed, Subscribed, Wish, FeedChanged, Unsubscribe>;

/// What is to be done about it: messages for the other side's server, events for the floor above.
struct FeedOutput {
    std::vector<Message> send;
    std::vector<Event> tell;
};

/// One end of a subscription: a feed that crosses from the publisher's server to the subscriber's. `step` is
/// its only transition; what a state has no use for changes nothing.
///
///     at the subscriber's:  reaching → asking → up → over
///     at the publisher's:   offered → up → over
///
/// It ends with the signalling connection, at both sides: who watches is told sooner that nobody is there
/// than a person would notice, and subscribing again costs a round trip. The message that says so waits for
/// the next connection, for the other side may have seen nothing of the break.
class Feed {
public:
    enum class Role { subscriber, publisher };
    enum class State { reaching, asking, offered, up, over };

    /// Its output tells SubscriptionProceeding, and asks once the connection is up.
    static Feed outgoing(const SubscriptionId& id, const FeedAddress& address, LaneId lane, std::string wish,
                         bool link_up, const Config& config, dht::Time now, FeedOutput& output);
    /// Its output tells FeedWanted.
    static Feed incoming(Subscribe request, const dht::NodeId& peer, const dht::NodeId& self,
                         const Config& config, dht::Time now, FeedOutput& output);

    [[nodiscard]] FeedOutput step(const FeedInput& input, dht::Time now);

    [[nodiscard]] Role role() const { return role_; }
    [[nodiscard]] State state() const { return state_; }
    [[nodiscard]] bool over() const { return state_ == State::over; }
    [[nodiscard]] const dht::NodeId& peer() const { return peer_; }
    [[nodiscard]] LaneId lane() const { return lane_; }
    [[nodiscard]] const FeedAddress& address() const { return address_; }
    /// When to step with DeadlinePassed.
    [[nodiscard]] std::optional<dht::Time> deadline() const { return deadline_; }

private:
    Feed(Role role, SubscriptionId id, const dht::NodeId& peer, FeedAddress address, LaneId lane,
         const Config& config);

    void on(const LinkUp& up, dht::Time now, FeedOutput& output);
    void on(const LinkDown& down, dht::Time now, FeedOutput& output);
    void on(const LinkFailed& failed, dht::Time now, FeedOutput& output);
    void on(const PeerRestarted& restarted, dht::Time now, FeedOutput& output);
    void on(const PeerExpelled& expelled, dht::Time now, FeedOutput& output);
    void on(const DeadlinePassed& passed, dht::Time now, FeedOutput& output);
    void on(const AcceptFeed& accept, dht::Time now, FeedOutput& output);
    void on(const DescribeFeed& describe, dht::Time now, FeedOutput& output);
    void on(const WishOther& other, dht::Time now, FeedOutput& output);
    void on(const EndFeed& end, dht::Time now, FeedOutput& output);
    void on(const Subscribed& subscribed, dht::Time now, FeedOutput& output);
    void on(const Wish& wish, dht::Time now, FeedOutput& output);
    void on(const FeedChanged& changed, dht::Time now, FeedOutput& output);
    void on(const Unsubscribe& unsubscribe, dht::Time now, FeedOutput& output);

    [[nodiscard]] bool is(Role role, State state) const { return role_ == role && state_ == state; }
    [[nodiscard]] Subscribe request() const;
    /// Tells both sides.
    void fail(Reason reason, FeedOutput& output);
    void finish();

    Role role_;
    SubscriptionId id_;
    dht::NodeId peer_;
    FeedAddress address_;
    LaneId lane_;
    const Config* config_;
    State state_;
    std::string wished_;               ///< while asking
    std::optional<std::string> wish_;  ///< another one, to be said when it can be
    std::optional<dht::Time> deadline_;
};

}  // namespace federation
