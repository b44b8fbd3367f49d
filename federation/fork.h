// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "federation/event.h"
#include "federation/protocol.h"
#include "federation/reason.h"

namespace federation {

/// One call that rings wherever the callee is registered. Each place has a leg: a `Call` with an id of
/// its own, the first with that of the whole. The floor above sees one call.
///
/// The first leg to be accepted wins, and the others are told `answered_elsewhere`. Who declines
/// declines for all places; a busy or unreachable place leaves it to the others. When nobody is left,
/// the call ends for the reason that says most.
class Fork {
public:
    /// What becomes of a leg's event.
    struct Output {
        std::vector<Event> tell;
        std::vector<CallId> cancel;  ///< legs to hang up
        Reason why = Reason::none;   ///< with this reason
    };

    /// `invite` is the first leg's. Its offer is kept for legs that come later.
    explicit Fork(Invite invite);

    [[nodiscard]] const CallId& call() const { return invite_.call; }
    /// The invite of a further leg; nothing once the call was accepted or has ended.
    std::optional<Invite> add(const CallId& leg);
    /// Of a direct call: what every leg must hear, also those that come later. To be said to `listeners`.
    void trickle(const std::string& candidate);
    void bridge(const std::string& offer);
    /// What a further leg has missed.
    [[nodiscard]] const std::vector<std::string>& trickled() const { return trickled_; }
    [[nodiscard]] const std::optional<std::string>& bridge() const { return bridge_; }
    /// The leg that was accepted, or all.
    [[nodiscard]] std::vector<CallId> listeners() const;
    /// No further leg will come.
    Output complete();
    /// Event of a leg, with the leg's id in it.
    Output heard(const CallId& leg, Event event);

    /// Those not over, as far as is known here.
    [[nodiscard]] std::vector<CallId> legs() const;
    /// The leg that was accepted.
    [[nodiscard]] const std::optional<CallId>& answered() const { return answered_; }
    /// Nothing more will be told.
    [[nodiscard]] bool over() const { return over_; }

private:
    void on(const CallId& leg, CallProceeding event, Output& output);
    void on(const CallId& leg, CallRinging event, Output& output);
    void on(const CallId& leg, CallAccepted event, Output& output);
    void on(const CallId& leg, CallUpdated event, Output& output);
    void on(const CallId& leg, CallCandidate event, Output& output);
    void on(const CallId& leg, CallBridge event, Output& output);
    void on(const CallId& leg, CallEnded event, Output& output);
    template <class Other>
    void on(const CallId& /*leg*/, const Other& /*event*/, Output& /*output*/) {}

    void cancel_others(const CallId& leg, Reason why, Output& output) const;
    void end(CallEnded event, Output& output);

    Invite invite_;
    std::map<CallId, std::optional<CallProceeding>> legs_;  ///< and where each leads
    std::optional<CallEnded> ended_;                        ///< of those that are over, what says most
    std::optional<CallId> answered_;
    std::vector<std::string> trickled_;
    std::optional<std::string> bridge_;  ///< the offer to go through the servers
    bool rings_ = false;
    bool complete_ = false;
    bool over_ = false;
};

}  // namespace federation
