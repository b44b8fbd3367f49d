// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/server.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <deque>
#include <limits>
#include <map>
#include <type_traits>
#include <unordered_map>
#include <utility>

#include "federation/call.h"
#include "federation/deadlines.h"
#include "federation/directory.h"
#include "federation/links.h"
#include "federation/name.h"

namespace federation {

namespace {

/// Between attempts to win back a connection that calls want: eight within `link_lost_max`.
constexpr dht::Duration redial_interval = std::chrono::milliseconds{250};

template <std::size_t octets>
std::string random_hex(dht::Random& random) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::array<std::uint8_t, octets> bytes{};
    random.fill(bytes);
    std::string hex;
    for (const auto byte : bytes) {
        hex += digits[byte >> 4U];
        hex += digits[byte & 15U];
    }
    return hex;
}

/// The id of the other end of a call within this server, where one id cannot name both.
CallId other_end(CallId call) {
    char& last = call.back();
    const bool letter = last >= 'a';
    const int digit = (letter ? last - 'a' + 10 : last - '0') ^ 1;
    last = static_cast<char>(digit < 10 ? '0' + digit : 'a' + digit - 10);
    return call;
}

/// At most `bytes_max` octets, with no character cut in two.
std::string shortened(std::string text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) return text;
    while (bytes_max > 0 && (static_cast<std::uint8_t>(text[bytes_max]) & 0xC0U) == 0x80) --bytes_max;
    text.resize(bytes_max);
    return text;
}

}  // namespace

struct Server::State {
    State(const dht::Identity& identity, Config settings, dht::Random& chance)
        : config(std::move(settings)),
          random(chance),
          self(identity.node_id()),
          node(identity, config.node, random),
          directory(node, config),
          links(self, config, random_hex<8>(random)) {}

    // What must not move: the parts refer to it.
    const Config config;
    dht::Random& random;
    const dht::NodeId self;
    dht::Node node;
    Directory directory;
    Links links;

