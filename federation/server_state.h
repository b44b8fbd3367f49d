// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dht/hex.h"
#include "federation/asks.h"
#include "federation/bulletin.h"
#include "federation/call.h"
#include "federation/deadlines.h"
#include "federation/directory.h"
#include "federation/feed.h"
#include "federation/fork.h"
#include "federation/lanes.h"
#include "federation/links.h"
#include "federation/name.h"
#include "federation/rooms.h"
#include "federation/server.h"

namespace federation {

template <std::size_t octets>
std::string random_hex(dht::Random& random) {
    std::array<std::uint8_t, octets> bytes{};
    random.fill(bytes);
    return dht::hex(bytes);
}

/// What a Server is made of, and what each part's news means to the others. Whoever changes it calls
/// `settle` afterwards.
struct Server::State {
    State(const dht::Identity& identity, Config settings, dht::Random& chance);

    // What must not move: the parts refer to it.
    Config config;  ///< does not change, but for where we are
    dht::Random& random;
    const dht::NodeId self;
    dht::Node node;
    Directory directory;
    Bulletin bulletin;
    Links links;
    Rooms rooms;
    Asks asks;
    Lanes lanes;
    std::map<dht::NodeId, std::size_t> uses;  ///< of the connection with each peer

    std::map<CallId, Call> calls;  ///< among them the legs of forks
    std::map<CallId, Fork> forks;  ///< those that begin here, by the id that the floor above knows
    std::unordered_map<CallId, CallId> fork_of;
    std::deque<std::pair<CallId, HangUp>> cancelled;  ///< legs, in the next turn of `settle`
    Deadlines<CallId> call_deadlines;
    std::map<dht::NodeId, std::size_t> calls_with;
    std::deque<Message> to_self;

    std::map<SubscriptionId, Feed> feeds;
    Deadlines<SubscriptionId> feed_deadlines;
    std::map<dht::NodeId, std::size_t> feeds_to;  ///< subscriptions of each peer to what is published here
    std::set<std::string> streams;                ///< offered here
    std::unordered_map<std::uint64_t, std::pair<std::uint64_t, std::string>> stream_finds;

    struct Wanted {
        UserAddress address;
        std::string text;
        std::optional<CallId> call;  ///< none: somebody only wants to know
        std::uint64_t lookup = 0;
    };
    std::unordered_map<std::uint64_t, Wanted> finds;
    std::uint64_t lookups = 0;

    /// An attempt to reach a peer: by the address in hand, then by its descriptor.
    struct Reach {
        std::optional<dht::Endpoint> tried;
        bool described = false;
        Reason reason = Reason::server_unreachable;
        bool refused = false;
    };
    std::map<dht::NodeId, Reach> reaching;
    Deadlines<dht::NodeId> redials;

    dht::Time members_due{};  ///< to be looked after
    dht::Time expiry_due{};   ///< of our own certificate, to be spoken of again

    std::deque<Event> events;
    bool stopping = false;
    bool draining = false;

    // ---- Turning what the parts tell into what the others do, until nothing is left.

    void settle(dht::Now now);
    bool settle_node(dht::Now now);
    bool settle_directory(dht::Now now);
    bool settle_bulletin(dht::Now now);
    bool settle_links(dht::Now now);
    bool settle_rooms(dht::Now now);
    bool settle_self(dht::Now now);
    bool settle_cancelled(dht::Now now);

    // ---- What the directory tells

    /// Their records say where we are.
    void offer_streams_again(dht::Now now);
    void on(const Directory::Registered& registered, dht::Now now);
    void on(const Directory::Refused& refused, dht::Now now);
    void on(const Directory::Found& found, dht::Now now);
    void on(const Directory::Described& described, dht::Now now);
    void on(const Directory::Noted& noted, dht::Now /*now*/) { note(noted.text, true); }

    void on(const Bulletin::Held& held, dht::Now now);
    void on(const Bulletin::Found& found, dht::Now now);

    // ---- Clocks (server_clock.cpp)

    void on(const dht::ClockDiffers& clock);
    /// What a wrong clock of ours has caused is not put down to others.
    void blame_clock(Event& event) const;

    // ---- What the connections tell

    void on(const Links::Up& up, dht::Now now);
    void on(const Links::Greeted& greeted, dht::Now now);
    void on(const Links::Down& down, dht::Now now);
    void on(const Links::Unreachable& failed, dht::Now now);
    void on(const Links::Restarted& restarted, dht::Now now);
    void on(const Links::Received& received, dht::Now now) { receive(received.peer, received.message, now); }
    void on(const Links::Noted& noted, dht::Now /*now*/) { note(noted.text); }

    // ---- Who belongs here, in a closed federation

    void revoked(dht::Now now);
    void part_with_strangers(dht::Now now);
    void look_after_members(dht::Now now);
    void speak_of_expiry(dht::Now now);
    void renew(dht::Bytes certificate, dht::Now now);
    [[nodiscard]] std::optional<dht::Time> members_deadline() const;

    // ---- Reaching a peer

    void reach(const dht::NodeId& peer, const std::optional<dht::Endpoint>& hint, dht::Now now);
    void unreachable(const dht::NodeId& peer, Reason reason, bool refused, dht::Now now);
    void use(const dht::NodeId& peer, int change, dht::Now now);
    /// LinkUp, LinkDown and the like, to all that goes over the connection.
    template <class News>
    void spread(const dht::NodeId& peer, const News& news, dht::Now now);

