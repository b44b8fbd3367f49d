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
/// connection breaks, or falls silent for 2.5 s, CallEnded says server_unreachable: within 3 s. Once it
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
    /// empty.
    CallId call(const std::string& caller, const std::string& callee, std::string jsep, dht::Now now);
    void ringing(const CallId& call, dht::Now now);
    void accept(const CallId& call, std::string jsep, dht::Now now);
    void update(const CallId& call, std::string jsep, dht::Now now);
    /// Hangs up, cancels or declines, from either side and in any state; unknown calls are ignored.
    void bye(const CallId& call, Reason reason, std::string text, dht::Now now);
    [[nodiscard]] std::size_t calls() const;

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
