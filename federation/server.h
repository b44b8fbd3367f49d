// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "dht/node.h"
#include "federation/command.h"
#include "federation/config.h"
#include "federation/event.h"
#include "federation/owner.h"
#include "federation/protocol.h"
#include "federation/reason.h"

namespace federation {

/// One member of the federation, without I/O, clock or threads: a Kademlia node, the directory of
/// users, the signalling connections and the calls over them. As with `dht::Node`: after any call
/// that changes it, drain `poll_datagram`, `poll_command` and `poll_event`, then `advance` at
/// `deadline`.
///
/// Where a user is, and how its server is reached, comes from the directory (directory.h). The address
/// in the user's record is dialled first; when it fails, the one in the server's descriptor.
///
/// A call within one server takes the same path, with the messages handed to ourselves. Its two ends
/// have two ids, since one could not tell them apart: the id that `call` returned is the caller's, the
/// one in CallIncoming the callee's.
///
/// A user who is registered at several servers is called at all of them (fork.h).
///
/// What a call survives (call.h): until it is accepted, nothing. When its server is killed, its
/// connection breaks, or falls silent for 2 s, CallEnded says server_unreachable: within 3 s. Once it
/// is up, it outlives its connection, which is dialled again at once, for `interruption_max`; but for
/// `refused_max` only when the other host answers that nobody listens there. So a server killed is
/// reported 2 s later, one that is cut off 17.5 s later. The floor above, which knows the media, ends a
/// call with `bye(call, Reason::trunk_failed, …)` when it likes.
///
/// At most `lookup_timeout` + `dial_timeout` pass between `call` and either an invite that has left or
/// CallEnded.
class Server {
public:
    Server(const dht::Identity& identity, Config config, dht::Random& random);
    ~Server();

    [[nodiscard]] const dht::NodeId& id() const;
    [[nodiscard]] const dht::Node& node() const;
    /// This machine has another address: our signalling is reached there from now on. Moved follows.
    void move(const dht::Endpoint& signalling, dht::Now now);
    void bootstrap(const std::vector<dht::Endpoint>& contacts, dht::Now now);

    /// Looks the name up, publishes it, looks again; then UserRegistered or UserRefused. Names taken
    /// at two servers at once: the earlier keeps it. Again for a user who is registered: UserRegistered.
    /// UserRefused may come later, too, when an earlier claim turns up. With the `token` that another
    /// server's UserRegistered told, the user is registered at both, and calls ring at both.
    void register_user(const std::string& user, dht::Now now, const std::optional<OwnerToken>& token = {});
    /// Withdraws the record. Ends no call.
    void unregister_user(const std::string& user, dht::Now now);
    [[nodiscard]] bool has_user(const std::string& user) const;
    /// Users registered here.
    [[nodiscard]] std::vector<std::string> users() const;
    /// UserFound tells.
    std::uint64_t lookup(const std::string& user, dht::Now now);

    /// Resolves, dials, invites. CallProceeding, then CallRinging, CallAccepted or CallEnded follow, none
    /// of them inside this call. `callee` may be "bob" or "bob@<NodeID>". `jsep` is a JSON object, or
    /// empty. A `direct` one is for the other browser: media is to go between the two.
    CallId call(const std::string& caller, const std::string& callee, std::string jsep, dht::Now now,
                bool direct = false);
    void ringing(const CallId& call, dht::Now now);
    void accept(const CallId& call, std::string jsep, dht::Now now, bool direct = false);
    void update(const CallId& call, std::string jsep, dht::Now now, bool direct = false);
    /// Of a direct call: where this browser can be reached, a JSON object; empty: it has found all.
    void candidate(const CallId& call, const std::string& candidate, dht::Now now);
    /// A direct call is to go through the servers: see CallBridge.
    void bridge(const CallId& call, const std::string& jsep, dht::Now now);
    /// Hangs up, cancels or declines, from either side and in any state; unknown calls are ignored.
    void bye(const CallId& call, Reason reason, std::string text, dht::Now now);
    [[nodiscard]] std::size_t calls() const;

