// SPDX-License-Identifier: LGPL-2.1-or-later
#include <map>
#include <string>

#include "bench/net_swarms.h"
#include "dht/bencode.h"
#include "dht/node.h"
#include "federation/glib/udp.h"

namespace bench {

namespace {

/// One node on its socket, driven as inside Janus.
struct Host {
    Host(glib::Loop& loop, dht::Random& random, const dht::Identity& identity, const dht::Endpoint& at,
         bool puts_to_the_end)
        : to_the_end(puts_to_the_end),
          node(identity, {}, random),
          udp(
              loop, at, [this] { read(); },
              [this](const dht::Endpoint& to) { node.unreachable(to, glib::now()); }),
          timer(loop, [this] {
              node.advance(glib::now());
              drain();
          }) {}

    void read() {
        const auto now = glib::now();
        while (const auto got = udp.receive()) node.receive(got->payload, got->from, now);
        drain();
    }

    void drain() {
        while (auto datagram = node.poll_datagram()) udp.send(std::move(*datagram));
        udp.flush();
        while (const auto event = node.poll_event()) {
            const auto* stored = std::get_if<dht::Stored>(&*event);
            if (stored && (stored->complete || !to_the_end)) end(stored->publication, stored->holders > 0);
            if (const auto* found = std::get_if<dht::ValuesFound>(&*event))
                end(found->lookup, !found->records.empty());
            if (const auto* put = std::get_if<dht::ItemStored>(&*event)) end(put->put, put->holders > 0);
            if (const auto* item = std::get_if<dht::ItemFound>(&*event))
                end(item->lookup, item->item.has_value());
        }
        if (const auto deadline = node.deadline()) timer.arm(*deadline);
    }

    void end(std::uint64_t operation, bool good) {
        const auto found = waiting.find(operation);
        if (found == waiting.end()) return;
        const auto done = std::move(found->second);
        waiting.erase(found);
        done(good);
    }

    bool to_the_end;
    dht::Node node;
    glib::UdpSocket udp;
    glib::Timer timer;
    std::map<std::uint64_t, Swarm::Done> waiting;
};

std::string name(std::size_t value) {
    return "user" + std::to_string(value);
}

dht::Key key(std::size_t value) {
    return dht::key_of("public", "user", name(value));
}

/// A bencoded string of 100 octets.
dht::Bytes item(std::size_t value) {
    std::string text = name(value);
    text.resize(100, '.');
    return "100:" + text;
}

class ViaductSwarm final : public Swarm {
public:
    ViaductSwarm(What what, const Place& place) : what_(what) {
        loop_.run([&] {
            for (std::size_t i = 0; i < place.nodes; ++i) {
                const auto own = static_cast<std::uint16_t>(place.port + i);
                dht::Identity::Seed seed{};
                random_.fill(seed);
                auto& host = *hosts_.emplace_back(
                    std::make_unique<Host>(loop_, random_, dht::Identity{seed},
                                           dht::Endpoint::v4({127, 0, 0, 1}, own), what_ == What::all));
                std::vector<dht::Endpoint> known;
                if (own != place.known) known.push_back(dht::Endpoint::v4({127, 0, 0, 1}, place.known));
                host.node.bootstrap(std::move(known), glib::now());
                host.drain();
            }
        });
    }
    ~ViaductSwarm() override {
        loop_.run([&] { hosts_.clear(); });
    }

    void put(std::size_t node, std::size_t value, Done done) override {
        loop_.post([this, node, value, done = std::move(done)] {
            auto& host = *hosts_[node];
            host.waiting.emplace(put(host.node, value), done);
            host.drain();
        });
    }
    void get(std::size_t node, std::size_t value, Done done) override {
        loop_.post([this, node, value, done = std::move(done)] {
            auto& host = *hosts_[node];
            host.waiting.emplace(get(host.node, value), done);
            host.drain();
        });
    }

private:
    std::uint64_t put(dht::Node& node, std::size_t value) const {
        if (what_ == What::items) return node.put_immutable(item(value), glib::now());
        const auto encoded = dht::bencode::Dictionary{}.set("x", std::string(100, 'v')).encode();
        return node.publish("user", name(value), encoded, std::chrono::minutes{2}, glib::now());
    }
    std::uint64_t get(dht::Node& node, std::size_t value) const {
        if (what_ == What::items) return node.get_item(dht::sha1(item(value)), {}, glib::now());
        if (what_ == What::all) return node.find_value(key(value), glib::now());
        return node.find_first(key(value), std::nullopt, glib::now());
    }

    What what_;
    glib::Loop loop_;
    dht::SystemRandom random_;
    std::vector<std::unique_ptr<Host>> hosts_;
};

}  // namespace

std::unique_ptr<Swarm> viaduct_swarm(What what, const Place& place) {
    return std::make_unique<ViaductSwarm>(what, place);
}

}  // namespace bench
