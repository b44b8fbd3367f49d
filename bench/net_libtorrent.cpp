// SPDX-License-Identifier: LGPL-2.1-or-later
#include <condition_variable>
#include <deque>
#include <libtorrent/alert_types.hpp>
#include <libtorrent/session.hpp>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "bench/libtorrent_settings.h"
#include "bench/net_swarms.h"

namespace bench {

namespace {

std::string text(std::size_t value) {
    std::string out = "value" + std::to_string(value);
    out.resize(100, '.');
    return out;
}

/// Immutable items, which a get is done with when it has found one.
class LibtorrentSwarm final : public Swarm {
public:
    LibtorrentSwarm(std::uint16_t port, std::uint16_t first) {
        for (std::size_t i = 0; i < nodes_per_process; ++i) {
            const auto own = static_cast<std::uint16_t>(port + i);
            auto& session = sessions_.emplace_back(libtorrent_settings(own));
            session.set_alert_notify([this, i] {
                const std::lock_guard lock{mutex_};
                told_.push_back(i);
                changed_.notify_one();
            });
            if (own != first) session.add_dht_node({"127.0.0.1", first});
        }
        std::thread{[this] { listen(); }}.detach();
    }

    void put(std::size_t node, std::size_t value, Done done) override {
        const std::lock_guard lock{mutex_};
        const auto target = sessions_[node].dht_put_item(lt::entry{text(value)});
        targets_[value] = target;
        waiting_.emplace(target, std::move(done));
    }
    void get(std::size_t node, std::size_t value, Done done) override {
        const std::lock_guard lock{mutex_};
        waiting_.emplace(targets_[value], std::move(done));
        sessions_[node].dht_get_item(targets_[value]);
    }

private:
    void listen() {
        for (;;) {
            std::unique_lock lock{mutex_};
            changed_.wait(lock, [&] { return !told_.empty(); });
            const auto node = told_.front();
            told_.pop_front();
            lock.unlock();
            std::vector<lt::alert*> alerts;
            sessions_[node].pop_alerts(&alerts);
            for (const auto* alert : alerts) {
                if (const auto* put = lt::alert_cast<lt::dht_put_alert>(alert))
                    end(put->target, put->num_success > 0);
                if (const auto* got = lt::alert_cast<lt::dht_immutable_item_alert>(alert)) {
                    end(got->target, got->item.type() == lt::entry::string_t);
                }
            }
        }
    }

    void end(const lt::sha1_hash& target, bool good) {
        std::unique_lock lock{mutex_};
        const auto found = waiting_.find(target);
        if (found == waiting_.end()) return;
        const auto done = std::move(found->second);
        waiting_.erase(found);
        lock.unlock();
        done(good);
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::size_t> told_;
    std::map<std::size_t, lt::sha1_hash> targets_;
    std::map<lt::sha1_hash, Done> waiting_;
    std::deque<lt::session> sessions_;
};

}  // namespace

std::unique_ptr<Swarm> libtorrent_swarm(std::uint16_t port, std::uint16_t first) {
    return std::make_unique<LibtorrentSwarm>(port, first);
}

}  // namespace bench
