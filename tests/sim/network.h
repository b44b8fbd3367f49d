// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "dht/crypto.h"
#include "dht/endpoint.h"
#include "dht/node.h"
#include "dht/time.h"

/// A network on a virtual clock: the code that runs on sockets runs here, thousands of times faster
/// and the same way each time for the same seed.
namespace sim {

/// Whatever does no I/O itself: a `dht::Node`, or a server that has one inside.
class Host {
public:
    virtual ~Host() = default;
    virtual void receive(dht::BytesView payload, const dht::Endpoint& from, dht::Now now) = 0;
    virtual void advance(dht::Now now) = 0;
    virtual std::optional<dht::Datagram> poll_datagram() = 0;
    [[nodiscard]] virtual std::optional<dht::Time> deadline() const = 0;
};

struct Conditions {
    dht::Duration latency_min = std::chrono::milliseconds{5};
    dht::Duration latency_max = std::chrono::milliseconds{50};  ///< the spread reorders
    double loss = 0;                                            ///< of each datagram
    double duplication = 0;                                     ///< of each datagram that is not lost
};

using HostId = std::size_t;

/// The seed of this run: VIADUCT_SEED, or `otherwise`. A failing test prints it to be replayed.
std::uint64_t seed(std::uint64_t otherwise);

class Network {
public:
    explicit Network(std::uint64_t seed, Conditions conditions = {});

    /// Puts the host on the network, at an address of its own (`endpoint`) in each family that it speaks.
    HostId add(std::unique_ptr<Host> host, dht::Families families = {true, false});
    [[nodiscard]] Host& host(HostId id) { return *hosts_[id].host; }
    [[nodiscard]] static dht::Endpoint endpoint(HostId id, bool v6 = false);
    [[nodiscard]] std::size_t size() const { return hosts_.size(); }

    /// After any call into a host from outside: sends what it has to send.
    void touched(HostId id);

    /// Its datagrams vanish and it is not woken; it knows nothing of that.
    void kill(HostId id);
    /// Another life at the same address: the old one is forgotten as by a crash.
    void restart(HostId id, std::unique_ptr<Host> host);
    [[nodiscard]] bool alive(HostId id) const { return hosts_[id].alive; }
    /// From now on only answers reach it: a datagram gets through from an address that the host has sent to
    /// within `nat_forgets_after` (RFC 4787: filtering by address and port).
    void put_behind_nat(HostId id) { hosts_[id].behind_nat = true; }
    /// As many a router at home does; RFC 4787 asks for two minutes.
    static constexpr dht::Duration nat_forgets_after = std::chrono::seconds{30};

    /// Datagrams pass only between hosts for which this gives the same; empty: everywhere.
    void partition(std::function<int(HostId)> side) { side_ = std::move(side); }
    void set_conditions(const Conditions& conditions) { conditions_ = conditions; }

    void run_for(dht::Duration duration);
    /// Whether the condition held within that time.
    bool run_until(const std::function<bool()>& condition, dht::Duration at_most);

    [[nodiscard]] dht::Now now() const;
    [[nodiscard]] dht::Random& random() { return random_; }
    [[nodiscard]] std::uint64_t datagrams() const { return sent_; }
    [[nodiscard]] std::uint64_t octets() const { return octets_; }
    /// How often a host was woken by its deadline.
    [[nodiscard]] std::uint64_t wakings() const { return wakings_; }

private:
    struct Slot {
        std::unique_ptr<Host> host;
        dht::Time deadline = dht::Time::max();
        dht::Time alarm = dht::Time::max();  // the one in `alarms_` that counts: never after `deadline`
        dht::Families families{};
        bool alive = true;
        bool behind_nat = false;
    };

    struct Parcel {
        HostId to = 0;
        HostId from = 0;
        bool v6 = false;
        dht::Bytes payload;
    };

    /// Small, since the queue moves them about; what is on its way lies still.
    struct Arrival {
        dht::Time time;
        std::uint64_t number;  // keeps the order of what arrives together
        std::size_t parcel;

        bool operator>(const Arrival& other) const {
            return std::pair{time, number} > std::pair{other.time, other.number};
        }
    };

    using Alarm = std::pair<dht::Time, HostId>;
    template <class T>
    using EarliestFirst = std::priority_queue<T, std::vector<T>, std::greater<>>;

    bool step(dht::Time until);
    void send(HostId from, dht::Datagram datagram);
    void dispatch(Parcel parcel, dht::Time arrival);
    Parcel take_arrival();
    void deliver(const Parcel& parcel);
    [[nodiscard]] bool passes(const Parcel& parcel) const;
    void set_alarm(HostId id);
    [[nodiscard]] dht::Time next_alarm();
    void wake(HostId id);
    [[nodiscard]] bool chance(double probability);

    dht::SeededRandom random_;
    Conditions conditions_;
    std::function<int(HostId)> side_;
    std::map<std::pair<HostId, HostId>, dht::Time> nat_openings_;  // by whom to whom, and when last
    std::vector<Slot> hosts_;
    std::vector<Parcel> parcels_;  // on their way, or free
    std::vector<std::size_t> free_parcels_;
    EarliestFirst<Arrival> arrivals_;
    EarliestFirst<Alarm> alarms_;
    dht::Time time_;
    std::uint64_t sent_ = 0;
    std::uint64_t octets_ = 0;
    std::uint64_t wakings_ = 0;
    dht::Time woken_at_;
    int wakings_at_once_ = 0;
};

/// A `dht::Node` alone.
class NodeHost final : public Host {
public:
    NodeHost(std::uint64_t seed, dht::NodeConfig config);

    void receive(dht::BytesView payload, const dht::Endpoint& from, dht::Now now) override;
    void advance(dht::Now now) override;
    std::optional<dht::Datagram> poll_datagram() override { return node.poll_datagram(); }
    [[nodiscard]] std::optional<dht::Time> deadline() const override { return node.deadline(); }

    /// The last event of that kind with this id, if it has come.
    [[nodiscard]] const dht::ValuesFound* values(dht::LookupId id);
    [[nodiscard]] const dht::NodesFound* nodes(dht::LookupId id);
    [[nodiscard]] const dht::Stored* stored(dht::PublicationId id);
    [[nodiscard]] const dht::ItemFound* item(dht::LookupId id);
    [[nodiscard]] const dht::ItemStored* put(dht::LookupId id);
    [[nodiscard]] std::size_t joined();

private:
    void collect();

    dht::SeededRandom random_;
    std::map<dht::LookupId, dht::ValuesFound> values_;
    std::map<dht::LookupId, dht::NodesFound> nodes_;
    std::map<dht::PublicationId, dht::Stored> stored_;
    std::map<dht::LookupId, dht::ItemFound> items_;
    std::map<dht::LookupId, dht::ItemStored> puts_;
    std::size_t joined_ = 0;

public:
    dht::Node node;
};

}  // namespace sim