    std::map<CallId, Call> calls;
    Deadlines<CallId> call_deadlines;
    std::map<dht::NodeId, std::size_t> calls_with;
    LaneId lanes = 0;
    std::deque<Message> to_self;

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
    };
    std::map<dht::NodeId, Reach> reaching;
    Deadlines<dht::NodeId> redials;

    std::deque<Event> events;
    bool stopping = false;

    // ---- Turning what the parts tell into what the others do, until nothing is left.

    void settle(dht::Now now) {
        while (settle_node(now) || settle_directory(now) || settle_links(now) || settle_self(now)) {
        }
    }

    bool settle_node(dht::Now now) {
        const auto event = node.poll_event();
        if (!event) return false;
        if (stopping) return true;
        if (const auto* found = std::get_if<dht::ValuesFound>(&*event)) directory.handle(*found, now);
        if (const auto* stored = std::get_if<dht::Stored>(&*event)) directory.handle(*stored, now);
        if (const auto* joined = std::get_if<dht::Joined>(&*event)) {
            events.emplace_back(NodeJoined{joined->contacts});
        }
        return true;
    }

    bool settle_directory(dht::Now now) {
        const auto event = directory.poll_event();
        if (!event) return false;
        std::visit([&](const auto& happened) { on(happened, now); }, *event);
        return true;
    }

    bool settle_links(dht::Now now) {
        const auto event = links.poll_event();
        if (!event) return false;
        std::visit([&](const auto& happened) { on(happened, now); }, *event);
        return true;
    }

    bool settle_self(dht::Now now) {
        if (to_self.empty()) return false;
        const auto message = std::move(to_self.front());
        to_self.pop_front();
        receive(self, message, now);
        return true;
    }

    // ---- What the directory tells

    void on(const Directory::Registered& registered, dht::Now /*now*/) {
        events.emplace_back(UserRegistered{registered.user});
    }

    void on(const Directory::Refused& refused, dht::Now /*now*/) {
        events.emplace_back(UserRefused{refused.user, refused.reason});
    }

    void on(const Directory::Found& found, dht::Now now) {
        const auto entry = finds.find(found.find);
        if (entry == finds.end()) return;
        const auto wanted = std::move(entry->second);
        finds.erase(entry);
        if (wanted.call) return located(*wanted.call, found, now);
        const auto server = found.place ? std::optional{found.place->server} : std::nullopt;
        events.emplace_back(UserFound{wanted.lookup, wanted.text, server, found.reason});
    }

    void on(const Directory::Described& described, dht::Now now) {
        const auto& peer = described.server;
        const auto entry = reaching.find(peer);
        if (entry == reaching.end() || links.is_up(peer) || links.is_dialling(peer)) return;
        auto& reach = entry->second;
        const bool news = described.signalling && described.signalling != reach.tried;
        if (news && links.connect(peer, described.signalling, now.time)) {
            reach.tried = described.signalling;
        } else {
            unreachable(peer, reach.reason, now);
        }
    }

    // ---- What the connections tell

    void on(const Links::Up& up, dht::Now now) {
        reaching.erase(up.peer);
        redials.clear(up.peer);
        links.use(up.peer, calls_with.contains(up.peer), now.time);
        events.emplace_back(PeerUp{up.peer});
        step_all(up.peer, LinkUp{}, now);
    }

    void on(const Links::Down& down, dht::Now now) {
        events.emplace_back(PeerDown{down.peer, down.reason});
        step_all(down.peer, LinkDown{}, now);
        if (calls_with.contains(down.peer)) reach(down.peer, {}, now);
    }

    void on(const Links::Unreachable& failed, dht::Now now) {
        const auto entry = reaching.find(failed.peer);
        if (entry == reaching.end() || std::exchange(entry->second.described, true)) {
            return unreachable(failed.peer, failed.reason, now);
        }
        entry->second.reason = failed.reason;
        directory.describe(failed.peer, now);
    }

    void on(const Links::Restarted& restarted, dht::Now now) {
        step_all(restarted.peer, PeerRestarted{}, now);
    }

    void on(const Links::Received& received, dht::Now now) { receive(received.peer, received.message, now); }

    void on(const Links::Noted& noted, dht::Now /*now*/) { note(noted.text); }

    // ---- Reaching a peer

    void reach(const dht::NodeId& peer, const std::optional<dht::Endpoint>& hint, dht::Now now) {
        if (peer == self || links.is_up(peer) || links.is_dialling(peer)) return;
        if (reaching.contains(peer)) return;  // its descriptor is being looked up
        auto& reach = reaching[peer];
        reach.tried = hint;
        if (links.connect(peer, hint, now.time)) return;
        reach.described = true;
        reach.reason = Reason::too_many;
        directory.describe(peer, now);
    }

    void unreachable(const dht::NodeId& peer, Reason reason, dht::Now now) {
        reaching.erase(peer);
        step_all(peer, LinkFailed{reason == Reason::none ? Reason::server_unreachable : reason}, now);
        if (calls_with.contains(peer)) redials.set(peer, now.time + redial_interval);
    }

    // ---- Calls

    void located(const CallId& id, const Directory::Found& found, dht::Now now) {
        if (!found.place) return step(id, NotLocated{found.reason}, now);
        const auto& peer = found.place->server;
        reach(peer, found.place->signalling, now);
        step(id, Located{peer, allocate_lane(peer), peer == self || links.is_up(peer)}, now);
    }

    LaneId allocate_lane(const dht::NodeId& peer) {
        // Lane 0 is the trunk's own. After two thousand million calls the oldest numbers come again.
        lanes = lanes % (std::numeric_limits<LaneId>::max() / 2) + 1;
        return lanes * 2 + (self > peer ? 1 : 0);
    }

    void step(const CallId& id, const CallInput& input, dht::Now now) {
        const auto entry = calls.find(id);
        if (entry == calls.end()) return;
        auto& call = entry->second;
        const auto peer_before = call.peer();
        auto output = call.step(input, now.time);
        const auto peer = call.peer();
        if (peer && !peer_before) count(*peer, 1, now);
        carry_out(peer, std::move(output), now);
        settle_deadline(entry, now);
    }

    void settle_deadline(std::map<CallId, Call>::iterator entry, dht::Now now) {
        const auto& [id, call] = *entry;
        if (call.deadline()) {
            call_deadlines.set(id, *call.deadline());
        } else {
            call_deadlines.clear(id);
        }
        if (!call.over()) return;
        if (call.peer()) count(*call.peer(), -1, now);
        calls.erase(entry);
    }

    void step_all(const dht::NodeId& peer, const CallInput& input, dht::Now now) {
        std::vector<CallId> ids;
        for (const auto& [id, call] : calls) {
            if (call.peer() == peer) ids.push_back(id);
        }
        for (const auto& id : ids) step(id, input, now);
    }

    void count(const dht::NodeId& peer, int change, dht::Now now) {
        auto& calls_of_peer = calls_with[peer];
        calls_of_peer += static_cast<std::size_t>(change);
        if (peer != self) links.use(peer, calls_of_peer > 0, now.time);
        if (calls_of_peer == 0) calls_with.erase(peer);
    }

    void carry_out(const std::optional<dht::NodeId>& peer, CallOutput output, dht::Now now) {
        for (auto& message : output.send) send(*peer, std::move(message), now);
        for (auto& event : output.tell) events.push_back(std::move(event));
    }

    void send(const dht::NodeId& peer, Message message, dht::Now now) {
        if (peer != self) {
            links.send(peer, message, now.time);
            return;
        }
        std::visit(
            [](auto& m) {
                if constexpr (requires { m.call; }) m.call = other_end(m.call);
            },
            message);
        to_self.push_back(std::move(message));
    }

    // ---- Messages of a peer

    void receive(const dht::NodeId& peer, const Message& message, dht::Now now) {
        std::visit([&](const auto& m) { on_message(peer, m, now); }, message);
    }

    void on_message(const dht::NodeId& peer, const Invite& invite, dht::Now now) {
        const auto known = calls.find(invite.call);
        if (known != calls.end() && known->second.peer() == peer) return;  // sent once more
        const bool lane_is_theirs = (invite.lane & 1U) == (peer > self ? 1 : 0);
        const auto refuse = [&](Reason reason) { send(peer, Bye{invite.call, reason, {}}, now); };
        if (stopping) return refuse(Reason::shutting_down);
        if (known != calls.end() || !lane_is_theirs || lane_in_use(peer, invite.lane)) {
            note(peer.hex() + ": an invite with an id or lane that is not its own", true);
            return refuse(Reason::protocol_error);
        }
        if (!directory.has_user(invite.to)) return refuse(Reason::unknown_user);
        if (calls.size() >= config.calls_max) return refuse(Reason::too_many);
        CallOutput output;
        auto call = Call::incoming(invite, peer, config, now.time, output);
        const auto entry = calls.emplace(invite.call, std::move(call)).first;
        count(peer, 1, now);
        carry_out(peer, std::move(output), now);
        settle_deadline(entry, now);
    }

    [[nodiscard]] bool lane_in_use(const dht::NodeId& peer, LaneId lane) const {
        if (peer == self) return false;  // both ends are here
        return std::ranges::any_of(calls, [&](const auto& entry) {
            return entry.second.peer() == peer && entry.second.lane() == lane;
        });
    }

    template <class M>
    requires requires(M m) { m.call; }
    void on_message(const dht::NodeId& peer, const M& message, dht::Now now) {
        constexpr bool is_bye = std::is_same_v<M, Bye>;
        const auto call = calls.find(message.call);
        const bool known = call != calls.end() && call->second.peer() == peer;
        if (!known) {
            if (call != calls.end()) note(peer.hex() + ": a message for a call of others", true);
            if (!is_bye) send(peer, Bye{message.call, Reason::hangup, {}}, now);
            return;
        }
        if constexpr (!std::is_same_v<M, Check>) step(message.call, message, now);
    }

    void on_message(const dht::NodeId& peer, const TrunkSignal& signal, dht::Now /*now*/) {
        if (!stopping) events.emplace_back(TrunkSignalled{peer, signal});
    }

    // The connections answer these themselves.
    void on_message(const dht::NodeId& /*peer*/, const Hello& /*m*/, dht::Now /*now*/) {}
    void on_message(const dht::NodeId& /*peer*/, const Ping& /*m*/, dht::Now /*now*/) {}
    void on_message(const dht::NodeId& /*peer*/, const Pong& /*m*/, dht::Now /*now*/) {}

    void note(std::string text, bool warning = false) { events.emplace_back(Note{std::move(text), warning}); }
};

