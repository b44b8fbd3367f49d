// SPDX-License-Identifier: GPL-3.0-or-later
/// What the federation and its trunks tell; on the loop.
#include "plugin/plugin.h"

#include <algorithm>
#include <utility>

namespace plugin {

using federation::CallId;
using federation::Reason;

std::shared_ptr<Session> Plugin::session_of(const CallId& call) {
    const auto found = calls_.find(call);
    return found == calls_.end() ? nullptr : found->second.session.lock();
}

void Plugin::on(const federation::UserFound& event) {
    const auto found = lookups_.find(event.lookup);
    if (found == lookups_.end()) return;
    const OpenLookup lookup = std::move(found->second);
    lookups_.erase(found);
    const auto took = glib::now().time - lookup.since;
    if (const auto session = lookup.session.lock())
        lookup.task(*session, {event.server, event.reason,
                               std::chrono::duration_cast<std::chrono::microseconds>(took)});
}

void Plugin::on(const federation::Moved& event) {
    JANUS_LOG(LOG_WARN, "[viaduct] this machine has another address: other servers are told %s\n",
              event.signalling.to_string().c_str());
    if (trunk_addresses_follow_) trunks_->use_addresses({event.signalling.host()});
}

void Plugin::on(const federation::UserRegistered& event) {
    const auto found = users_.find(event.user);
    const auto session = found == users_.end() ? nullptr : found->second.lock();
    metrics_.user_registered();
    if (session) session->registered(event.token);
}

void Plugin::on(const federation::UserRefused& event) {
    const auto found = users_.find(event.user);
    const auto session = found == users_.end() ? nullptr : found->second.lock();
    if (found != users_.end()) users_.erase(found);
    metrics_.user_refused(event.reason);
    if (session) session->refused(event.reason);
}

void Plugin::on(const federation::CallIncoming& event) {
    const auto found = users_.find(event.callee);
    const auto session = found == users_.end() ? nullptr : found->second.lock();
    if (!session) return bye(event.call, Reason::unknown_user, {});
    calls_[event.call] = {session, event.peer, false, glib::now().time, event.direct};
    session->incoming(event);
}

void Plugin::on(const federation::CallProceeding& event) {
    const auto found = calls_.find(event.call);
    if (found == calls_.end()) return;
    // While the callee's phone rings there is time to make the trunk.
    if (event.peer != id_ && !found->second.direct) trunks_->require(event.peer);
    found->second.peer = event.peer;
    if (const auto session = found->second.session.lock()) session->proceeding(event);
}

void Plugin::on(const federation::CallRinging& event) {
    if (const auto found = calls_.find(event.call); found != calls_.end())
        metrics_.call_rings(glib::now().time - found->second.since);
    if (const auto session = session_of(event.call)) session->ringing();
}

void Plugin::on(const federation::CallAccepted& event) {
    if (const auto session = session_of(event.call)) session->accepted(event.jsep, event.direct);
}

void Plugin::on(const federation::CallUpdated& event) {
    if (const auto session = session_of(event.call)) session->updated(event.jsep, event.direct);
}

void Plugin::on(const federation::CallCandidate& event) {
    if (const auto session = session_of(event.call)) session->candidate(event.candidate);
}

void Plugin::on(const federation::CallBridge& event) {
    if (const auto found = calls_.find(event.call); found != calls_.end() && !event.jsep.empty())
        found->second.direct = false;
    if (const auto session = session_of(event.call)) session->bridge(event.jsep);
}

void Plugin::on(const federation::CallEnded& event) {
    const auto found = calls_.find(event.call);
    if (found == calls_.end()) return;
    note_end(event.call, event.reason);
    const OpenCall call = std::move(found->second);
    calls_.erase(found);
    const bool unreachable = event.reason == Reason::server_unreachable ||
                             event.reason == Reason::signalling_refused ||
                             event.reason == Reason::not_a_member;
    const bool last =
        std::ranges::none_of(calls_, [&](const auto& entry) { return entry.second.peer == call.peer; });
    if (unreachable && last) trunks_->release(call.peer);
    if (const auto session = call.session.lock()) session->ended(event.reason, event.text);
}

void Plugin::on(const federation::TrunkSignalled& event) {
    trunks_->signalled(event.peer, event.signal);
}

void Plugin::on(const federation::Note& event) {
    JANUS_LOG(LOG_VERB, "[viaduct] %s\n", event.text.c_str());
    if (event.warning) JANUS_LOG(LOG_WARN, "[viaduct] %s\n", event.text.c_str());
}

void Plugin::on(const federation::NodeJoined& event) {
    JANUS_LOG(LOG_INFO, "[viaduct] joined the DHT: %zu contacts\n", event.contacts);
}

void Plugin::on(const federation::PeerUp& /*event*/) {
    metrics_.link_opened();
}

void Plugin::on(const federation::PeerDown& event) {
    metrics_.link_closed(event.reason);
}

void Plugin::note_end(const CallId& call, Reason reason) {
    const auto found = calls_.find(call);
    if (found == calls_.end()) return;
    metrics_.call_ended(found->second.outgoing, reason);
    JANUS_LOG(LOG_INFO, "[viaduct] call %s (%s) has ended: %s\n", call.c_str(),
              found->second.outgoing ? "outgoing" : "incoming", std::string{word(reason)}.c_str());
}

void Plugin::notify(Json event) {
    outbox_.post(notices_, [this, event = std::shared_ptr<json_t>{std::move(event)}] {
        gateway_->notify(event.get());
    });
}

void Plugin::trunk_up(const dht::NodeId& peer) {
    metrics_.trunk_up();
    notify(handler_event("trunk", {{"peer", peer.hex()}, {"state", "up"}}));
}

void Plugin::trunk_failed(const dht::NodeId& peer, Reason reason) {
    metrics_.trunk_failed(reason);
    notify(handler_event(
        "trunk",
        {{"peer", peer.hex()}, {"state", "failed"}, {"reason_code", std::string{federation::word(reason)}}}));
    std::vector<std::pair<CallId, std::shared_ptr<Session>>> affected;
    for (const auto& [id, open] : calls_)
        if (open.peer == peer && !open.direct) affected.emplace_back(id, open.session.lock());
    for (const auto& [id, session] : affected) {
        bye(id, reason, {});
        if (session) session->ended(reason, {});
    }
    if (federated_rooms_) federated_rooms_->trunk_failed(peer);
    if (streams_) streams_->trunk_failed(peer);
}

}  // namespace plugin