    // ---- Streams and feeds (feed.h)

    /// `subscribe` finds it here from now on; StreamOffered tells when its name can be looked up too. Others
    /// may offer streams of the same name. Until `withdraw_stream`.
    void offer_stream(const std::string& stream, dht::Now now);
    /// Ends its subscriptions, here with SubscriptionEnded as well, and withdraws the record.
    void withdraw_stream(const std::string& stream, dht::Now now);
    /// StreamFound tells.
    std::uint64_t lookup_stream(const std::string& stream, dht::Now now);

    /// Asks the feed's server for it: it crosses the trunk in one lane, whoever watches here. So ask once,
    /// and hand on. SubscriptionProceeding, then SubscriptionAccepted or SubscriptionEnded follow, within
    /// `lookup_timeout` + `dial_timeout` + `answer_timeout`. A feed of a room can be had by servers that
    /// have members in it.
    ///
    /// A subscription ends with the connection of the two servers, within 2.5 s of a death, at both sides.
    /// For a feed of a room RoomPeerDown comes as well, and RoomPeerUp when it is back: subscribe again then.
    /// For a stream: subscribe again, after a moment, as long as it is wanted; a publisher that was
    /// restarted with the same key is found by the same address.
    SubscriptionId subscribe(const FeedAddress& feed, std::string wish, dht::Now now);
    /// At the subscriber's side; SubscriptionWish at the other.
    void change_wish(const SubscriptionId& subscription, std::string wish, dht::Now now);
    /// At the publisher's side, in answer to FeedWanted.
    void accept_subscription(const SubscriptionId& subscription, std::string about, dht::Now now);
    /// At the publisher's side; SubscriptionChanged at the other.
    void change_feed(const SubscriptionId& subscription, std::string about, dht::Now now);
    /// Unsubscribes, refuses or ends, from either side and in any state; unknown ones are ignored.
    void end_subscription(const SubscriptionId& subscription, Reason reason, dht::Now now);
    [[nodiscard]] std::size_t subscriptions() const;

    // ---- Rooms (room.h, docs/rooms.md)

    /// Makes a room, or takes part in it if it is there: the one made first gives the rules (room_policy.h).
    /// RoomCreated or RoomRefused follows. The room is here then, with or without members, until
    /// `destroy_room`. `exclusive`: refused with `room_exists` if somebody else in the federation has one of
    /// this name. `token`: of an earlier RoomCreated.
    struct RoomPlan {
        std::string about;  ///< RoomRules::about, at most `rules_bytes_max`
        std::optional<std::string> pin{};
        std::optional<std::string> secret{};
        std::optional<std::string> token{};
        bool exclusive = false;
    };
    void create_room(const std::string& room, RoomPlan plan, dht::Now now);
    /// Other rules, pin and secret for a room that was made here (else nothing happens: false). Whoever is in
    /// stays.
    bool edit_room(const std::string& room, RoomPlan plan, dht::Now now);
    /// If it was made here, everywhere: RoomDestroyed at other servers. Otherwise only here, for the moment.
    void destroy_room(const std::string& room, dht::Now now);

    /// For the first local member of a room that may be anywhere: RoomEntered or RoomRefused follows. With a
    /// pin only a room with this pin is entered, if there is one. If the room is here already, RoomEntered
    /// follows at once; see `pin_matches` for members after the first.
    void enter_room(const std::string& room, const std::optional<std::string>& pin, dht::Now now);
    /// With the last local member. The room itself stays where it was made.
    void leave_room(const std::string& room, dht::Now now);
    /// Created or entered, and not refused, destroyed or left.
    [[nodiscard]] bool has_room(const std::string& room) const;
    [[nodiscard]] std::vector<std::string> rooms() const;
    [[nodiscard]] std::optional<RoomRules> room_rules(const std::string& room) const;
    /// Of a room that is here. True if it has none.
    [[nodiscard]] bool pin_matches(const std::string& room, const std::optional<std::string>& pin) const;
    /// Of a room that was made here; false otherwise, and then `ask_room` can tell.
    [[nodiscard]] bool secret_matches(const std::string& room, const std::string& secret) const;

