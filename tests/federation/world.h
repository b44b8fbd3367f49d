// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "federation/server.h"

/// Some servers, one clock, and between them a network that delivers what it is given in order, a
/// millisecond later. Nothing here is real, so an hour passes at once and every run is the same.
class World {
public:
    using Event = federation::Event;
    using LinkId = federation::LinkId;

    struct Host {
        World& world;
        int number;
        dht::SeededRandom random;
        std::unique_ptr<federation::Server> server;
        dht::Endpoint udp, signalling;
        std::deque<Event> events{};
        std::map<LinkId, std::pair<int, LinkId>> ends{};  ///< link here -> host and link there
        LinkId accepted = 0;
        bool dead = false;              ///< its machine answers for it: connections are refused
        bool silent = false;            ///< its cable is out
        std::chrono::seconds ahead{0};  ///< what its clock is wrong by

        federation::Server* operator->() { return server.get(); }
    };

    dht::Duration latency = std::chrono::milliseconds{1};
    std::function<bool(const Host& from, const Host& to)> lost = [](const Host&, const Host&) {
        return false;
    };
    /// What is lost of the DHT's datagrams alone: connections repeat what they lose.
    std::function<bool()> datagram_lost = [] { return false; };
    std::size_t dials = 0;

    Host& add(federation::Config config = {}) {
        const int number = static_cast<int>(hosts_.size()) + 1;
        dht::Identity::Seed seed{};
        seed.fill(static_cast<std::uint8_t>(number));
        const auto octet = static_cast<std::uint8_t>(number);
        auto host =
            std::make_unique<Host>(Host{.world = *this,
                                        .number = number,
                                        .random = dht::SeededRandom{static_cast<std::uint64_t>(number)},
                                        .server = {},
                                        .udp = dht::Endpoint::v4({10, 0, 0, octet}, 7000),
                                        .signalling = dht::Endpoint::v4({10, 0, 0, octet}, 8000)});
        config.signalling = host->signalling;
        host->server = std::make_unique<federation::Server>(dht::Identity{seed}, config, host->random);
        hosts_.push_back(std::move(host));
        return *hosts_.back();
    }

    /// A federation of `count` servers that know each other.
    std::vector<Host*> federate(std::size_t count, const federation::Config& config = {}) {
        std::vector<Host*> all;
        for (std::size_t i = 0; i < count; ++i) {
            auto& host = add(config);
            all.push_back(&host);
            host->bootstrap(i == 0 ? std::vector<dht::Endpoint>{} : std::vector{all.front()->udp}, now());
            run(std::chrono::milliseconds{200});
        }
        return all;
    }

