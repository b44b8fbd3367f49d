// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tools/member.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "federation/glib/own_address.h"

namespace tools {

namespace {

/// Events that nobody waits for; a command waits for the few that it needs.
constexpr std::size_t events_kept_max = 256;

void complain(const std::string& warning) {
    std::fprintf(stderr, "viaduct: %s\n", warning.c_str());
}

federation::Config config_of(const Options& options, const Self& self, const glib::Listen& listen) {
    federation::Config config;
    config.node = options.node;
    config.node.federation = options.federation;
    config.node.certificate = self.certificate;
    config.node.read_only = options.visits;
    config.software = std::string{"viaduct/"} + VIADUCT_VERSION;
    config.signalling = listen.signalling;
    const bool any = listen.signalling.host() == "0.0.0.0" || listen.signalling.host() == "::";
    const auto named = !options.advertise.empty() ? std::optional{options.advertise}
                       : any                      ? glib::own_address()
                                                  : std::nullopt;
    if (!named) return config;
    const bool v6 = named->find(':') != std::string::npos;
    config.signalling.address =
        parse_endpoint("--advertise", (v6 ? "[" + *named + "]" : *named) + ":1").address;
    return config;
}

}  // namespace

Member::Member(const Options& options, const Self& self, const glib::Listen& listen)
    : loop_(std::make_unique<glib::Loop>()) {
    auto bootstrap = parse_endpoints("--bootstrap", options.bootstrap);
    const auto on_event = [this](federation::Event event) {
        const std::lock_guard lock{mutex_};
        if (events_.size() >= events_kept_max) events_.pop_front();
        events_.push_back(std::move(event));
        told_.notify_one();
    };
    loop_->run([&] {
        runner_ = std::make_unique<glib::Runner>(*loop_, self.identity, config_of(options, self, listen),
                                                 listen, on_event);
        if (!options.visits) {
            keep_contacts(options.contacts_file.empty() ? glib::contacts_file_beside(options.identity_file)
                                                        : options.contacts_file,
                          bootstrap);
            watch_membership(options, self);
        }
        runner_->change([&](auto& server, auto now) { server.bootstrap(bootstrap, now); });
    });
}

Member::~Member() {
    loop_->run([this] {
        membership_.reset();
        contacts_.reset();
    });
    runner_.reset();
}

void Member::watch_membership(const Options& options, const Self& self) {
    const auto federation = parse_federation(options.federation);
    if (!federation.key) return;
    membership_.emplace(
        *loop_, certificate_file_of(options), federation, self.identity.node_id(), self.certificate,
        [this](const dht::Bytes& certificate) {
            runner_->change([&](auto& server, auto now) { server.renew(certificate, now); });
        },
        complain);
}

void Member::keep_contacts(const std::string& path, std::vector<dht::Endpoint>& bootstrap) {
    contacts_.emplace(
        *loop_, path, [this] { return runner_->server().node().contacts(); }, complain);
    for (const auto& saved : contacts_->load()) bootstrap.push_back(saved);
}

void Member::change(const std::function<void(federation::Server&, dht::Now)>& change) {
    loop_->run([&] { runner_->change(change); });
}

dht::Endpoint Member::dht_endpoint() {
    dht::Endpoint endpoint;
    loop_->run([&] { endpoint = runner_->dht_endpoint(); });
    return endpoint;
}

std::optional<federation::Event> Member::next(std::chrono::steady_clock::time_point deadline,
                                              Progress* progress) {
    std::unique_lock lock{mutex_};
    for (;;) {
        const auto until = progress ? std::min(deadline, progress->due()) : deadline;
        if (told_.wait_until(lock, until, [this] { return !events_.empty(); })) break;
        if (progress) progress->tick();
        if (std::chrono::steady_clock::now() >= deadline) return std::nullopt;
    }
    auto event = std::move(events_.front());
    events_.pop_front();
    return event;
}

}  // namespace tools
