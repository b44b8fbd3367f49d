// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/plugin.h"

#include <algorithm>
#include <future>
#include <utility>

#include "federation/glib/address.h"
#include "federation/glib/membership_file.h"
#include "federation/glib/own_address.h"
#include "gst/init.h"
#include "plugin/version.h"
#include "plugin/videoroom.h"
#include "plugin/viewer.h"

namespace plugin {

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
        gst::Trunks::Callbacks{.signal =
                                   [this](const dht::NodeId& peer, const federation::TrunkSignal& signal) {
                                       runner_->change([&](auto& server, auto now) {
                                           server.signal_trunk(peer, signal, now);
                                       });
                                   },
                               .up = [this](const dht::NodeId& peer) { trunk_up(peer); },
                               .failed = [this](const dht::NodeId& peer,
                                                federation::Reason reason) { trunk_failed(peer, reason); }});
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

}  // namespace plugin