    /// It can tell whether a secret is the room's: it was made here.
    [[nodiscard]] bool knows_secret(const std::string& room) const;

    /// A local participant of a room that is here: new, or changed. False: the participant is malformed or
    /// there are too many. Who takes part here is known at the room's other servers a round trip later.
    bool set_participant(const std::string& room, Participant participant, dht::Now now);
    void remove_participant(const std::string& room, const std::string& id, dht::Now now);
    /// What is known now, for whoever begins to listen late: the servers, and the participants of one.
    [[nodiscard]] std::vector<dht::NodeId> room_peers(const std::string& room) const;
    [[nodiscard]] std::vector<Participant> participants(const std::string& room,
                                                        const dht::NodeId& server) const;

    /// RoomFound tells: where a room is, and what it asks for.
    std::uint64_t lookup_room(const std::string& room, dht::Now now);
    /// Other servers of a room that is here, best first: where its clients can rejoin (`alternates`).
    [[nodiscard]] std::vector<RoomServer> room_servers(const std::string& room) const;
    /// The same of all rooms that are here: who may take one that is nowhere yet.
    [[nodiscard]] std::vector<RoomServer> room_neighbours() const;
    /// In percent; published with the rooms.
    void set_load(unsigned load, dht::Now now);
    /// Nobody is taken in any more: no user is registered, no call begins or comes in, no room is made or
    /// entered, each refused with `draining`; and the records of users, streams and rooms that are here are
    /// withdrawn, with RoomDraining for each room. What is there goes on until it ends by itself. `draining`
    /// false: all is as before, and the records are back.
    void drain(dht::Now now, bool draining = true);
    [[nodiscard]] bool draining() const;

    /// Wants something of another server of the room, in the name of whoever knows the secret: to kick a
    /// participant, say. Proves the secret to a server where the room was made, which never learns what was
    /// tried, then asks `peer`. RoomAnswered tells. `body` is a JSON object.
    std::string ask_room(const std::string& room, const dht::NodeId& peer, const std::string& secret,
                         std::string body, dht::Now now);
    /// In answer to RoomRequested.
    void answer_room(const std::string& request, std::string body, Reason reason, dht::Now now);

    /// Our certificate of a closed federation, renewed: it is shown from now on, and to those who are
    /// connected at once.
    void renew(dht::Bytes certificate, dht::Now now);

    // ---- Trunks

    /// Sent when the connection is up, dialled if there is none and the address is known.
    void signal_trunk(const dht::NodeId& peer, TrunkSignal signal, dht::Now now);

    // From the driver.
    /// `at`: as dht::Node.
    void receive(dht::BytesView datagram, const dht::Endpoint& from, dht::Now now,
                 const dht::Endpoint& at = {});
    /// A datagram has met nobody there, so far as the network says.
    void unreachable(const dht::Endpoint& endpoint, dht::Now now);
    /// `peer` has proved its key. `link` is the one of Dial, or a new one with the highest bit set.
    void link_opened(LinkId link, const dht::NodeId& peer, dht::Now now);
    void link_received(LinkId link, std::string_view text, dht::Now now);
    /// Also when a dialled one could not be opened: then with the reason.
    void link_closed(LinkId link, Reason reason, dht::Now now);
    /// Instead, when a dial's host answered that nobody listens there: the server has ended.
    void link_refused(LinkId link, dht::Now now);
    void advance(dht::Now now);
    /// Withdraws every record, ends every call and closes every connection. Then drain, and go on for a
    /// moment: the withdrawals take some round trips.
    void shut_down(dht::Now now);

    std::optional<dht::Datagram> poll_datagram();
    std::optional<Command> poll_command();
    std::optional<Event> poll_event();
    [[nodiscard]] std::optional<dht::Time> deadline() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace federation
