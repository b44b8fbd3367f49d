// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dht/endpoint.h"
#include "dht/node_id.h"
#include "dht/time.h"
#include "federation/command.h"
#include "federation/config.h"
#include "federation/deadlines.h"
#include "federation/protocol.h"
#include "federation/rate.h"
#include "federation/reason.h"

namespace federation {

/// The signalling connections: one per peer, dialled on demand, kept while used.
///
/// When two servers dial each other at once there are two connections for a moment. The one that the
/// greater NodeID dialled stays. Until it is up the greater side sends nothing over the other one; the
/// lesser side closes its own, and sends on only after that has closed. So every message arrives, and
/// in order.
///
/// In a closed federation a connection carries nothing but hello until whoever owns this has looked at
/// the peer's certificate (`Greeted`) and called `admit`, or `refuse`.
///
/// A peer that dials although a connection has long been up has lost that one, by a change of its address
/// say, which nothing here would tell: the old one is dropped.
class Links {
public:
    struct Up {
        dht::NodeId peer;
    };
    /// In a closed federation: a connection to be admitted or refused.
    struct Greeted {
        LinkId link;
        dht::NodeId peer;
        dht::Bytes certificate;
    };
    /// The last connection to this peer has gone.
    struct Down {
        dht::NodeId peer;
        Reason reason;
    };
    /// It could not be dialled. What was to be sent is kept a moment, for another address.
    struct Unreachable {
        dht::NodeId peer;
        Reason reason;
        bool refused = false;  ///< its host says that nobody listens there
    };
    /// The peer has been started anew and knows none of its calls.
    struct Restarted {
        dht::NodeId peer;
    };
    struct Received {
        dht::NodeId peer;
        Message message;
    };
    struct Noted {
        std::string text;
    };
    using Event = std::variant<Up, Greeted, Down, Unreachable, Restarted, Received, Noted>;

    Links(const dht::NodeId& self, const Config& config, std::string instance);

    /// Dials unless it is up or being dialled. Without an address the last known one is tried. False:
    /// none is known, or there are too many connections.
    bool connect(const dht::NodeId& peer, std::optional<dht::Endpoint> address, dht::Time now);
    /// At once, or when the connection is up again if it is being dialled or was lost only a moment ago.
    /// False: dropped.
    bool send(const dht::NodeId& peer, const Message& message, dht::Time now);
    [[nodiscard]] bool is_up(const dht::NodeId& peer) const;
    [[nodiscard]] bool is_dialling(const dht::NodeId& peer) const;
    /// Whether there are calls with this peer: then its silence is noticed soon, and it is never idle.
    void use(const dht::NodeId& peer, bool in_use, dht::Time now);

    /// What is shown from now on; who is connected is greeted again.
    void renew(dht::Bytes certificate);
    /// How long an answer took; nothing unless the connection was asked since it is up.
    [[nodiscard]] std::optional<dht::Duration> rtt(const dht::NodeId& peer) const;

    void admit(LinkId link, dht::Time now);
    /// Tells the peer why, and closes.
    void refuse(LinkId link, Reason reason, dht::Time now);
    /// All of its connections.
    void refuse(const dht::NodeId& peer, Reason reason, dht::Time now);
    /// All of a peer's connections are dead at this end: this machine has another address.
    void lose(const dht::NodeId& peer, dht::Time now);
    /// Those with an open connection.
    [[nodiscard]] std::vector<dht::NodeId> peers() const;

    void opened(LinkId link, const dht::NodeId& peer, dht::Time now);
    void received(LinkId link, std::string_view text, dht::Time now);
    void closed(LinkId link, Reason reason, dht::Time now, bool refused = false);
    void advance(dht::Time now);
    void close_all(const std::string& why);

    std::optional<Command> poll_command();
    std::optional<Event> poll_event();
    [[nodiscard]] std::optional<dht::Time> deadline() const { return alarms_.next(); }

private:
    struct Link {
        dht::NodeId peer;
        bool dialled = false;
        bool open = false;
        bool closing = false;
        bool greeted = false;   ///< its hello has come
        bool admitted = false;  ///< it may be used: in an open federation once it is open
        dht::Time since{};      ///< it was opened
        dht::Time heard{};
        dht::Time pinged{};
        Rate rate;
        bool awaits_pong = false;
    };
    struct Peer {
        std::vector<LinkId> links;      ///< oldest first
        std::optional<LinkId> current;  ///< the one to send on
        std::deque<std::string> queue;  ///< until there is one
        std::size_t queue_bytes = 0;
        std::optional<dht::Endpoint> address;
        std::string instance;
        std::optional<dht::Duration> rtt;
        bool in_use = false;
        bool up = false;  ///< the floor above was told so
        dht::Time used{};
    };
    [[nodiscard]] bool preferred(const Link& link) const;
    [[nodiscard]] std::optional<LinkId> dialling(const Peer& peer) const;
    [[nodiscard]] double messages_per_second() const;
    void choose(const dht::NodeId& id, Peer& peer, dht::Time now);
    void flush(Peer& peer);
    void transmit(LinkId link, std::string text);
    void ping(LinkId id, dht::Time now);
    void greeted(LinkId id, const Hello& hello);
    /// In good order: what was sent before arrives.
    void close(LinkId id, const std::string& why, dht::Time now);
    /// At once.
    void drop(LinkId id, const std::string& why, Reason reason, dht::Time now);
    void drop_outlived(LinkId newest, dht::Time now);
    bool make_room(dht::Time now);
    void watch(LinkId id);
    void check(LinkId id, dht::Time now);

    const dht::NodeId self_;
    const Config& config_;
    const bool closed_;
    Hello hello_;
    LinkId dialled_ = 0;
    std::map<LinkId, Link> links_;
    std::map<dht::NodeId, Peer> peers_;
    // Maps, not tables: references stay valid, and tests repeat.
    Deadlines<std::variant<LinkId, dht::NodeId>> alarms_;  ///< of links; of peers: to be forgotten
    std::deque<Command> commands_;
    std::deque<Event> events_;
};

}  // namespace federation
