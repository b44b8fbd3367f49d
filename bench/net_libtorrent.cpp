// SPDX-License-Identifier: LGPL-2.1-or-later
#include <array>
#include <condition_variable>
#include <deque>
#include <iterator>
#include <libtorrent/alert_types.hpp>
#include <libtorrent/bencode.hpp>
#include <libtorrent/kademlia/ed25519.hpp>
#include <libtorrent/kademlia/item.hpp>
#include <libtorrent/session.hpp>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <tuple>

#include "bench/libtorrent_settings.h"
#include "bench/net_swarms.h"

namespace bench {

namespace {

std::string text(std::size_t value) {
    std::string out = "value" + std::to_string(value);
    out.resize(100, '.');
    return out;
}

/// What a value is stored and awaited under: its hash, or a key of its own.
struct Name {
    lt::sha1_hash target;
    lt::dht::public_key key;
    lt::dht::secret_key secret;
};

/// A hash or a key; there is only one of each.
std::string word(const lt::sha1_hash& target) {
    return target.to_string();
}
std::string word(const std::array<char, 32>& key) {
    return {key.begin(), key.end()};
}

class LibtorrentSwarm final : public Swarm {
public:
    LibtorrentSwarm(What what, const Place& place) : what_(what) {
        for (std::size_t i = 0; i < place.nodes; ++i) {
            const auto own = static_cast<std::uint16_t>(place.port + i);
            auto& session = sessions_.emplace_back(libtorrent_settings(own));
            session.set_alert_notify([this, i] {
                const std::lock_guard lock{mutex_};
                told_.push_back(i);
                changed_.notify_one();
            });
            if (own != place.known) session.add_dht_node({"127.0.0.1", place.known});
        }
        std::thread{[this] { listen(); }}.detach();
    }

    void put(std::size_t node, std::size_t value, Done done) override {
        const std::lock_guard lock{mutex_};
        Name& name = names_[value];
        if (what_ == What::items) {
            name.target = sessions_[node].dht_put_item(lt::entry{text(value)});
            waiting_.emplace(word(name.target), std::move(done));
            return;
        }
        std::tie(name.key, name.secret) = lt::dht::ed25519_create_keypair(lt::dht::ed25519_create_seed());
        waiting_.emplace(word(name.key.bytes), std::move(done));
        sessions_[node].dht_put_item(
            name.key.bytes,
            [name, value](lt::entry& item, auto& signature, std::int64_t& seq, const std::string& salt) {
                item = text(value);
                seq = 1;
                std::string encoded;
                lt::bencode(std::back_inserter(encoded), item);
                signature = lt::dht::sign_mutable_item(encoded, salt, lt::dht::sequence_number{seq}, name.key,
                                                       name.secret)
                                .bytes;
            });
    }
    void get(std::size_t node, std::size_t value, Done done) override {
        const std::lock_guard lock{mutex_};
        const Name& name = names_[value];
        if (what_ == What::items) {
            waiting_.insert_or_assign(word(name.target), std::move(done));
            sessions_[node].dht_get_item(name.target);
        } else {
            waiting_.insert_or_assign(word(name.key.bytes), std::move(done));
            sessions_[node].dht_get_item(name.key.bytes);
        }
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
            for (const auto* alert : alerts) told(*alert);
        }
    }

    void told(const lt::alert& alert) {
        if (const auto* put = lt::alert_cast<lt::dht_put_alert>(&alert)) {
            end(what_ == What::items ? word(put->target) : word(put->public_key), put->num_success > 0);
        }
        if (const auto* got = lt::alert_cast<lt::dht_immutable_item_alert>(&alert)) {
            end(word(got->target), got->item.type() == lt::entry::string_t);
        }
        if (const auto* got = lt::alert_cast<lt::dht_mutable_item_alert>(&alert)) {
            // Told at the first that comes, at each newer one, and at the end.
            const bool good = got->item.type() == lt::entry::string_t;
            if (got->authoritative || (good && what_ == What::first)) end(word(got->key), good);
        }
    }

    void end(const std::string& word, bool good) {
        std::unique_lock lock{mutex_};
        const auto found = waiting_.find(word);
        if (found == waiting_.end()) return;
        const auto done = std::move(found->second);
        waiting_.erase(found);
        lock.unlock();
        done(good);
    }

    What what_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::size_t> told_;
    std::map<std::size_t, Name> names_;
    std::map<std::string, Done> waiting_;
    std::deque<lt::session> sessions_;
};

}  // namespace

std::unique_ptr<Swarm> libtorrent_swarm(What what, const Place& place) {
    return std::make_unique<LibtorrentSwarm>(what, place);
}

}  // namespace bench
