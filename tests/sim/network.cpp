// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/sim/network.h"

#include <cstdio>
#include <cstdlib>

namespace sim {

namespace {

/// Some day in 2026: records carry dates.
constexpr dht::Date first_date{std::chrono::seconds{1'790'000'000}};

/// A host whose deadline never moves would stop the clock.
constexpr int wakings_at_once_max = 1000;

constexpr std::uint16_t port = 7000;

dht::Identity identity(std::uint64_t seed) {
    dht::SeededRandom random{seed};
    dht::Identity::Seed out{};
    random.fill(out);
    return dht::Identity{out};
}

}  // namespace

std::uint64_t seed(std::uint64_t otherwise) {
    const char* given = std::getenv("VIADUCT_SEED");
    const auto out = given == nullptr ? otherwise : std::strtoull(given, nullptr, 10);
    // Check forks, and shows what a failed test has printed: so the seed is always at hand.
    std::printf("VIADUCT_SEED=%llu\n", static_cast<unsigned long long>(out));
    std::fflush(stdout);
    return out;
}

Network::Network(std::uint64_t seed, Conditions conditions) : random_(seed), conditions_(conditions) {}

dht::Endpoint Network::endpoint(HostId id) {
    const auto octet = [&](unsigned shift) { return static_cast<std::uint8_t>(id >> shift & 0xff); };
    return dht::Endpoint::v4({10, octet(16), octet(8), octet(0)}, port);
}

HostId Network::add(std::unique_ptr<Host> host) {
    hosts_.push_back({.host = std::move(host)});
    touched(hosts_.size() - 1);
    return hosts_.size() - 1;
}

void Network::touched(HostId id) {
    Slot& slot = hosts_[id];
    while (auto datagram = slot.host->poll_datagram()) send(id, *std::move(datagram));
    const auto deadline = slot.host->deadline().value_or(dht::Time::max());
    if (deadline == slot.deadline) return;
    deadlines_.erase({slot.deadline, id});
    slot.deadline = deadline;
    if (deadline != dht::Time::max() && slot.alive) deadlines_.insert({deadline, id});
}

void Network::restart(HostId id, std::unique_ptr<Host> host) {
    deadlines_.erase({hosts_[id].deadline, id});
    hosts_[id] = {std::move(host), dht::Time::max(), true};
}

void Network::kill(HostId id) {
    hosts_[id].alive = false;
    deadlines_.erase({hosts_[id].deadline, id});
}

bool Network::chance(double probability) {
    if (probability <= 0) return false;
    return static_cast<double>(random_.below(1'000'000)) < probability * 1'000'000;
}

void Network::send(HostId from, dht::Datagram datagram) {
    ++sent_;
    octets_ += datagram.payload.size();
    const auto& a = datagram.to.address;
    const auto to = static_cast<HostId>(a[13]) << 16 | static_cast<HostId>(a[14]) << 8 | a[15];
    if (to >= hosts_.size() || datagram.to != endpoint(to) || chance(conditions_.loss)) return;
    const auto spread =
        static_cast<std::uint64_t>((conditions_.latency_max - conditions_.latency_min).count());
    const int copies = chance(conditions_.duplication) ? 2 : 1;
    for (int i = 0; i < copies; ++i) {
        const dht::Duration more{static_cast<dht::Duration::rep>(random_.below(spread + 1))};
        flights_.push({time_ + conditions_.latency_min + more, sent_, to, from, datagram.payload});
    }
}

void Network::deliver(const Flight& flight) {
    if (!hosts_[flight.to].alive || !hosts_[flight.from].alive) return;
    if (side_ && side_(flight.to) != side_(flight.from)) return;
    hosts_[flight.to].host->receive(dht::view(flight.payload), endpoint(flight.from), now());
    touched(flight.to);
}

void Network::wake(HostId id) {
    wakings_at_once_ = woken_at_ == time_ ? wakings_at_once_ + 1 : 0;
    woken_at_ = time_;
    if (wakings_at_once_ > wakings_at_once_max + static_cast<int>(hosts_.size())) {
        std::fprintf(stderr, "host %zu asks to be woken for ever at the same moment\n", id);
        std::abort();
    }
    ++wakings_;
    hosts_[id].host->advance(now());
    touched(id);
}

bool Network::step(dht::Time until) {
    const auto arrival = flights_.empty() ? dht::Time::max() : flights_.top().arrival;
    const auto deadline = deadlines_.empty() ? dht::Time::max() : deadlines_.begin()->first;
    if (std::min(arrival, deadline) > until) return false;
    if (arrival <= deadline) {
        const Flight flight = flights_.top();
        flights_.pop();
        time_ = flight.arrival;
        deliver(flight);
    } else {
        time_ = std::max(time_, deadline);
        wake(deadlines_.begin()->second);
    }
    return true;
}

void Network::run_for(dht::Duration duration) {
    const auto until = time_ + duration;
    while (step(until)) {
    }
    time_ = until;
}

bool Network::run_until(const std::function<bool()>& condition, dht::Duration at_most) {
    const auto until = time_ + at_most;
    while (!condition()) {
        if (!step(until)) {
            time_ = until;
            return condition();
        }
    }
    return true;
}

dht::Now Network::now() const {
    return {time_, first_date + std::chrono::floor<std::chrono::seconds>(time_.time_since_epoch())};
}

NodeHost::NodeHost(std::uint64_t seed, dht::NodeConfig config)
    : random_(seed), node(identity(seed), std::move(config), random_) {}

void NodeHost::receive(dht::BytesView payload, const dht::Endpoint& from, dht::Now now) {
    node.receive(payload, from, now);
    collect();
}

void NodeHost::advance(dht::Now now) {
    node.advance(now);
    collect();
}

void NodeHost::collect() {
    while (auto event = node.poll_event()) {
        if (auto* values = std::get_if<dht::ValuesFound>(&*event)) {
            values_.insert_or_assign(values->lookup, std::move(*values));
        } else if (auto* nodes = std::get_if<dht::NodesFound>(&*event)) {
            nodes_.insert_or_assign(nodes->lookup, std::move(*nodes));
        } else if (auto* stored = std::get_if<dht::Stored>(&*event)) {
            stored_.insert_or_assign(stored->publication, *stored);
        } else if (auto* item = std::get_if<dht::ItemFound>(&*event)) {
            items_.insert_or_assign(item->lookup, std::move(*item));
        } else if (auto* put = std::get_if<dht::ItemStored>(&*event)) {
            puts_.insert_or_assign(put->put, *put);
        } else {
            ++joined_;
        }
    }
}

const dht::ValuesFound* NodeHost::values(dht::LookupId id) {
    collect();
    const auto found = values_.find(id);
    return found == values_.end() ? nullptr : &found->second;
}

const dht::NodesFound* NodeHost::nodes(dht::LookupId id) {
    collect();
    const auto found = nodes_.find(id);
    return found == nodes_.end() ? nullptr : &found->second;
}

const dht::Stored* NodeHost::stored(dht::PublicationId id) {
    collect();
    const auto found = stored_.find(id);
    return found == stored_.end() ? nullptr : &found->second;
}

const dht::ItemFound* NodeHost::item(dht::LookupId id) {
    collect();
    const auto found = items_.find(id);
    return found == items_.end() ? nullptr : &found->second;
}

const dht::ItemStored* NodeHost::put(dht::LookupId id) {
    collect();
    const auto found = puts_.find(id);
    return found == puts_.end() ? nullptr : &found->second;
}

std::size_t NodeHost::joined() {
    collect();
    return joined_;
}

}  // namespace sim
