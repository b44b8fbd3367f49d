// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/session.h"

#include <thread>

#include "plugin/direct.h"
#include "plugin/json.h"

namespace plugin {

using federation::Json;
using federation::Reason;

namespace {

/// Janus says that a PeerConnection is gone a moment before it is, and takes no description until then. A
/// second is ten times what that takes on a busy machine.
constexpr int pushes_max = 20;
constexpr std::chrono::milliseconds push_again{50};

bool push_patiently(Gateway& gateway, const Handle& handle, const std::string& transaction, json_t* event,
                    json_t* jsep) {
    for (int time = 0; time < (jsep ? pushes_max : 1); ++time) {
        if (time > 0) std::this_thread::sleep_for(push_again);
        if (gateway.push_event(handle, transaction, event, jsep)) return true;
    }
    return false;
}

}  // namespace

Session::Session(Host& host, Gateway& gateway, Outbox& outbox, std::shared_ptr<Handle> handle,
                 std::shared_ptr<Outbox::Queue> queue)
    : host_(host),
      gateway_(gateway),
      outbox_(outbox),
      handle_(std::move(handle)),
      queue_(std::move(queue)),
      media_(std::make_shared<Media>(gateway, outbox, handle_, queue_)) {
    publish_facts();
}

void Session::handle(const std::string& transaction, const Json& message, const Json& jsep) {
    if (destroyed_) return;
    transaction_ = transaction;
    jsep_ = jsep.get();
    if (jsep_) {  // the core has waited for the end of the old PeerConnection, and made another
        closed();
        has_pc_ = true;
    }
    auto parsed = parse_request(message.get());
    if (const auto* error = std::get_if<ApiError>(&parsed)) {
        fail(*error);
        // As VideoCall does for `call`: an offer that leads nowhere leaves no PeerConnection behind.
        if (jsep_ && phase_ == Phase::idle) close_pc();
    } else {
        std::visit([this](const auto& request) { on(request); }, std::get<Request>(parsed));
    }
    jsep_ = nullptr;
}

void Session::on(const List& /*request*/) {
    reply(list_event(host_.users()));
}

void Session::on(const Register& request) {
    if (!user_.empty())
        return fail({Code::already_registered, "Already registered (" + user_ + ")", "already-registered"});
    user_ = request.username;
    takes_direct_ = request.direct;
    register_transaction_ = transaction_;
    host_.register_user(shared_from_this(), user_, request.token);
}

void Session::on(const Unregister& /*request*/) {
    if (!registered_) return fail({Code::register_first, "Register a username first", "register-first"});
    const std::string user = std::exchange(user_, {});
    registered_ = false;
    token_.clear();
    publish_facts();
    host_.unregister_user(user);
    reply(result_event("unregistered", {{"username", user}}));
    notify(handler_event("unregistered", {{"username", user}}));
}

void Session::on(const Lookup& request) {
    host_.lookup(shared_from_this(), request.username,
                 [transaction = transaction_, user = request.username](Session& self, const Found& found) {
                     self.push(transaction, found.server
                                                ? found_event(user, *found.server, found.took)
                                                : error_event({Code::no_such_username,
                                                               found.reason == Reason::unknown_user
                                                                   ? "Username '" + user + "' doesn't exist"
                                                                   : std::string{sentence(found.reason)},
                                                               std::string{word(found.reason)}}));
                 });
}

void Session::on(const Nodes& /*request*/) {
    reply(nodes_event(host_.nodes()));
}

void Session::registered(const std::string& token) {
    if (destroyed_) return;
    registered_ = true;
    token_ = token;
    publish_facts();
    push(register_transaction_, result_event("registered", {{"username", user_}, {"token", token}}));
    notify(handler_event("registered", {{"username", user_}}));
}

void Session::taken_over() {
    if (destroyed_) return;
    const std::string user = std::exchange(user_, {});
    registered_ = false;
    token_.clear();
    publish_facts();
    push({}, result_event("unregistered", {{"username", user}, {"reason_code", "taken-over"}}));
    notify(handler_event("unregistered", {{"username", user}, {"reason_code", "taken-over"}}));
}

void Session::refused(Reason reason) {
    if (destroyed_) return;
    const std::string user = std::exchange(user_, {});
    token_.clear();
    const std::string word{federation::word(reason)};
    // Once registered, losing the name (to an earlier claim) is told without a transaction.
    const std::string transaction = std::exchange(registered_, false) ? "" : register_transaction_;
    publish_facts();
    // "already taken" is what VideoCall's own demo page looks for.
    if (reason == Reason::name_taken)
        push(transaction, error_event({Code::username_taken, "Username '" + user + "' already taken", word}));
    else if (reason == Reason::invalid_name)
        push(transaction,
             error_event({Code::invalid_element,
                          "Invalid element (username: " + std::string{sentence(reason)} + ")", word}));
    else
        push(transaction, error_event({Code::unknown, std::string{sentence(reason)}, word}));
}

std::optional<Jsep> Session::required_jsep() {
    auto parsed = parse_jsep(jsep_);
    if (const auto* error = std::get_if<ApiError>(&parsed)) {
        fail(*error);
        return std::nullopt;
    }
    auto& jsep = std::get<Jsep>(parsed);
    e2ee_ = jsep.e2ee;
    media_->simulcasts(jsep.simulcast);
    layered_offer_ = jsep.simulcast.empty() || jsep.type != "offer" ? "" : jsep.sdp;
    return std::move(jsep);
}

void Session::on(const Call& request) {
    // Unlike VideoCall we leave the call that is up alone: a mistaken request loses nothing.
    if (phase_ != Phase::idle) return fail({Code::already_in_call, "Already in a call", "already-in-call"});
    if (!registered_) {
        fail({Code::register_first, "Register a username first", "register-first"});
        return close_pc();
    }
    if (request.username == user_) {
        fail({Code::use_echo_test, "You can't call yourself... use the EchoTest for that", "use-echo-test"});
        return close_pc();
    }
    const auto jsep = request.description ? std::nullopt : required_jsep();
    if (!request.description && !jsep) return;
    remote_user_ = request.username;
    call_transaction_ = transaction_;
    calling_ = true;
    way_ = jsep ? Way::bridged : Way::direct;
    call_ = host_.call(shared_from_this(), request.username, jsep ? jsep->to_json() : *request.description,
                       !jsep);
    enter(Phase::resolving);
}

void Session::proceeding(const federation::CallProceeding& call) {
    if (destroyed_) return;
    peer_ = call.peer;
    lane_ = call.lane;
    publish_facts();
}

void Session::ringing() {
    if (destroyed_) return;
    enter(Phase::ringing_out);
    push(call_transaction_, result_event("calling", {{"username", remote_user_}}));
    notify(handler_event("calling", {{"username", remote_user_}}));
}

void Session::accepted(const std::string& jsep, bool direct) {
    if (destroyed_) return;
    if (direct) return accepted_directly(jsep);
    if (way_ == Way::direct) return give_up(Reason::protocol_error);  // nothing was offered for that
    if (const Reason reason = connect_media(jsep); reason != Reason::none) return give_up(reason);
    way_ = Way::bridged;
    enter(Phase::talking);
    push({}, result_event("accepted", {{"username", remote_user_}}), for_browser(jsep));
    notify(handler_event("accepted", {{"username", remote_user_}}));
}

void Session::incoming(const federation::CallIncoming& call) {
    if (destroyed_ || !registered_) return host_.bye(call.call, Reason::unknown_user, {});
    // The core would refuse to push it, and the caller hear a phone ring that does not.
    const Json offer = load(call.jsep);
    const bool sound = call.direct
                           ? std::holds_alternative<std::string>(parse_description(offer.get(), "offer"))
                           : std::holds_alternative<Jsep>(parse_jsep(offer.get()));
    if (!sound) return host_.bye(call.call, Reason::protocol_error, {});
    if (gives_way(call)) give_up(Reason::crossed);
    if (phase_ != Phase::idle)
        return host_.bye(call.call, crosses(call) ? Reason::crossed : Reason::busy, {});
    call_ = call.call;
    remote_user_ = call.caller;
    peer_ = call.peer;
    lane_ = call.lane;
    way_ = call.direct ? Way::direct : Way::bridged;
    offered_ = *parse_mlines(json_string_value(json_object_get(offer.get(), "sdp")));
    enter(Phase::ringing_in);
    if (!call.direct) return offer_browser(call.jsep);
    // A client that has never heard of direct calls gets one as VideoCall has it, once the caller has offered
    // it.
    if (!takes_direct_) return host_.bridge(call_, {});
    told_ = true;
    push({}, result_event_with("incomingcall", {{"username", remote_user_}, {"media", "direct"}},
                               "description", call.jsep));
    host_.ringing(call_);
}

bool Session::crosses(const federation::CallIncoming& call) const {
    const bool we_call = phase_ == Phase::resolving || phase_ == Phase::ringing_out;
    const bool each_other = remote_user_.substr(0, remote_user_.find('@')) == call.caller;
    return we_call && each_other && (peer_ == dht::NodeId{} || peer_ == call.peer);
}

/// Both sides must judge alike, whatever they have heard of each other by now: they have two names.
bool Session::gives_way(const federation::CallIncoming& call) const {
    return crosses(call) && call.caller < user_;
}

void Session::offer_browser(const std::string& offer) {
    if (closing_) {
        held_offer_ = offer;
        return;
    }
    if (!told_) return ring(offer);
    has_pc_ = true;
    push({}, result_event("bridge", {{"username", remote_user_}}), offer);
}

void Session::ring(const std::string& offer) {
    has_pc_ = true;
    told_ = true;
    push({}, result_event("incomingcall", {{"username", remote_user_}}), offer);
    host_.ringing(call_);
}

void Session::on(const Accept& request) {
    if (phase_ != Phase::ringing_in || !told_)
        return fail({Code::no_call, "No incoming call to accept", "no-call"});
    if (way_ == Way::direct) return accept_directly(request);
    const auto jsep = required_jsep();
    if (!jsep || !answered(*jsep)) return;
    enter(Phase::talking);
    host_.accept(call_, jsep->to_json(), false);
    reply(result_event("accepted"));
    notify(handler_event("accepted", {{"username", remote_user_}}));
}

bool Session::answered(const Jsep& answer) {
    const bool common = have_something_in_common(offered_, *parse_mlines(answer.sdp));
    const Reason reason = common ? connect_media(answer.to_json()) : Reason::incompatible_codecs;
    if (reason == Reason::none) return true;
    const std::string word{federation::word(reason)}, sentence{federation::sentence(reason)};
    const auto call = call_;
    leave_call();
    host_.bye(call, reason, {});
    fail({Code::unknown, sentence, word});
    notify(handler_event("hangup", {{"reason", sentence}, {"reason_code", word}}));
    close_pc();
    return false;
}

Reason Session::connect_media(const std::string& jsep) {
    const Json json = load(jsep);
    const char* sdp = json_string_value(json_object_get(json.get(), "sdp"));
    auto mlines = sdp ? parse_mlines(sdp) : std::nullopt;
    if (!mlines) return Reason::protocol_error;
    auto lane = host_.open_lane(peer_, lane_, media_);
    if (!lane) return Reason::trunk_failed;
    media_->on_data_lost([weak = weak_from_this(), &host = host_] {
        if (const auto self = weak.lock()) host.post(self, [](Session& session) { session.data_lost(); });
    });
    media_->connect(std::move(lane), std::move(*mlines));
    return Reason::none;
}

void Session::on(const Decline& request) {
    if (phase_ != Phase::ringing_in) return fail({Code::no_call, "No incoming call to decline", "no-call"});
    reply(result_event("declined", {{"username", remote_user_}}));
    notify(handler_event("hangup", {{"reason", "Declined"}, {"reason_code", "declined"}}));
    const auto call = call_;
    leave_call();
    host_.bye(call, Reason::declined, request.reason.value_or(""));
    close_pc();
}

void Session::on(const Hangup& request) {
    reply(result_event("hangup", {{"username", user_}, {"reason", "Explicit hangup"}}));
    notify(handler_event("hangup", {{"reason", "Explicit hangup"}, {"reason_code", "hangup"}}));
    close_pc();
    if (phase_ == Phase::idle) return;
    answer_call("Explicit hangup", Reason::hangup);
    const auto call = call_;
    leave_call();
    host_.bye(call, Reason::hangup, request.reason.value_or("We did the hangup"));
}

void Session::answer_call(const std::string& why, Reason reason) {
    if (phase_ != Phase::resolving) return;
    push(call_transaction_,
         result_event("hangup",
                      {{"username", user_}, {"reason", why}, {"reason_code", std::string{word(reason)}}}));
}

void Session::give_up(Reason reason, const std::string& text) {
    host_.bye(call_, reason, text);
    ended(reason, text);
}

void Session::ended(Reason reason, const std::string& text) {
    if (destroyed_) return;
    const std::string remote = remote_user_, transaction = call_transaction_;
    const bool never_rang = phase_ == Phase::resolving;
    const std::string word{federation::word(reason)};
    const std::string why = !text.empty() ? text : std::string{sentence(reason)};
    leave_call();
    if (never_rang && (reason == Reason::busy || reason == Reason::crossed))
        push(transaction, result_event("hangup", {{"username", user_},
                                                  {"reason", reason == Reason::busy ? "User busy" : why},
                                                  {"reason_code", word}}));
    else if (never_rang && reason == Reason::unknown_user)
        push(transaction,
             error_event({Code::no_such_username, "Username '" + remote + "' doesn't exist", word}));
    else if (never_rang)
        push(transaction, error_event({Code::no_such_username, why, word}));
    else
        push({}, result_event("hangup", {{"username", remote}, {"reason", why}, {"reason_code", word}}));
    notify(handler_event("hangup", {{"reason", why}, {"reason_code", word}}));
    close_pc();
}

void Session::media_gone() {
    if (destroyed_) return;
    if (closing_) return closed();
    has_pc_ = false;
    if (phase_ == Phase::idle) return;
    answer_call("WebRTC hangup", Reason::media_lost);
    const auto call = call_;
    leave_call();
    host_.bye(call, Reason::media_lost, "Remote WebRTC hangup");
    notify(handler_event("hangup", {{"reason", "WebRTC hangup"}, {"reason_code", "media-lost"}}));
}

void Session::data_lost() {
    if (destroyed_ || phase_ != Phase::talking) return;
    give_up(Reason::too_many, "A data channel took more than could be delivered.");
}

void Session::destroy() {
    if (std::exchange(destroyed_, true)) return;
    if (phase_ != Phase::idle) {
        const auto call = call_;
        leave_call();
        host_.bye(call, Reason::media_lost, "Remote WebRTC hangup");
    }
    media_->disconnect();
    if (!user_.empty()) host_.unregister_user(user_);
}

void Session::leave_call() {
    media_->disconnect();
    held_offer_.clear();
    call_.clear();
    call_transaction_.clear();
    remote_user_.clear();
    peer_ = {};
    lane_ = 0;
    layered_offer_.clear();
    offered_.clear();
    e2ee_ = told_ = calling_ = asked_ = connected_ = false;
    way_ = Way::bridged;
    candidates_ = 0;
    ++waits_;
    enter(Phase::idle);
}

void Session::enter(Phase phase) {
    phase_ = phase;
    publish_facts();
}

void Session::reply(Json event) {
    push(transaction_, std::move(event));
}

void Session::fail(ApiError error) {
    reply(error_event(error));
}

void Session::push(const std::string& transaction, Json event, const std::string& jsep) {
    if (destroyed_) return;
    outbox_.post(queue_,
                 [&gateway = gateway_, &host = host_, handle = handle_, weak = weak_from_this(), transaction,
                  jsep, call = call_, event = std::shared_ptr<json_t>{std::move(event)}] {
                     const Json sdp = load(jsep);
                     if (push_patiently(gateway, *handle, transaction, event.get(), sdp.get()) || !sdp)
                         return;
                     if (const auto self = weak.lock())
                         host.post(self, [call](Session& session) { session.not_told(call); });
                 });
}

void Session::not_told(const federation::CallId& call) {
    if (destroyed_ || phase_ == Phase::idle || call_ != call) return;
    give_up(Reason::media_lost, "Janus did not take the description.");
}

void Session::notify(Json event) {
    outbox_.post(queue_,
                 [&gateway = gateway_, handle = handle_, event = std::shared_ptr<json_t>{std::move(event)}] {
                     gateway.notify(*handle, event.get());
                 });
}

void Session::close_pc() {
    if (!std::exchange(has_pc_, false)) return;
    closing_ = true;
    host_.after(closing_max, shared_from_this(), [closing = ++closings_](Session& self) {
        if (self.closings_ == closing) self.closed();
    });
    outbox_.post(queue_, [&gateway = gateway_, handle = handle_] { gateway.close_pc(*handle); });
}

void Session::closed() {
    if (!std::exchange(closing_, false) || destroyed_) return;
    if (!held_offer_.empty()) offer_browser(std::exchange(held_offer_, {}));
}

}  // namespace plugin