Server::Server(const dht::Identity& identity, Config config, dht::Random& random)
    : state_(std::make_unique<State>(identity, std::move(config), random)) {}

Server::~Server() = default;

const dht::NodeId& Server::id() const {
    return state_->self;
}

const dht::Node& Server::node() const {
    return state_->node;
}

void Server::bootstrap(const std::vector<dht::Endpoint>& contacts, dht::Now now) {
    state_->node.bootstrap(contacts, now);
    state_->directory.appear(now);
    state_->settle(now);
}

// ---- Users

void Server::register_user(const std::string& user, dht::Now now) {
    if (state_->stopping) {
        state_->events.emplace_back(UserRefused{user, Reason::shutting_down});
        return;
    }
    state_->directory.register_user(user, now);
    state_->settle(now);
}

void Server::unregister_user(const std::string& user, dht::Now now) {
    state_->directory.unregister_user(user, now);
    state_->settle(now);
}

bool Server::has_user(const std::string& user) const {
    return state_->directory.has_user(user);
}

std::vector<std::string> Server::users() const {
    return state_->directory.users();
}

std::uint64_t Server::lookup(const std::string& user, dht::Now now) {
    const auto lookup = ++state_->lookups;
    const auto address = UserAddress::parse(user);
    if (address && !state_->stopping) {
        const auto find = state_->directory.find(*address, now);
        state_->finds.emplace(find, State::Wanted{*address, user, {}, lookup});
    } else {
        state_->events.emplace_back(UserFound{lookup, user, {}, Reason::unknown_user});
    }
    state_->settle(now);
    return lookup;
}

