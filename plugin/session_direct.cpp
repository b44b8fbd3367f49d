// SPDX-License-Identifier: GPL-3.0-or-later
/// Direct calls: what the browsers say to each other passes, and when they cannot connect the call is
/// bridged.
#include <strings.h>

#include <utility>

#include "plugin/direct.h"
#include "plugin/json.h"
#include "plugin/session.h"

namespace plugin {

using federation::Json;
using federation::Reason;

void Session::accept_directly(const Accept& request) {
    if (!request.description)
        return fail({Code::missing_sdp, "Missing description: this call is direct", "missing-sdp"});
    const Json answer = load(*request.description);
    const auto mlines = parse_mlines(json_string_value(json_object_get(answer.get(), "sdp")));
    if (!mlines || !have_something_in_common(offered_, *mlines)) {
        const auto reason = Reason::incompatible_codecs;
        fail({Code::unknown, std::string{sentence(reason)}, std::string{word(reason)}});
        const auto call = call_;
        leave_call();
        return host_.bye(call, reason, {});
    }
    enter(Phase::talking);
    host_.accept(call_, *request.description, true);
    reply(result_event("accepted"));
    notify(handler_event("accepted", {{"username", remote_user_}, {"media", "direct"}}));
}

void Session::accepted_directly(const std::string& jsep) {
    const auto description = parse_description(load(jsep).get(), "answer");
    const auto* text = std::get_if<std::string>(&description);
    if (!text || way_ == Way::bridged) return give_up(Reason::protocol_error);
    enter(Phase::talking);
    push({}, result_event_with("accepted", {{"username", remote_user_}, {"media", "direct"}}, "description",
                               *text));
    notify(handler_event("accepted", {{"username", remote_user_}, {"media", "direct"}}));
    // It may have been asked for, or offered, while the callee accepted.
    wait_for_browsers(way_ == Way::direct && !asked_ ? &Session::ask_for_offer : &Session::direct_failed);
}

void Session::on(const Trickle& request) {
    // The callee has described nothing before it accepts.
    const bool described = calling_ ? phase_ != Phase::idle : phase_ == Phase::talking;
    if (way_ == Way::bridged || !described) return fail({Code::no_call, "No direct call", "no-call"});
    if (++candidates_ > federation::candidates_max)
        return fail({Code::unknown, "Too many candidates", std::string{word(Reason::too_many)}});
    host_.candidate(call_, request.candidate);
    reply(result_event("trickled"));
}

void Session::candidate(const std::string& candidate) {
    if (destroyed_ || way_ == Way::bridged || !(calling_ || told_)) return;
    const auto checked = parse_candidate(load(candidate).get());
    if (const auto* text = std::get_if<std::string>(&checked))
        push({}, result_event_with("candidate", {}, "candidate", *text));
}

void Session::on(const Connected& /*request*/) {
    if (phase_ != Phase::talking || way_ != Way::direct)
        return fail({Code::no_call, "No direct call", "no-call"});
    ++waits_;
    asked_ = false;
    if (calling_ && !std::exchange(connected_, true)) host_.count_direct("connected");
    reply(result_event("connected"));
    notify(handler_event("connected", {{"username", remote_user_}}));
}

// ---- From direct to bridged

void Session::on(const Bridge& /*request*/) {
    const auto none = [this] { fail({Code::no_call, "No direct call to bridge", "no-call"}); };
    if (phase_ == Phase::idle || way_ == Way::bridged) return none();
    if (!jsep_ && calling_)
        return fail({Code::missing_sdp, "Missing SDP: the caller bridges with an offer", "missing-sdp"});
    if (!jsep_) {
        if (way_ == Way::direct && !std::exchange(asked_, true)) host_.bridge(call_, {});
        return reply(result_event("bridging"));
    }
    const bool turn = calling_ ? way_ == Way::direct : way_ == Way::bridging;
    if (!turn) return none();
    const auto jsep = required_jsep();
    if (!jsep) return;
    if (strcasecmp(jsep->type.c_str(), calling_ ? "offer" : "answer") != 0)
        return fail({Code::invalid_sdp, "Invalid SDP type (" + jsep->type + ")", "invalid-sdp"});
    bridge_with(*jsep);
}

void Session::bridge_with(const Jsep& jsep) {
    if (!calling_ && !answered(jsep)) return;
    way_ = calling_ ? Way::bridging : Way::bridged;
    publish_facts();
    host_.bridge(call_, jsep.to_json());
    reply(result_event(calling_ ? "bridging" : "bridged"));
    if (!calling_) return notify(handler_event("bridged", {{"username", remote_user_}}));
    if (phase_ == Phase::talking)
        wait_for_browsers(&Session::direct_failed);
    else
        ++waits_;  // the ring timeout is what ends it now
}

void Session::bridge(const std::string& jsep) {
    if (destroyed_ || phase_ == Phase::idle) return;
    if (calling_ && jsep.empty()) {
        if (way_ == Way::direct && !asked_) ask_for_offer();
        return;
    }
    if (way_ != (calling_ ? Way::bridging : Way::direct)) return;
    const auto parsed = parse_jsep(load(jsep).get());
    const auto* sound = std::get_if<Jsep>(&parsed);
    if (!sound || strcasecmp(sound->type.c_str(), calling_ ? "answer" : "offer") != 0)
        return give_up(Reason::protocol_error);
    if (!calling_) {
        way_ = phase_ == Phase::ringing_in ? Way::bridged : Way::bridging;
        offered_ = *parse_mlines(sound->sdp);
        publish_facts();
        return offer_browser(jsep);
    }
    if (const Reason reason = connect_media(jsep); reason != Reason::none) return give_up(reason);
    way_ = Way::bridged;
    ++waits_;
    publish_facts();
    host_.count_direct("bridged");
    push({}, result_event("bridged", {{"username", remote_user_}}), for_browser(jsep));
    notify(handler_event("bridged", {{"username", remote_user_}}));
}

void Session::ask_for_offer() {
    asked_ = true;
    push({}, result_event("bridge", {{"username", remote_user_}}));
    wait_for_browsers(&Session::direct_failed);
}

void Session::direct_failed() {
    host_.count_direct("failed");
    give_up(Reason::direct_failed);
}

void Session::wait_for_browsers(void (Session::*then)()) {
    host_.after(host_.direct_timeout(), shared_from_this(), [wait = ++waits_, then](Session& self) {
        if (self.waits_ == wait && !self.destroyed_) (self.*then)();
    });
}

}  // namespace plugin
