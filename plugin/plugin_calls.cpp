// SPDX-License-Identifier: GPL-3.0-or-later
/// What sessions ask of the plugin; on the loop.
#include "plugin/plugin.h"

#include <algorithm>
#include <utility>

namespace plugin {

using federation::CallId;
using federation::Reason;

std::vector<std::string> Plugin::users() const {
    return runner_->server().users();
}

void Plugin::register_user(const std::shared_ptr<Session>& session, const std::string& user,
                           const std::optional<federation::OwnerToken>& token) {
    // Two handles of this server may want one name at once: the first to ask keeps the place. But whoever has
    // its token is the same user, back on another connection before the old one was given up.
    const auto [place, free] = users_.try_emplace(user, session);
    if (const auto before = free ? nullptr : place->second.lock()) {
        if (!token || before->token() != federation::to_text(*token))
            return session->refused(Reason::name_taken);
        before->taken_over();
    }
    place->second = session;
    expect_trunks();
    runner_->change([&](auto& server, auto now) { server.register_user(user, now, token); });
}

void Plugin::unregister_user(const std::string& user) {
    users_.erase(user);
    runner_->change([&](auto& server, auto now) { server.unregister_user(user, now); });
}

CallId Plugin::call(const std::shared_ptr<Session>& session, const std::string& callee,
                    const std::string& jsep, bool direct) {
    CallId call;
    runner_->change(
        [&](auto& server, auto now) { call = server.call(session->user(), callee, jsep, now, direct); });
    calls_[call] = {session, {}, true, glib::now().time, direct};
    return call;
}

void Plugin::ringing(const CallId& call) {
    runner_->change([&](auto& server, auto now) { server.ringing(call, now); });
}

void Plugin::accept(const CallId& call, const std::string& jsep, bool direct) {
    runner_->change([&](auto& server, auto now) { server.accept(call, jsep, now, direct); });
}

void Plugin::update(const CallId& call, const std::string& jsep, bool direct) {
    runner_->change([&](auto& server, auto now) { server.update(call, jsep, now, direct); });
}

void Plugin::candidate(const CallId& call, const std::string& candidate) {
    runner_->change([&](auto& server, auto now) { server.candidate(call, candidate, now); });
}

void Plugin::bridge(const CallId& call, const std::string& jsep) {
    const auto found = calls_.find(call);
    if (found != calls_.end() && !jsep.empty()) {
        auto& open = found->second;
        open.direct = false;
        // As for any call: the trunk is made while the callee's browser prepares its answer.
        if (open.peer != dht::NodeId{} && open.peer != id_) trunks_->require(open.peer);
    }
    runner_->change([&](auto& server, auto now) { server.bridge(call, jsep, now); });
}

void Plugin::bye(const CallId& call, Reason reason, const std::string& text) {
    note_end(call, reason);
    calls_.erase(call);
    runner_->change([&](auto& server, auto now) { server.bye(call, reason, text, now); });
}

std::shared_ptr<gst::Lane> Plugin::open_lane(const dht::NodeId& peer, federation::LaneId lane,
                                             std::shared_ptr<gst::LaneReceiver> receiver) {
    if (peer == id_) return local_lanes_.open(lane, std::move(receiver));
    return trunks_->open(peer, lane, std::move(receiver));
}

void Plugin::lookup(const std::shared_ptr<Session>& session, const std::string& user,
                    std::function<void(Session&, const Found&)> task) {
    runner_->change([&](auto& server, auto now) {
        // What it finds is told later, not within.
        lookups_[server.lookup(user, now)] = {session, std::move(task), now.time};
    });
}

KnownNodes Plugin::nodes() const {
    auto contacts = runner_->server().node().contacts();
    KnownNodes known{id_.hex(), {}, contacts.size()};
    std::ranges::sort(contacts, {}, [this](const auto& contact) { return distance(contact.id, id_); });
    for (const auto& contact : contacts) {
        if (known.nodes.size() == nodes_told_max) break;
        known.nodes.push_back({contact.id.hex(), contact.endpoint.to_string()});
    }
    return known;
}

std::shared_ptr<Recording> Plugin::record(const std::string& name, const std::string& usual,
                                          const std::vector<MLine>& mlines, bool encrypted) {
    std::string base = name.empty() ? usual : name;
    if (!recordings_folder_.empty()) {
        std::ranges::replace(base, '/', '_');  // a client's name leads nowhere else
        base = recordings_folder_ + "/" + base;
    }
    return std::make_shared<Recording>(disk_, base, mlines, encrypted);
}

void Plugin::after(std::chrono::milliseconds delay, const std::shared_ptr<Session>& session,
                   std::function<void(Session&)> task) {
    loop_->post_after(delay, [this, weak = std::weak_ptr{session}, task = std::move(task)] {
        if (const auto target = weak.lock(); target && !stopping_) task(*target);
    });
}

}  // namespace plugin
