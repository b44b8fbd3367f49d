// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/plugin.h"

#include <algorithm>
#include <future>
#include <utility>

#include "dht/clocks.h"
#include "federation/glib/address.h"
#include "federation/glib/membership_file.h"
#include "federation/glib/own_address.h"
#include "gst/init.h"
#include "plugin/version.h"
#include "plugin/videoroom.h"
#include "plugin/viewer.h"

namespace plugin {

using federation::CallId;
using federation::Reason;

namespace {

/// The address that other servers are told; all addresses: the machine's own, found out by the runner.
dht::Endpoint advertised(const Config& config) {
    dht::Endpoint endpoint = config.signalling;
    if (config.advertise.empty()) {
        if (glib::is_unspecified(endpoint) && !glib::own_address())
            throw std::runtime_error{
                "general.signalling listens on all addresses, but this machine has none that others could "
                "reach: set general.advertise, or an address in general.signalling"};
        return endpoint;
    }
    const bool v6 = config.advertise.find(':') != std::string::npos;
    const auto named = dht::Endpoint::parse(v6 ? "[" + config.advertise + "]:1" : config.advertise + ":1");
    endpoint.address = named->address;
    return endpoint;
}

Json to_json(const gst::TrunkStats& trunk) {
    Json json{json_pack("{ss ss sI sI sf sI sI sI}", "peer", trunk.peer.hex().c_str(), "state",
                        trunk.state.c_str(), "connections", static_cast<json_int_t>(trunk.shards), "lanes",
                        static_cast<json_int_t>(trunk.lanes), "rtt-ms", trunk.rtt_ms, "packets-sent",
                        static_cast<json_int_t>(trunk.packets_sent), "packets-received",
                        static_cast<json_int_t>(trunk.packets_received), "packets-unknown",
                        static_cast<json_int_t>(trunk.packets_unknown))};
    const auto limit = [&](const char* key, std::uint64_t bits) {
        if (bits == gst::unlimited) return;
        json_object_set_new(json.get(), key, json_integer(static_cast<json_int_t>(bits)));
    };
    limit("carries-out", trunk.carries_out);
    limit("carries-in", trunk.carries_in);
    return json;
}

/// Only what is wrong with them is worth an operator's look.
void add_clocks(json_t* status, const dht::Clocks& clocks) {
    if (const auto ahead = clocks.own_ahead(); ahead != std::chrono::seconds{0})
        json_object_set_new(status, "clock-ahead", json_integer(ahead.count()));
    if (clocks.wrong().empty()) return;
    json_t* wrong = json_object();
    for (const auto& [node, ahead] : clocks.wrong())
        json_object_set_new(wrong, node.hex().c_str(), json_integer(ahead.count()));
    json_object_set_new(status, "clocks-wrong", wrong);
}

}  // namespace

Plugin::Plugin(const Config& config, std::unique_ptr<Gateway> gateway)
    : gateway_(std::move(gateway)),
      recordings_folder_(config.recordings_folder),
      direct_timeout_(config.direct_timeout),
      loop_(std::make_unique<glib::Loop>()),
      apis_(make_apis()) {
    const dht::Identity identity = glib::load_identity(config.identity_file);
    id_ = identity.node_id();
    loop_->run([&] { start(config, identity); });
}

void Plugin::start(const Config& config, const dht::Identity& identity) {
    RoomHost& host = *this;
    rooms_.emplace(host, config.rooms);
    federation::Config member;
    member.node = config.node;
    member.node.federation = config.federation.text();
    const auto certificate_file = config.certificate_file.empty()
                                      ? glib::membership_file_beside(config.identity_file)
                                      : config.certificate_file;
    if (config.federation.key) {
        const auto membership = glib::load_membership(certificate_file, config.federation, id_);
        member.node.certificate = encode(membership.certificate);
    }
    member.caps = config.caps;
    member.software = "viaduct/" + std::string{version};
    member.signalling = advertised(config);
    member.clients = config.clients;
    member.record_lifetime = config.record_lifetime;
    member.ring_timeout = config.ring_timeout;
    const auto on_event = [this](const federation::Event& event) {
        if (stopping_) return;
        std::visit([this](const auto& told) { on(told); }, event);
        if (federated_rooms_) std::visit([this](const auto& told) { federated_rooms_->on(told); }, event);
        if (streams_) std::visit([this](const auto& told) { streams_->on(told); }, event);
    };
    runner_ = std::make_unique<glib::Runner>(*loop_, identity, member,
                                             glib::Listen{config.listen, config.signalling}, on_event);

    if (config.federation.key) {
        membership_watch_.emplace(
            *loop_, certificate_file, config.federation, id_, member.node.certificate,
            [this](const dht::Bytes& certificate) {
                runner_->change([&](auto& server, auto now) { server.renew(certificate, now); });
            },
            [this](const std::string& warning) {
                on(federation::Note{warning, true});
            });
    }

    gst::TrunkConfig trunk;
    trunk.addresses = config.trunk_addresses;
    trunk_addresses_follow_ = trunk.addresses.empty();
    if (trunk_addresses_follow_) {
        const bool any = glib::is_unspecified(member.signalling);
        trunk.addresses.push_back(any ? *glib::own_address() : member.signalling.host());
    }
    trunk.idle = config.trunk_idle;
    trunks_ = std::make_unique<gst::Trunks>(
        *loop_, id_, trunk,
        gst::Trunks::Callbacks{
            .signal =
                [this](const dht::NodeId& peer, const federation::TrunkSignal& signal) {
                    runner_->change([&](auto& server, auto now) { server.signal_trunk(peer, signal, now); });
                },
            .up = [this](const dht::NodeId& peer) { trunk_up(peer); },
            .failed = [this](const dht::NodeId& peer, Reason reason) { trunk_failed(peer, reason); }});
    if (config.metrics) metrics_server_.emplace(*config.metrics, [this] { return metrics_text(); });
    Membership& member_of_it = *this;
    federated_rooms_.emplace(member_of_it, *rooms_, outbox_);
    streams_.emplace(member_of_it, outbox_);
    weigh();
    join(config);
}

void Plugin::join(const Config& config) {
    contacts_file_.emplace(
        *loop_,
        config.contacts_file.empty() ? glib::contacts_file_beside(config.identity_file)
                                     : config.contacts_file,
        [this] { return runner_->server().node().contacts(); },
        [this](const std::string& warning) {
            on(federation::Note{warning, true});
        });
    auto known = config.bootstrap;
    for (const auto& saved : contacts_file_->load()) known.push_back(saved);
    runner_->change([&](auto& server, auto now) { server.bootstrap(known, now); });
    if (known.empty()) rooms_->share_configured();  // nobody else can be asked
}

Plugin::~Plugin() {
    stop();
}

void Plugin::stop() {
    const auto loop = [this] {
        const std::lock_guard lock{mutex_};
        if (loop_) {
            loop_->run([this] {
                stopping_ = true;
                // Media first: Janus's threads are still bringing packets, and below there is nothing for
                // them.
                for (const auto& [handle, front] : fronts_) front->stop_media();
                metrics_server_.reset();
                federated_rooms_.reset();
                streams_.reset();
                trunks_.reset();
                membership_watch_.reset();
                contacts_file_.reset();  // while the node still knows them
            });
        }
        return std::move(loop_);  // nothing is posted from here on
    }();
    if (warm_up_.joinable()) warm_up_.join();
    if (loop) runner_.reset();  // says goodbye; takes the loop itself
    outbox_.stop();
    disk_.stop();
}

Front::Apis Plugin::make_apis() {
    Front::Apis apis;
    apis.videocall = [this](const auto& handle, const auto& queue) {
        Session::Host& host = *this;
        return std::make_shared<Session>(host, *gateway_, outbox_, handle, queue);
    };
    apis.videoroom = [this](const auto& handle, const auto& queue) {
        return std::make_shared<VideoRoom>(*rooms_, *gateway_, outbox_, handle, queue);
    };
    apis.streaming = [this](const auto& handle, const auto& queue) {
        RoomHost& host = *this;
        return std::make_shared<Viewer>(*streams_, host, *gateway_, outbox_, handle, queue);
    };
    apis.administer = [this](const json_t* message, const Front::Answered& done) {
        rooms_->administer(message, done);
    };
    return apis;
}

Json Plugin::administer(const json_t* message) {
    Json answer{json_object()};
    const std::lock_guard lock{mutex_};
    if (loop_)
        loop_->run([&] {
            if (!stopping_) answer = rooms_->administer(message);
        });
    return answer;
}

Json Plugin::drain(bool draining) {
    {
        const std::lock_guard lock{mutex_};
        if (!loop_) return Json{json_object()};
        loop_->run([&] {
            if (stopping_) return;
            rooms_->drain(draining);
            runner_->change([&](auto& server, auto now) { server.drain(now, draining); });
            for (const auto& [user, weak] : users_)
                if (const auto session = weak.lock()) session->draining(draining);
            JANUS_LOG(LOG_INFO, "[viaduct] %s\n",
                      draining ? "drained: nobody new is taken in" : "no longer drained");
        });
    }
    return status();
}

void Plugin::weigh() {
    constexpr std::chrono::seconds interval{5};
    const double full = static_cast<double>(rooms_->population().members_here) /
                        static_cast<double>(rooms_->config().members_max);
    if (!load_) load_.emplace(std::max(1U, std::thread::hardware_concurrency()));
    if (const auto percent = load_->sample(Load::processor_time(), glib::now().time, full))
        runner_->change([&](auto& server, auto now) { server.set_load(*percent, now); });
    run_later(interval, [this] { weigh(); });
}

void Plugin::change(const std::function<void(federation::Server&, dht::Now)>& task) {
    runner_->change([&](auto& server, auto now) { task(server, now); });
}

std::shared_ptr<gst::Lane> Plugin::open_feed_lane(const dht::NodeId& peer, federation::LaneId lane,
                                                  std::shared_ptr<gst::LaneReceiver> receiver) {
    return open_lane(peer, lane, std::move(receiver));
}

void Plugin::require_trunk(const dht::NodeId& peer) {
    if (peer != id_) trunks_->require(peer);
}

/// Whoever registers, or joins a room, may call or watch, but hardly within the third of a second that this
/// takes; a server with nobody is spared the memory.
void Plugin::expect_trunks() {
    if (!warm_up_.joinable()) warm_up_ = std::thread{gst::Trunks::warm_up};
}

void Plugin::run_later(std::chrono::milliseconds delay, std::function<void()> task) {
    loop_->post_after(delay, [this, task = std::move(task)] {
        if (!stopping_) task();
    });
}

std::shared_ptr<Recording> Plugin::record_feed(const std::string& base, const std::vector<MLine>& mlines,
                                               bool encrypted) {
    return record(base, base, mlines, encrypted);
}

std::shared_ptr<Front> Plugin::create_session(janus_plugin_session* handle) {
    auto front = std::make_shared<Front>(apis_, handle);
    const std::lock_guard lock{mutex_};
    fronts_[handle] = front;
    session_count_ = fronts_.size();
    return front;
}

std::shared_ptr<Front> Plugin::find(janus_plugin_session* handle) {
    const std::lock_guard lock{mutex_};
    const auto found = fronts_.find(handle);
    return found == fronts_.end() ? nullptr : found->second;
}

void Plugin::destroy_session(janus_plugin_session* handle) {
    std::shared_ptr<Front> front;
    {
        const std::lock_guard lock{mutex_};
        const auto found = fronts_.find(handle);
        if (found == fronts_.end()) return;
        front = std::move(found->second);
        fronts_.erase(found);
        session_count_ = fronts_.size();
    }
    post(front, [](Front& gone) { gone.destroy(); });
}

void Plugin::post(std::function<void()> task) {
    const std::lock_guard lock{mutex_};
    if (!loop_) return;
    loop_->post([this, task = std::move(task)] {
        if (!stopping_) task();
    });
}

void Plugin::post(const std::shared_ptr<Front>& front, std::function<void(Front&)> task) {
    post([front, task = std::move(task)] { task(*front); });
}

void Plugin::post(const std::shared_ptr<Session>& session, std::function<void(Session&)> task) {
    post([session, task = std::move(task)] { task(*session); });
}

std::optional<Json> Plugin::answer(const std::shared_ptr<Front>& front, const Json& message) {
    std::future<Json> answer;
    bool answers = false;
    {
        // Kept by who will answer, and by nobody else: whoever goes without an answer breaks it.
        const auto promise = std::make_shared<std::promise<Json>>();
        answer = promise->get_future();
        const std::lock_guard lock{mutex_};
        if (loop_)
            loop_->run([&] {
                if (stopping_) return;
                answers =
                    front->answer(message, [promise](Json told) { promise->set_value(std::move(told)); });
            });
    }
    if (!answers) return std::nullopt;
    // Mostly it is there. Another server has some seconds: Janus's pool has a thread for each request.
    try {
        return answer.get();
    } catch (const std::future_error&) {
        return error_of({RoomCode::unknown, "The server stops", "shutting-down"});
    }
}

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

std::shared_ptr<Session> Plugin::session_of(const CallId& call) {
    const auto found = calls_.find(call);
    return found == calls_.end() ? nullptr : found->second.session.lock();
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

std::string Plugin::metrics_text() {
    const auto& server = runner_->server();
    const auto& clocks = server.node().clocks();
    return metrics_.text({version, server.node().contacts().size(), server.node().records(),
                          session_count_.load(), server.users().size(), server.calls(), local_lanes_.size(),
                          trunks_->stats(), rooms_->population(), federated_rooms_->incoming(),
                          federated_rooms_->outgoing(), server.draining(), clocks.own_ahead(),
                          clocks.wrong().size()});
}

Json Plugin::query(const std::shared_ptr<Front>& front) {
    Json info = front->info();
    const char* server = json_string_value(json_object_get(info.get(), "server"));
    const auto peer = server ? dht::NodeId::from_hex(server) : std::nullopt;
    const std::lock_guard lock{mutex_};
    if (!loop_ || !peer) return info;
    loop_->run([&] {
        for (const auto& trunk : trunks_->stats())
            if (trunk.peer == *peer) json_object_set_new(info.get(), "trunk", to_json(trunk).release());
    });
    return info;
}

Json Plugin::status() {
    Json status{json_object()};
    const auto count = [&](const char* key, std::size_t number) {
        json_object_set_new(status.get(), key, json_integer(static_cast<json_int_t>(number)));
    };
    const std::lock_guard lock{mutex_};
    if (!loop_) return status;
    loop_->run([&] {
        const auto& server = runner_->server();
        json_object_set_new(status.get(), "node", json_string(id_.hex().c_str()));
        json_object_set_new(status.get(), "dht", json_string(runner_->dht_endpoint().to_string().c_str()));
        json_object_set_new(status.get(), "signalling",
                            json_string(runner_->signalling_endpoint().to_string().c_str()));
        count("contacts", server.node().contacts().size());
        count("records", server.node().records());
        count("sessions", fronts_.size());
        count("users", server.users().size());
        count("calls", server.calls());
        std::size_t lanes = local_lanes_.size();
        json_t* trunks = json_array();
        for (const auto& trunk : trunks_->stats()) {
            lanes += trunk.lanes;
            json_array_append_new(trunks, to_json(trunk).release());
        }
        count("lanes", lanes);
        json_object_set_new(status.get(), "trunks", trunks);
        json_object_set_new(status.get(), "draining", json_boolean(server.draining()));
        const auto population = rooms_->population();
        count("rooms", rooms_->size());
        count("members", population.members_here);
        count("subscribers", population.subscribers);
        count("feeds", federated_rooms_->incoming());
        json_object_set_new(status.get(), "streams", streams_->info().release());
        json_object_set_new(status.get(), "crossings", federated_rooms_->crossings().release());
        add_clocks(status.get(), server.node().clocks());
    });
    return status;
}

}  // namespace plugin