// ---- Calls

CallId Server::call(const std::string& caller, const std::string& callee, std::string jsep, dht::Now now) {
    auto& s = *state_;
    auto id = random_hex<16>(s.random);
    const auto address = UserAddress::parse(callee);
    const bool sound = valid_user(caller) && (jsep.empty() || valid_jsep(jsep));
    const auto refusal = s.stopping                             ? Reason::shutting_down
                         : !address                             ? Reason::unknown_user
                         : !sound                               ? Reason::protocol_error
                         : s.calls.size() >= s.config.calls_max ? Reason::too_many
                                                                : Reason::none;
    if (refusal != Reason::none) {
        s.events.emplace_back(CallEnded{id, refusal, {}});
        return id;
    }
    Invite invite{id, caller, address->user, 0, std::move(jsep)};
    s.calls.emplace(id, Call::outgoing(std::move(invite), s.config, now.time));
    s.call_deadlines.set(id, *s.calls.at(id).deadline());
    const auto find = s.directory.find(*address, now);
    s.finds.emplace(find, State::Wanted{*address, callee, id, 0});
    s.settle(now);
    return id;
}

void Server::ringing(const CallId& call, dht::Now now) {
    state_->step(call, Ring{}, now);
    state_->settle(now);
}

void Server::accept(const CallId& call, std::string jsep, dht::Now now) {
    state_->step(call, Answer{std::move(jsep)}, now);
    state_->settle(now);
}

void Server::update(const CallId& call, std::string jsep, dht::Now now) {
    state_->step(call, Renegotiate{std::move(jsep)}, now);
    state_->settle(now);
}

void Server::bye(const CallId& call, Reason reason, std::string text, dht::Now now) {
    state_->step(call, HangUp{reason, shortened(std::move(text), text_bytes_max)}, now);
    state_->settle(now);
}

std::size_t Server::calls() const {
    return state_->calls.size();
}

void Server::signal_trunk(const dht::NodeId& peer, TrunkSignal signal, dht::Now now) {
    auto& s = *state_;
    if (s.stopping) return;
    if (peer != s.self) s.reach(peer, {}, now);
    if (peer == s.self || !s.links.send(peer, signal, now.time)) {
        s.note("a trunk signal for " + peer.hex() + " had no way to go");
    }
    s.settle(now);
}

// ---- From the driver

void Server::receive(dht::BytesView datagram, const dht::Endpoint& from, dht::Now now) {
    state_->node.receive(datagram, from, now);
    state_->settle(now);
}

void Server::link_opened(LinkId link, const dht::NodeId& peer, dht::Now now) {
    state_->links.opened(link, peer, now.time);
    state_->settle(now);
}

void Server::link_received(LinkId link, std::string_view text, dht::Now now) {
    state_->links.received(link, text, now.time);
    state_->settle(now);
}

void Server::link_closed(LinkId link, Reason reason, dht::Now now) {
    state_->links.closed(link, reason, now.time);
    state_->settle(now);
}

void Server::advance(dht::Now now) {
    auto& s = *state_;
    s.node.advance(now);
    s.directory.advance(now);
    s.links.advance(now.time);
    while (const auto call = s.call_deadlines.pop_due(now.time)) s.step(*call, DeadlinePassed{}, now);
    while (const auto peer = s.redials.pop_due(now.time)) {
        if (s.calls_with.contains(*peer)) s.reach(*peer, {}, now);
    }
    s.settle(now);
}

void Server::shut_down(dht::Now now) {
    auto& s = *state_;
    if (std::exchange(s.stopping, true)) return;
    std::vector<CallId> ids;
    for (const auto& [id, call] : s.calls) ids.push_back(id);
    for (const auto& id : ids) {
        s.step(id, HangUp{Reason::shutting_down, {}}, now);
        s.events.emplace_back(CallEnded{id, Reason::shutting_down, {}});
    }
    s.to_self.clear();
    s.directory.shut_down(now);
    s.links.close_all("shutting down");
    s.settle(now);
}

std::optional<dht::Datagram> Server::poll_datagram() {
    return state_->node.poll_datagram();
}

std::optional<Command> Server::poll_command() {
    return state_->links.poll_command();
}

std::optional<Event> Server::poll_event() {
    auto& events = state_->events;
    if (events.empty()) return {};
    auto event = std::move(events.front());
    events.pop_front();
    return event;
}

std::optional<dht::Time> Server::deadline() const {
    const auto& s = *state_;
    const auto ours = earlier(s.call_deadlines.next(), s.redials.next());
    return earlier(earlier(s.node.deadline(), s.directory.deadline()), earlier(s.links.deadline(), ours));
}

}  // namespace federation