    // ---- Calls

    void begin(Invite invite, dht::Now now);
    void located(const CallId& call, const Directory::Found& found, dht::Now now);
    void proceed(const CallId& leg, const Directory::Place& place, dht::Now now);
    /// Of a call that began here the leg that was accepted, or the first.
    [[nodiscard]] const CallId& leg_of(const CallId& call) const;
    /// Those who are to hear what is said to a call: all its legs until one was accepted.
    [[nodiscard]] std::vector<CallId> listeners(const CallId& call) const;
    void hang_up(const CallId& call, const HangUp& how, dht::Now now);
    /// To the floor above, in terms of calls rather than legs.
    void tell(Event event);
    void carry_out(Fork& fork, Fork::Output output);
    void step(const CallId& id, const CallInput& input, dht::Now now);
    void settle_deadline(std::map<CallId, Call>::iterator entry, dht::Now now);
    void step_all(const dht::NodeId& peer, const CallInput& input, dht::Now now);
    void count(const dht::NodeId& peer, int change, dht::Now now);
    void carry_out(const std::optional<dht::NodeId>& peer, CallOutput output, dht::Now now);
    /// Whether it has this call with us; if not it is told so, unless it only said goodbye.
    bool knows_call(const dht::NodeId& peer, const CallId& call, bool goodbye, dht::Now now);

    // ---- Streams and feeds

    void stream_found(const Bulletin::Found& found);
    void step_feed(const SubscriptionId& id, const FeedInput& input, dht::Now now);
    void step_feeds(const dht::NodeId& peer, const FeedInput& input, dht::Now now);
    void add_feed(const SubscriptionId& id, Feed feed, FeedOutput output, dht::Now now);
    void carry_out(const dht::NodeId& peer, FeedOutput output, dht::Now now);
    void settle_feed(std::map<SubscriptionId, Feed>::iterator entry, dht::Now now);
    [[nodiscard]] Reason refusal(const dht::NodeId& peer, const Subscribe& request) const;
    bool knows_feed(const dht::NodeId& peer, const SubscriptionId& id, bool goodbye, dht::Now now);

    /// Those of a room, at both ends; with an id, only of what this participant publishes here.
    void end_feeds_of(const std::string& room, const std::optional<std::string>& id, Reason reason,
                      dht::Now now);

    // ---- Rooms

    void on(Rooms::Send& wanted, dht::Now now);
    void on(Rooms::Tell& wanted, dht::Now now);
    void on(const Rooms::Reach& wanted, dht::Now now);
    void on(const Rooms::Use& wanted, dht::Now now);
    void on(const Rooms::Parted& parted, dht::Now now);
    void sort_best_first(std::vector<RoomServer>& servers) const;

    // ---- Messages of a peer

    void send(const dht::NodeId& peer, Message message, dht::Now now);

    void receive(const dht::NodeId& peer, const Message& message, dht::Now now);
    void on_message(const dht::NodeId& peer, const Invite& invite, dht::Now now);
    /// A message about one call.
    template <class M>
    requires requires(M m) { m.call; }
    void on_message(const dht::NodeId& peer, const M& message, dht::Now now) {
        if (!knows_call(peer, message.call, std::is_same_v<M, Bye>, now)) return;
        if constexpr (!std::is_same_v<M, Check>) step(message.call, message, now);
    }
    void on_message(const dht::NodeId& peer, const Subscribe& request, dht::Now now);
    /// A message about one subscription.
    template <class M>
    requires requires(M m) { m.subscription; }
    void on_message(const dht::NodeId& peer, const M& message, dht::Now now) {
        if (!knows_feed(peer, message.subscription, std::is_same_v<M, Unsubscribe>, now)) return;
        step_feed(message.subscription, message, now);
    }
    /// One about a room.
    template <class M>
    requires requires(M m) { m.room; }
    void on_message(const dht::NodeId& peer, const M& message, dht::Now now) {
        if (!stopping && peer != self) rooms.receive(peer, message, now);
    }
    void on_message(const dht::NodeId& peer, const RoomProof& proof, dht::Now now);
    void on_message(const dht::NodeId& peer, const RoomRequest& request, dht::Now now);
    void on_message(const dht::NodeId& peer, const RoomAnswer& answer, dht::Now now);
    void on_message(const dht::NodeId& peer, const TrunkSignal& signal, dht::Now now);
    void on_message(const dht::NodeId& peer, const Revocations& revocations, dht::Now now);

    // The connections answer these themselves.
    void on_message(const dht::NodeId& /*peer*/, const Hello& /*m*/, dht::Now /*now*/) {}
    void on_message(const dht::NodeId& /*peer*/, const Refuse& /*m*/, dht::Now /*now*/) {}
    void on_message(const dht::NodeId& /*peer*/, const Ping& /*m*/, dht::Now /*now*/) {}
    void on_message(const dht::NodeId& /*peer*/, const Pong& /*m*/, dht::Now /*now*/) {}

    void note(std::string text, bool warning = false) { events.emplace_back(Note{std::move(text), warning}); }
};

}  // namespace federation
