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

// What can happen to a call, beside the messages of the other side and news of the connection.
struct Located {
    dht::NodeId peer;
    LaneId lane = 0;
    bool link_up = false;
};
struct NotLocated {
    Reason reason;
};
// The floor above asks for it.
struct Ring {};
struct Answer {
    std::string jsep;
    bool direct = false;
};
struct Renegotiate {
    std::string jsep;
    bool direct = false;
};
struct Trickle {
    std::string candidate;
};
struct ToBridge {
    std::string jsep;
};
struct HangUp {
    Reason reason;
    std::string text;
};
using CallInput = std::variant<Located, NotLocated, LinkUp, LinkDown, LinkFailed, PeerRestarted, PeerExpelled,
                               DeadlinePassed, Ring, Answer, Renegotiate, Trickle, ToBridge, HangUp, Ringing,
                               Accept, Update, Candidate, Bridge, Bye>;

/// What is to be done about it: messages for the other side's server, events for the floor above.
struct CallOutput {
    std::vector<Message> send;
    std::vector<Event> tell;
};

/// One end of a call. `step` is its only transition; what a state has no use for changes nothing.
///
///     calling:  locating → inviting → ringing → up → over
///     called:   offered → alerting → up → over
///
/// Until it is up a call ends with its signalling connection, but for an invite that may not have
/// arrived: that is sent once more over a new one. A call that is up outlives the connection, since
/// its media goes another way; it ends when none comes back within `interruption_max`, or within
/// `refused_max` when the other server is found to have ended.
///
/// A direct call's descriptions and candidates are for the browsers. What the caller trickles before somebody
/// has accepted is kept, and sent after each invite. Once both sides want it bridged, it is a call like
/// others.
class Call {
public:
    enum class State { locating, inviting, ringing, offered, alerting, up, over };

    /// `invite` lacks the lane, which is known when the peer is.
    static Call outgoing(Invite invite, const Config& config, dht::Time now);
    /// Its output tells CallIncoming.
    static Call incoming(Invite invite, const dht::NodeId& peer, const Config& config, dht::Time now,
                         CallOutput& output);

    [[nodiscard]] CallOutput step(const CallInput& input, dht::Time now);

    [[nodiscard]] State state() const { return state_; }
    [[nodiscard]] bool over() const { return state_ == State::over; }
    /// Whose server the other end is at; nobody's while locating.
    [[nodiscard]] const std::optional<dht::NodeId>& peer() const { return peer_; }
    [[nodiscard]] LaneId lane() const { return invite_.lane; }
    /// When to step with DeadlinePassed.
    [[nodiscard]] std::optional<dht::Time> deadline() const { return deadline_; }

private:
    Call(Invite invite, const Config& config, State state, dht::Time now);

    void on(const Located& located, dht::Time now, CallOutput& output);
    void on(const NotLocated& not_located, dht::Time now, CallOutput& output);
    void on(const LinkUp& up, dht::Time now, CallOutput& output);
    void on(const LinkDown& down, dht::Time now, CallOutput& output);
    void on(const LinkFailed& failed, dht::Time now, CallOutput& output);
    void on(const PeerRestarted& restarted, dht::Time now, CallOutput& output);
    void on(const PeerExpelled& expelled, dht::Time now, CallOutput& output);
    void on(const DeadlinePassed& passed, dht::Time now, CallOutput& output);
    void on(const Ring& ring, dht::Time now, CallOutput& output);
    void on(const Answer& answer, dht::Time now, CallOutput& output);
    void on(const Renegotiate& renegotiate, dht::Time now, CallOutput& output);
    void on(const Trickle& trickle, dht::Time now, CallOutput& output);
    void on(const ToBridge& bridge, dht::Time now, CallOutput& output);
    void on(const HangUp& hang_up, dht::Time now, CallOutput& output);
    void on(const Ringing& ringing, dht::Time now, CallOutput& output);
    void on(const Accept& accept, dht::Time now, CallOutput& output);
    void on(const Update& update, dht::Time now, CallOutput& output);
    void on(const Candidate& candidate, dht::Time now, CallOutput& output);
    void on(const Bridge& bridge, dht::Time now, CallOutput& output);
    void on(const Bye& bye, dht::Time now, CallOutput& output);

    [[nodiscard]] bool is(State a) const { return state_ == a; }
    [[nodiscard]] bool is(State a, State b) const { return state_ == a || state_ == b; }
    /// The invite, and what belongs to it.
    void send_invite(CallOutput& output) const;
    /// Whether the caller's browser is at this end.
    [[nodiscard]] bool calling() const { return calling_; }
    /// Tells both sides.
    void fail(Reason reason, CallOutput& output);
    void finish();

    Invite invite_;
    const Config* config_;
    State state_;
    std::optional<dht::NodeId> peer_;
    dht::Time reach_by_;  ///< the invite must have left by then
    dht::Time ring_by_;   ///< somebody must have answered by then
    dht::Time down_at_;   ///< when a call that is up lost its connection
    std::optional<dht::Time> deadline_;
    bool resent_ = false;
    bool calling_;
    bool direct_;                        ///< the browsers are to connect, or have
    std::vector<std::string> trickled_;  ///< by the caller, until somebody accepts
    std::optional<std::string> bridge_;  ///< the caller's offer to go through the servers instead
    std::size_t candidates_ = 0;         ///< received since the last description
};

}  // namespace federation