    [[nodiscard]] dht::Now now() const {
        return {time_, dht::Date{std::chrono::seconds{1'700'000'000} +
                                 std::chrono::duration_cast<std::chrono::seconds>(time_.time_since_epoch())}};
    }

    /// As this host's clock has it.
    [[nodiscard]] dht::Now now(const Host& host) const {
        auto out = now();
        out.date += host.ahead;
        return out;
    }

    void run(dht::Duration duration) {
        run_until([] { return false; }, duration);
    }

    /// Whether `done` came true in time.
    bool run_until(const std::function<bool()>& done, dht::Duration limit = std::chrono::seconds{10}) {
        const auto end = time_ + limit;
        drain();
        while (!done()) {
            const auto next = next_time();
            if (!next || *next > end) {
                time_ = end;
                return done();
            }
            time_ = std::max(time_, *next);
            while (!wire_.empty() && wire_.begin()->first.first <= time_) {
                auto action = std::move(wire_.begin()->second);
                wire_.erase(wire_.begin());
                action();
                drain();
            }
            for (auto& host : hosts_) {
                const auto deadline = host->server->deadline();
                if (!host->dead && deadline && *deadline <= time_) host->server->advance(now(*host));
            }
            drain();
        }
        return true;
    }

    /// The next event of this type at `host`; those before it are thrown away.
    template <class T>
    std::optional<T> wait(Host& host, dht::Duration limit = std::chrono::seconds{10}) {
        std::optional<T> found;
        run_until(
            [&] {
                while (!host.events.empty() && !found) {
                    if (auto* event = std::get_if<T>(&host.events.front())) found = std::move(*event);
                    host.events.pop_front();
                }
                return found.has_value();
            },
            limit);
        return found;
    }

    /// `to` hears this from `from`, which need not mean it. They must be connected.
    void forge(const Host& from, Host& to, const federation::Message& message) {
        for (const auto& [link, end] : std::map{to.ends}) {
            if (end.first != from.number - 1) continue;
            to.server->link_received(link, federation::encode(message), now(to));
            drain();
            return;
        }
    }

    void register_user(Host& host, const std::string& user) {
        host->register_user(user, now(host));
        run_until([&] { return host->has_user(user); });
    }

    /// Its process ends: the kernel closes what it had open.
    void kill(Host& host) {
        host.dead = true;
        break_links(host);
    }

    /// With the same key at the same address, and nothing else of its earlier life.
    void restart(Host& host, federation::Config config = {}) {
        run(10 * latency);  // what its kernel still says for the dead process
        dht::Identity::Seed seed{};
        seed.fill(static_cast<std::uint8_t>(host.number));
        config.signalling = host.signalling;
        host.server = std::make_unique<federation::Server>(dht::Identity{seed}, config, host.random);
        host.events.clear();
        host.dead = host.silent = false;
    }

    void break_links(Host& host) {
        for (const auto& [link, end] : std::exchange(host.ends, {})) {
            auto& other = *hosts_[static_cast<std::size_t>(end.first)];
            other.ends.erase(end.second);
            later([this, &other, there = end.second] { closed(other, there); });
            later([this, &host, here = link] { closed(host, here); });
        }
    }

    std::set<LinkId> links(const Host& host) const {
        std::set<LinkId> all;
        for (const auto& [link, end] : host.ends) all.insert(link);
        return all;
    }

private:
    void later(std::function<void()> action, int trips = 1) {
        wire_.emplace(std::pair{time_ + trips * latency, ++sequence_}, std::move(action));
    }

    [[nodiscard]] std::optional<dht::Time> next_time() const {
        std::optional<dht::Time> next;
        if (!wire_.empty()) next = wire_.begin()->first.first;
        for (const auto& host : hosts_) {
            const auto deadline = host->server->deadline();
            if (!host->dead && deadline && (!next || *deadline < *next)) next = deadline;
        }
        return next;
    }

    Host* at(const dht::Endpoint& endpoint) {
        for (auto& host : hosts_) {
            if (host->udp == endpoint || host->signalling == endpoint) return host.get();
        }
        return nullptr;
    }

    bool cut(const Host& a, const Host& b) { return a.silent || b.silent || lost(a, b); }

    void drain() {
        for (auto& host : hosts_) {
            while (const auto datagram = host->server->poll_datagram()) datagram_from(*host, *datagram);
            while (auto command = host->server->poll_command()) {
                std::visit([&](auto& c) { carry_out(*host, c); }, *command);
            }
            while (auto event = host->server->poll_event()) host->events.push_back(std::move(*event));
        }
    }

    void datagram_from(Host& host, const dht::Datagram& datagram) {
        auto* const to = at(datagram.to);
        if (!to || host.dead || datagram_lost()) return;
        later([this, &host, to, payload = datagram.payload] {
            if (to->dead || cut(host, *to)) return;
            to->server->receive(dht::view(payload), host.udp, now(*to));
        });
    }

    void carry_out(Host& host, const federation::Dial& dial) {
        ++dials;
        connect(host, dial, std::chrono::seconds{1});
    }

    /// TCP sends its SYN again after 1 s, 2 s, 4 s (RFC 6298).
    void connect(Host& host, const federation::Dial& dial, dht::Duration again) {
        auto* const to = at(dial.to);
        if (host.dead || !to) return;
        if (cut(host, *to)) {
            wire_.emplace(std::pair{time_ + again, ++sequence_},
                          [this, &host, dial, again] { connect(host, dial, 2 * again); });
            return;
        }
        later([this, &host, to, link = dial.link, peer = dial.peer] {
            if (to->dead || to->server->id() != peer) {
                later([this, &host, link, dead = to->dead] {
                    if (dead) return host.server->link_refused(link, now(host));
                    host.server->link_closed(link, federation::Reason::signalling_refused, now(host));
                });
                return;
            }
            const auto there = federation::accepted_link_bit | ++to->accepted;
            to->ends[there] = {host.number - 1, link};
            host.ends[link] = {to->number - 1, there};
            later([this, &host, to, link] {
                if (host.ends.contains(link)) host.server->link_opened(link, to->server->id(), now(host));
            });
            to->server->link_opened(there, host.server->id(), now(*to));
        });
    }

    void carry_out(Host& host, const federation::Send& send) {
        const auto end = host.ends.find(send.link);
        if (end == host.ends.end()) return;
        auto& to = *hosts_[static_cast<std::size_t>(end->second.first)];
        later([this, &host, &to, there = end->second.second, text = send.text] {
            if (!to.dead && !cut(host, to) && to.ends.contains(there))
                to.server->link_received(there, text, now(to));
        });
    }

    /// A WebSocket's close is acknowledged by the other end, which sends no more.
    void carry_out(Host& host, const federation::Close& close) {
        const auto end = host.ends.find(close.link);
        if (end == host.ends.end()) return;
        auto& to = *hosts_[static_cast<std::size_t>(end->second.first)];
        later([this, &host, &to, here = close.link, there = end->second.second] {
            if (cut(host, to)) return;
            if (to.ends.erase(there) > 0) closed(to, there);
            later([this, &host, here] {
                if (host.ends.erase(here) > 0) closed(host, here);
            });
        });
    }

    void closed(Host& host, LinkId link) {
        if (!host.dead) host.server->link_closed(link, federation::Reason::server_unreachable, now(host));
    }

    dht::Time time_{std::chrono::seconds{1}};
    std::uint64_t sequence_ = 0;
    std::map<std::pair<dht::Time, std::uint64_t>, std::function<void()>> wire_;
    std::vector<std::unique_ptr<Host>> hosts_;
};
