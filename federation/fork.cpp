// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/fork.h"

#include <utility>
#include <variant>

namespace federation {

namespace {

/// How much an end tells about the callee, whom the caller wants to reach.
int telling(Reason reason) {
    switch (reason) {
        case Reason::busy:
            return 3;
        case Reason::timeout:
            return 2;
        case Reason::unknown_user:  // a place that she has just left
            return 0;
        default:
            return 1;
    }
}

}  // namespace

Fork::Fork(Invite invite) : invite_(std::move(invite)) {
    legs_[invite_.call];
}

std::optional<Invite> Fork::add(const CallId& leg) {
    if (answered_ || over_) return {};
    legs_[leg];
    Invite invite = invite_;
    invite.call = leg;
    return invite;
}

Fork::Output Fork::complete() {
    Output output;
    complete_ = true;
    if (!over_ && legs_.empty() && ended_) end(*ended_, output);
    return output;
}

Fork::Output Fork::heard(const CallId& leg, Event event) {
    Output output;
    if (over_ || !legs_.contains(leg)) return output;
    std::visit(
        [&](auto& happened) {
            if constexpr (requires { happened.call; }) happened.call = call();
            on(leg, std::move(happened), output);
        },
        event);
    return output;
}

std::vector<CallId> Fork::legs() const {
    std::vector<CallId> out;
    for (const auto& [leg, place] : legs_) out.push_back(leg);
    return out;
}

void Fork::trickle(const std::string& candidate) {
    if (!answered_ && trickled_.size() < candidates_max) trickled_.push_back(candidate);
}

void Fork::bridge(const std::string& offer) {
    bridge_ = offer;
}

std::vector<CallId> Fork::listeners() const {
    return answered_ ? std::vector{*answered_} : legs();
}

void Fork::on(const CallId& leg, CallProceeding event, Output& output) {
    legs_[leg] = event;
    output.tell.emplace_back(std::move(event));
}

void Fork::on(const CallId& /*leg*/, CallRinging event, Output& output) {
    if (!std::exchange(rings_, true)) output.tell.emplace_back(std::move(event));
}

void Fork::on(const CallId& leg, CallAccepted event, Output& output) {
    if (answered_) return;
    answered_ = leg;
    invite_.jsep.clear();
    trickled_.clear();
    cancel_others(leg, Reason::answered_elsewhere, output);
    // Said again, since what was said last may have been another leg's.
    if (const auto place = legs_[leg]; place && legs_.size() > 1) output.tell.emplace_back(*place);
    output.tell.emplace_back(std::move(event));
}

void Fork::on(const CallId& leg, CallUpdated event, Output& output) {
    if (answered_ == leg) output.tell.emplace_back(std::move(event));
}

void Fork::on(const CallId& leg, CallCandidate event, Output& output) {
    if (answered_ == leg) output.tell.emplace_back(std::move(event));
}

/// A place that cannot be called directly asks for the whole call: the offer goes to all.
void Fork::on(const CallId& leg, CallBridge event, Output& output) {
    const bool question = event.jsep.empty() && !bridge_;
    if (answered_ ? answered_ == leg : question) output.tell.emplace_back(std::move(event));
}

void Fork::on(const CallId& leg, CallEnded event, Output& output) {
    legs_.erase(leg);
    if (answered_) {
        if (answered_ == leg) end(std::move(event), output);
        return;
    }
    if (event.reason == Reason::declined || event.reason == Reason::hangup) {
        cancel_others(leg, event.reason, output);
        return end(std::move(event), output);
    }
    if (!ended_ || telling(event.reason) > telling(ended_->reason)) ended_ = std::move(event);
    if (complete_ && legs_.empty()) end(*ended_, output);
}

void Fork::cancel_others(const CallId& leg, Reason why, Output& output) const {
    output.why = why;
    for (const auto& [other, place] : legs_) {
        if (other != leg) output.cancel.push_back(other);
    }
}

void Fork::end(CallEnded event, Output& output) {
    over_ = true;
    output.tell.emplace_back(std::move(event));
}

}  // namespace federation
