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

dht::Endpoint Network::endpoint(HostId id, bool v6) {
    const auto octet = [&](unsigned shift) { return static_cast<std::uint8_t>(id >> shift & 0xff); };
    if (!v6) return dht::Endpoint::v4({10, octet(16), octet(8), octet(0)}, port);
    return {{0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, octet(16), octet(8), octet(0)}, port};
}

HostId Network::add(std::unique_ptr<Host> host, dht::Families families) {
    hosts_.push_back({.host = std::move(host), .families = families});
    touched(hosts_.size() - 1);
    return hosts_.size() - 1;
}

void Network::touched(HostId id) {
    while (auto datagram = hosts_[id].host->poll_datagram()) send(id, *std::move(datagram));
    hosts_[id].deadline = hosts_[id].host->deadline().value_or(dht::Time::max());
    set_alarm(id);
}

/// Answers nearly always put a deadline off. So an alarm that comes too early is set again when it rings,
/// which costs less than moving it each time.
void Network::set_alarm(HostId id) {
    Slot& slot = hosts_[id];
    if (!slot.alive || slot.deadline >= slot.alarm) return;
    slot.alarm = slot.deadline;
    alarms_.emplace(slot.alarm, id);
}

dht::Time Network::next_alarm() {
    while (!alarms_.empty()) {
        const auto [time, id] = alarms_.top();
        Slot& slot = hosts_[id];
        const bool counts = slot.alive && slot.alarm == time;
        if (counts && slot.deadline <= time) return time;
        alarms_.pop();
        if (!counts) continue;
        slot.alarm = dht::Time::max();
        set_alarm(id);
    }
    return dht::Time::max();
}

void Network::restart(HostId id, std::unique_ptr<Host> host) {
    hosts_[id] = {
        .host = std::move(host), .families = hosts_[id].families, .behind_nat = hosts_[id].behind_nat};
}

void Network::kill(HostId id) {
    hosts_[id].alive = false;
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
    const bool v6 = !datagram.to.is_v4();
    if (to >= hosts_.size() || datagram.to != endpoint(to, v6) || chance(conditions_.loss)) return;
    const bool spoken =
        hosts_[from].families.contain(datagram.to) && hosts_[to].families.contain(datagram.to);
    if (!spoken) return;
    if (hosts_[from].behind_nat) nat_openings_.insert_or_assign({from, to}, time_);
    const auto spread =
        static_cast<std::uint64_t>((conditions_.latency_max - conditions_.latency_min).count());
    const auto arrival = [&] {
        return time_ + conditions_.latency_min +
               dht::Duration{static_cast<dht::Duration::rep>(random_.below(spread + 1))};
    };
    if (chance(conditions_.duplication)) dispatch({to, from, v6, datagram.payload}, arrival());
    dispatch({to, from, v6, std::move(datagram.payload)}, arrival());
}

void Network::dispatch(Parcel parcel, dht::Time arrival) {
    if (free_parcels_.empty()) {
        free_parcels_.push_back(parcels_.size());
        parcels_.emplace_back();
    }
    const auto place = free_parcels_.back();
    free_parcels_.pop_back();
    parcels_[place] = std::move(parcel);
    arrivals_.push({arrival, sent_, place});
}

Network::Parcel Network::take_arrival() {
    const auto place = arrivals_.top().parcel;
    arrivals_.pop();
    free_parcels_.push_back(place);
    return std::move(parcels_[place]);
}

bool Network::passes(const Parcel& parcel) const {
    if (!hosts_[parcel.to].alive || !hosts_[parcel.from].alive) return false;
    if (side_ && side_(parcel.to) != side_(parcel.from)) return false;
    if (!hosts_[parcel.to].behind_nat) return true;
    const auto opening = nat_openings_.find({parcel.to, parcel.from});
    return opening != nat_openings_.end() && time_ - opening->second <= nat_forgets_after;
}

void Network::deliver(const Parcel& parcel) {
    if (!passes(parcel)) return;
    hosts_[parcel.to].host->receive(dht::view(parcel.payload), endpoint(parcel.from, parcel.v6), now());
    touched(parcel.to);
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
    const auto arrival = arrivals_.empty() ? dht::Time::max() : arrivals_.top().time;
    const auto alarm = next_alarm();
    if (std::min(arrival, alarm) > until) return false;
    if (arrival <= alarm) {
        time_ = arrival;
        deliver(take_arrival());
    } else {
        time_ = std::max(time_, alarm);
        const auto id = alarms_.top().second;
        alarms_.pop();
        hosts_[id].alarm = dht::Time::max();
        wake(id);
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
            if (stored->complete) stored_.insert_or_assign(stored->publication, *stored);
        } else if (auto* item = std::get_if<dht::ItemFound>(&*event)) {
            items_.insert_or_assign(item->lookup, std::move(*item));
        } else if (auto* put = std::get_if<dht::ItemStored>(&*event)) {
            if (put->complete) puts_.insert_or_assign(put->put, *put);
        } else if (std::holds_alternative<dht::Joined>(*event)) {
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
