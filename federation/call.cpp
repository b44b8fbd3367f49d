// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/call.h"

#include <algorithm>
#include <utility>

namespace federation {

namespace {

/// The caller's clock decides about a call that nobody answers; the callee's is only for a caller
/// whose server forgot it.
constexpr dht::Duration callee_patience = std::chrono::seconds{5};

}  // namespace

Call::Call(Invite invite, const Config& config, State state, dht::Time now)
    : invite_(std::move(invite)),
      config_(&config),
      state_(state),
      reach_by_(now + config.lookup_timeout + config.dial_timeout),
      ring_by_(now + config.ring_timeout),
      calling_(state == State::locating),
      direct_(invite_.direct) {}

Call Call::outgoing(Invite invite, const Config& config, dht::Time now) {
    Call call{std::move(invite), config, State::locating, now};
    call.deadline_ = call.reach_by_;
    return call;
}

Call Call::incoming(Invite invite, const dht::NodeId& peer, const Config& config, dht::Time now,
                    CallOutput& output) {
    Call call{std::move(invite), config, State::offered, now};
    call.peer_ = peer;
    call.deadline_ = call.ring_by_ + callee_patience;
    auto& i = call.invite_;
    output.tell.emplace_back(CallIncoming{i.call, i.from, i.to, peer, i.lane, std::move(i.jsep), i.direct});
    return call;
}

CallOutput Call::step(const CallInput& input, dht::Time now) {
    CallOutput output;
    if (!over()) std::visit([&](const auto& happened) { on(happened, now, output); }, input);
    return output;
}

void Call::on(const Located& located, dht::Time /*now*/, CallOutput& output) {
    if (!is(State::locating)) return;
    state_ = State::inviting;
    peer_ = located.peer;
    invite_.lane = located.lane;
    deadline_ = located.link_up ? ring_by_ : reach_by_;
    send_invite(output);
    output.tell.emplace_back(CallProceeding{invite_.call, located.peer, located.lane});
}

void Call::on(const NotLocated& not_located, dht::Time /*now*/, CallOutput& output) {
    if (is(State::locating)) fail(not_located.reason, output);
}

void Call::on(const LinkUp& /*up*/, dht::Time /*now*/, CallOutput& output) {
    if (is(State::inviting)) deadline_ = ring_by_;
    if (!is(State::up)) return;
    deadline_.reset();
    output.send.emplace_back(Check{invite_.call});  // its bye may have been lost with the connection
}

void Call::on(const LinkDown& /*down*/, dht::Time now, CallOutput& output) {
    if (is(State::locating)) return;
    if (is(State::up)) {
        down_at_ = now;
        deadline_ = now + config_->interruption_max;
    } else if (is(State::inviting) && !std::exchange(resent_, true)) {
        deadline_ = std::max(reach_by_, now + config_->dial_timeout);
        send_invite(output);
    } else {
        fail(Reason::server_unreachable, output);
    }
}

void Call::on(const LinkFailed& failed, dht::Time /*now*/, CallOutput& output) {
    if (is(State::inviting)) fail(failed.reason, output);
    if (is(State::up) && failed.refused && deadline_) {
        deadline_ = std::min(*deadline_, down_at_ + config_->refused_max);
    }
}

void Call::on(const PeerExpelled& /*expelled*/, dht::Time /*now*/, CallOutput& output) {
    fail(Reason::not_a_member, output);
}

void Call::on(const PeerRestarted& /*restarted*/, dht::Time /*now*/, CallOutput& output) {
    if (is(State::inviting)) {
        send_invite(output);  // who has it already ignores the second
    } else if (!is(State::locating)) {
        fail(Reason::server_unreachable, output);
    }
}

void Call::on(const DeadlinePassed& /*passed*/, dht::Time now, CallOutput& output) {
    const bool nobody_answered = !is(State::locating, State::up) && now >= ring_by_;
    fail(nobody_answered ? Reason::timeout : Reason::server_unreachable, output);
}

void Call::on(const Ring& /*ring*/, dht::Time /*now*/, CallOutput& output) {
    if (!is(State::offered)) return;
    state_ = State::alerting;
    output.send.emplace_back(Ringing{invite_.call});
}

void Call::on(const Answer& answer, dht::Time /*now*/, CallOutput& output) {
    if (!is(State::offered, State::alerting)) return;
    state_ = State::up;
    deadline_.reset();
    output.send.emplace_back(Accept{invite_.call, answer.jsep, answer.direct});
    direct_ = answer.direct;
}

void Call::on(const Renegotiate& renegotiate, dht::Time /*now*/, CallOutput& output) {
    if (is(State::up)) output.send.emplace_back(Update{invite_.call, renegotiate.jsep, renegotiate.direct});
}

void Call::on(const Trickle& trickle, dht::Time /*now*/, CallOutput& output) {
    if (!direct_ || is(State::offered, State::alerting)) return;
    if (!is(State::up)) {
        if (trickled_.size() >= candidates_max) return;
        trickled_.push_back(trickle.candidate);
    }
    if (peer_) output.send.emplace_back(Candidate{invite_.call, trickle.candidate});
}

void Call::on(const ToBridge& bridge, dht::Time /*now*/, CallOutput& output) {
    if (!direct_) return;
    if (calling_ && !is(State::up)) bridge_ = bridge.jsep;
    if (is(State::up) && !calling_ && !bridge.jsep.empty()) direct_ = false;  // the answer to the offer
    if (peer_) output.send.emplace_back(Bridge{invite_.call, bridge.jsep});
}

void Call::on(const HangUp& hang_up, dht::Time /*now*/, CallOutput& output) {
    if (peer_) output.send.emplace_back(Bye{invite_.call, hang_up.reason, hang_up.text});
    finish();
}

void Call::on(const Ringing& /*ringing*/, dht::Time /*now*/, CallOutput& output) {
    if (!is(State::inviting)) return;
    state_ = State::ringing;
    deadline_ = ring_by_;
    output.tell.emplace_back(CallRinging{invite_.call});
}

void Call::on(const Accept& accept, dht::Time /*now*/, CallOutput& output) {
    if (!is(State::inviting, State::ringing)) return;
    if (accept.direct && !direct_) return fail(Reason::protocol_error, output);
    state_ = State::up;
    deadline_.reset();
    trickled_.clear();
    direct_ = accept.direct;
    output.tell.emplace_back(CallAccepted{invite_.call, accept.jsep, direct_});
}

void Call::on(const Update& update, dht::Time /*now*/, CallOutput& output) {
    if (!is(State::up) || update.direct != direct_) return;
    candidates_ = 0;
    output.tell.emplace_back(CallUpdated{invite_.call, update.jsep, update.direct});
}

void Call::on(const Candidate& candidate, dht::Time /*now*/, CallOutput& output) {
    const bool described = !calling_ || is(State::up);  // the callee's description comes with its accept
    if (!direct_ || !described || ++candidates_ > candidates_max) return;
    output.tell.emplace_back(CallCandidate{invite_.call, candidate.candidate});
}

void Call::on(const Bridge& bridge, dht::Time /*now*/, CallOutput& output) {
    if (!direct_) return;
    const bool offer = !calling_ && !bridge.jsep.empty();
    const bool question = calling_ && bridge.jsep.empty() && !is(State::locating);
    const bool answer = calling_ && !bridge.jsep.empty() && is(State::up);
    if (answer) direct_ = false;
    if (offer || question || answer) output.tell.emplace_back(CallBridge{invite_.call, bridge.jsep});
}

void Call::on(const Bye& bye, dht::Time /*now*/, CallOutput& output) {
    const auto reason = bye.reason == Reason::none ? Reason::hangup : bye.reason;
    output.tell.emplace_back(CallEnded{invite_.call, reason, bye.text});
    finish();
}

void Call::send_invite(CallOutput& output) const {
    output.send.emplace_back(invite_);
    for (const auto& candidate : trickled_) output.send.emplace_back(Candidate{invite_.call, candidate});
    if (bridge_) output.send.emplace_back(Bridge{invite_.call, *bridge_});
}

void Call::fail(Reason reason, CallOutput& output) {
    if (peer_) output.send.emplace_back(Bye{invite_.call, reason, {}});
    output.tell.emplace_back(CallEnded{invite_.call, reason, {}});
    finish();
}

void Call::finish() {
    state_ = State::over;
    deadline_.reset();
}

}  // namespace federation
