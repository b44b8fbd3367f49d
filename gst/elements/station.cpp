// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/elements/station.h"

#include <openssl/crypto.h>

#include <chrono>
#include <future>
#include <list>
#include <map>
#include <utility>

#include "federation/glib/identity.h"
#include "gst/init.h"

namespace elements {

void Gate::open() {
    const std::lock_guard lock{mutex_};
    open_ = true;
    changed_.notify_all();
}

bool Gate::wait(const std::atomic<bool>& called_off) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return open_ || called_off; });
    return open_;
}

void Gate::poke() {
    const std::lock_guard lock{mutex_};
    changed_.notify_all();
}

namespace {

/// The stations of this process, and the goodbyes that are being said.
struct Registry {
    struct Place {
        std::weak_ptr<Station> station;
        std::shared_ptr<Gate> gone;  ///< of the latest that had this place
    };
    std::mutex mutex;
    std::map<std::string, Place> places;
    std::list<std::future<void>> goodbyes;

    /// In the background, and before the process ends.
    void say_goodbye(std::function<void()> goodbye) {
        const std::lock_guard lock{mutex};
        goodbyes.remove_if([](const auto& said) {
            return said.wait_for(std::chrono::seconds{0}) == std::future_status::ready;
        });
        goodbyes.push_back(std::async(std::launch::async, std::move(goodbye)));
    }
};

Registry& registry() {
    // OpenSSL cleans up when the process ends; goodbyes, which need it, are to be over by then. Whatever was
    // set up first is torn down last.
    static const int crypto =
        OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CRYPTO_STRINGS, nullptr);  // 0 does nothing
    static Registry only;
    (void)crypto;
    return only;
}

dht::Identity new_identity() {
    dht::SystemRandom chance;
    dht::Identity::Seed seed{};
    chance.fill(seed);
    return dht::Identity{seed};
}

}  // namespace

federation::Result<std::shared_ptr<Station>> Station::acquire(const NodeSettings& settings) {
    auto plan = NodePlan::make(settings);
    if (!plan) return plan.error();
    auto& all = registry();
    std::shared_ptr<Station> found;  // let go outside the lock: it may be the last
    const std::lock_guard lock{all.mutex};
    auto& place = all.places[settings.key()];
    found = place.station.lock();
    if (found) {
        if (found->settings() == settings) return found;
        return federation::Error{
            "the identity " + settings.identity_file +
            " is used in this process with another federation, bootstrap, certificate-file or "
            "listen-address: give all elements of one identity the same"};
    }
    const auto predecessor = place.gone;
    std::shared_ptr<Station> station{new Station{std::move(*plan), predecessor}, retire};
    place = {station, station->gone_};
    return station;
}

void Station::wait_for_goodbyes() {
    std::list<std::future<void>> goodbyes;
    {
        const std::lock_guard lock{registry().mutex};
        goodbyes.swap(registry().goodbyes);
    }
    for (const auto& goodbye : goodbyes) goodbye.wait();
}

Station::Station(NodePlan plan, std::shared_ptr<Gate> predecessor)
    : plan_(std::move(plan)), predecessor_(std::move(predecessor)) {
    starter_ = std::thread{[this] { start(); }};
    // The certificate takes a third of a second, once in a process: meanwhile the node finds the others.
    warm_up_ = std::thread{gst::Trunks::warm_up};
}

void Station::retire(Station* station) {
    station->stop_media();
    {
        const std::lock_guard lock{registry().mutex};
        auto& place = registry().places[station->settings().key()];
        // One that never started has nothing to say: whoever comes next waits for the one before it.
        if (!station->member_ && place.gone == station->gone_) place.gone = station->predecessor_;
    }
    auto goodbye = [owned = std::shared_ptr<Station>{station}]() mutable { owned.reset(); };
    registry().say_goodbye(std::move(goodbye));
}

Station::~Station() {
    // What was posted before finds its member: whoever let go on the loop itself could not wait for it.
    if (loop_) loop_->run([] {});
    member_.reset();
    loop_.reset();
    notices_.reset();
    gone_->open();
}

void Station::start() {
    if (predecessor_ && !predecessor_->wait(stopping_)) return;
    try {
        const auto& file = plan_.settings.identity_file;
        begin(file.empty() ? new_identity() : glib::load_identity(file));
    } catch (const std::exception& error) {
        failed(error.what());
    }
}

void Station::begin(const dht::Identity& identity) {
    auto loop = std::make_unique<glib::Loop>();
    std::unique_ptr<Member> member;
    loop->run([&] { member = std::make_unique<Member>(*loop, identity, plan_); });
    const std::lock_guard lock{mutex_};
    loop_ = std::move(loop);
    member_ = std::move(member);
    started_ = true;
    for (auto& pending : std::exchange(pending_, {}))
        loop_->post([this, task = std::move(pending.task)] { task(*member_); });
}

void Station::failed(const std::string& what) {
    std::vector<Pending> pending;
    {
        const std::lock_guard lock{mutex_};
        failure_ = what;
        pending = std::exchange(pending_, {});
    }
    for (auto& one : pending)
        if (one.failed) notices_->post([failed = std::move(one.failed), what] { failed(what); });
}

void Station::post(Task task, Failed failed) {
    const std::lock_guard lock{mutex_};
    if (stopping_) return;
    if (failure_) {
        if (failed) notices_->post([failed = std::move(failed), what = *failure_] { failed(what); });
        return;
    }
    if (!started_) return pending_.push_back({std::move(task), std::move(failed)});
    loop_->post([this, task = std::move(task)] { task(*member_); });
}

void Station::stop_media() {
    std::vector<Pending> dropped;
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
        dropped.swap(pending_);
    }
    if (predecessor_) predecessor_->poke();
    starter_.join();
    warm_up_.join();
    // Behind what was posted before: streams have been withdrawn, feeds unsubscribed.
    // Let go of on the loop itself, by somebody who only just held it: the end of the member sees to it.
    if (loop_ && !loop_->is_current()) loop_->run([this] { member_->stop_media(); });
}

}  // namespace elements
