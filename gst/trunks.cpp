// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/trunks.h"

#include <algorithm>
#include <cassert>
#include <map>

#include "gst/init.h"
#include "gst/offer_limit.h"
#include "gst/trunk.h"

namespace gst {

using federation::TrunkSignal;

namespace {

constexpr std::size_t id_digits = 16;
// A shard that could not be made is not tried again with each new lane.
constexpr dht::Duration shard_pause = std::chrono::minutes{1};

/// Which shard the attempt of this name is of: sixteen digits, and unless it is the first `.` and its number
/// (docs/trunk.md). Hostile.
std::optional<unsigned> shard_of(const std::string& id) {
    const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    if (id.size() < id_digits || !std::all_of(id.begin(), id.begin() + id_digits, is_digit)) return {};
    if (id.size() == id_digits) return 0;
    if (id.size() != id_digits + 2 || id[id_digits] != '.') return {};
    const char number = id.back();
    if (number < '1' || number > '9') return {};
    return static_cast<unsigned>(number - '0');
}

}  // namespace

struct Trunks::State : std::enable_shared_from_this<State> {
    State(glib::Loop& on, const dht::NodeId& own, TrunkConfig configuration, Callbacks to)
        : loop(on), self(own), config(std::move(configuration)), callbacks(std::move(to)) {
        assert(config.shards_max >= 1 && config.shards_max <= LaneTable::shards_limit);
    }

    /// The lanes with one peer, and their connections, by shard.
    struct Peer {
        explicit Peer(const TrunkConfig& config)
            : lanes(std::make_shared<LaneTable>(config.lanes_max, config.packet_bytes_max,
                                                config.lanes_per_shard)),
              shards(config.shards_max) {}
        ~Peer() {
            shards.clear();  // they say goodbye
            lanes->end();
        }
        Peer(const Peer&) = delete;
        Peer& operator=(const Peer&) = delete;

        std::shared_ptr<LaneTable> lanes;
        std::vector<std::unique_ptr<Trunk>> shards;
        dht::Time no_shard_before{};

        /// Nothing if there is none, or it has ended and only waits to be forgotten.
        [[nodiscard]] Trunk* find(unsigned shard) const {
            Trunk* trunk = shard < shards.size() ? shards[shard].get() : nullptr;
            return trunk && !trunk->has_ended() ? trunk : nullptr;
        }
        [[nodiscard]] bool is_up() const {
            return std::any_of(shards.begin(), shards.end(),
                               [](const auto& trunk) { return trunk && trunk->is_up(); });
        }
        [[nodiscard]] bool is_empty() const {
            for (unsigned shard = 0; shard < shards.size(); ++shard)
                if (find(shard)) return false;
            return true;
        }
    };

    glib::Loop& loop;
    const dht::NodeId self;
    TrunkConfig config;
    const Callbacks callbacks;
    OfferLimit offers;
    Worker worker;  ///< outlives the trunks: it tears them down
    std::map<dht::NodeId, std::unique_ptr<Peer>> peers;

    /// Nothing if there is none, or its lanes are dead and it only waits to be forgotten.
    Peer* find(const dht::NodeId& id) const {
        const auto found = peers.find(id);
        return found == peers.end() || found->second->lanes->has_ended() ? nullptr : found->second.get();
    }

    /// Nothing at the limit.
    Peer* find_or_make(const dht::NodeId& id) {
        if (Peer* peer = find(id)) return peer;
        if (peers.size() >= config.peers_max && !peers.contains(id)) {
            GST_WARNING("no trunk: there are %zu already", peers.size());
            return nullptr;
        }
        auto& place = peers[id];
        place = std::make_unique<Peer>(config);
        return place.get();
    }

    Trunk& trunk_of(const dht::NodeId& id, Peer& peer, unsigned shard) {
        if (Trunk* trunk = peer.find(shard)) return *trunk;
        auto& place = peer.shards.at(shard);
        place.reset();  // what has ended leaves the lanes before another comes
        place = std::make_unique<Trunk>(Trunk::World{loop, worker, self, config},
                                        Trunk::Place{id, shard, peer.lanes}, callbacks_for(id, shard));
        return *place;
    }

    std::shared_ptr<Lane> open(const dht::NodeId& id, federation::LaneId lane,
                               std::shared_ptr<LaneReceiver> receiver) {
        Peer* peer = find_or_make(id);
        if (!peer) return nullptr;
        auto opened = peer->lanes->open(lane, std::move(receiver));
        if (opened.lane) trunk_of(id, *peer, opened.shard).require();
        if (opened.crowded) add_shard(id, *peer);
        return opened.lane;
    }

    /// All that are up have as many lanes as they should.
    void add_shard(const dht::NodeId& id, Peer& peer) {
        if (glib::now().time < peer.no_shard_before) return;
        for (unsigned shard = 0; shard < config.shards_max; ++shard) {
            if (peer.find(shard)) continue;
            GST_INFO("a trunk gets its shard %u", shard);
            return trunk_of(id, peer, shard).require();
        }
    }

    /// Posted, so that who is called may call us.
    void tell(std::function<void(const State&)> what) {
        loop.post([weak = weak_from_this(), what = std::move(what)] {
            if (const auto state = weak.lock()) what(*state);
        });
    }

    Trunk::Callbacks callbacks_for(const dht::NodeId& peer, unsigned shard) {
        return {.signal =
                    [this, peer](TrunkSignal signal) {
                        tell([peer, signal = std::move(signal)](const State& state) {
                            state.callbacks.signal(peer, signal);
                        });
                    },
                .up = [this, peer] { tell([peer](const State& state) { state.callbacks.up(peer); }); },
                .failed = [this, peer, shard](federation::Reason reason) { failed(peer, shard, reason); },
                .ended = [this, peer] { forget(peer); }};
    }

    /// One that has no lanes is missed by nobody while there are others. Otherwise there is no way to the
    /// peer.
    void failed(const dht::NodeId& id, unsigned shard, federation::Reason reason) {
        Peer& peer = *peers.at(id);
        if (peer.lanes->size(shard) == 0 && peer.is_up()) {
            peer.no_shard_before = glib::now().time + shard_pause;
            return;
        }
        peer.lanes->end();
        for (unsigned other = 0; other < peer.shards.size(); ++other)
            if (Trunk* trunk = peer.find(other)) trunk->abandon();
        tell([id, reason](const State& state) { state.callbacks.failed(id, reason); });
    }

    void forget(const dht::NodeId& id) {
        loop.post([weak = weak_from_this(), id] {
            const auto state = weak.lock();
            if (!state || !state->peers.contains(id)) return;
            Peer& peer = *state->peers.at(id);
            for (auto& trunk : peer.shards)
                if (trunk && trunk->has_ended()) trunk.reset();
            if (peer.is_empty()) state->peers.erase(id);
        });
    }

    void offered(const dht::NodeId& id, unsigned shard, const TrunkSignal& signal) {
        Peer* peer = find(id);
        Trunk* trunk = peer ? peer->find(shard) : nullptr;
        if (trunk && !trunk->wants_offer(signal.trunk)) return;
        if (!offers.take(id, glib::now().time)) {
            GST_WARNING("offer %s ignored: too many", signal.trunk.c_str());
            return;
        }
        if (!peer) peer = find_or_make(id);
        if (peer) trunk_of(id, *peer, shard).offered(signal.trunk, signal.body);
    }
};

Trunks::Trunks(glib::Loop& loop, const dht::NodeId& self, TrunkConfig config, Callbacks callbacks)
    : state_(std::make_shared<State>(loop, self, std::move(config), std::move(callbacks))) {}

void Trunks::use_addresses(std::vector<std::string> addresses) {
    state_->config.addresses = std::move(addresses);
}

Trunks::~Trunks() {
    assert(state_->loop.is_current());
}

void Trunks::require(const dht::NodeId& peer) {
    assert(state_->loop.is_current());
    if (State::Peer* found = state_->find_or_make(peer)) {
        // Any connection will do. They are made one after the other, as lanes need them.
        if (!found->is_up()) return state_->trunk_of(peer, *found, 0).require();
        for (const auto& trunk : found->shards)
            if (trunk && trunk->is_up()) return trunk->require();
    }
    state_->tell([peer](const State& state) { state.callbacks.failed(peer, federation::Reason::too_many); });
}

void Trunks::release(const dht::NodeId& peer) {
    assert(state_->loop.is_current());
    State::Peer* found = state_->find(peer);
    for (unsigned shard = 0; found && shard < state_->config.shards_max; ++shard)
        if (Trunk* trunk = found->find(shard)) trunk->release();
}

std::shared_ptr<Lane> Trunks::open(const dht::NodeId& peer, federation::LaneId lane,
                                   std::shared_ptr<LaneReceiver> receiver) {
    assert(state_->loop.is_current());
    return state_->open(peer, lane, std::move(receiver));
}

void Trunks::signalled(const dht::NodeId& peer, const TrunkSignal& signal) {
    assert(state_->loop.is_current());
    const auto shard = shard_of(signal.trunk);
    if (!shard || *shard >= state_->config.shards_max) return;
    if (signal.kind == "offer") return state_->offered(peer, *shard, signal);
    // Kinds that are not here ("candidate": all of ours stand in the description) come from newer peers.
    State::Peer* found = state_->find(peer);
    Trunk* trunk = found ? found->find(*shard) : nullptr;
    if (!trunk) return;
    if (signal.kind == "answer") trunk->answered(signal.trunk, signal.body);
    if (signal.kind == "close") trunk->closed(signal.trunk);
}

bool Trunks::is_up(const dht::NodeId& peer) const {
    const State::Peer* found = state_->find(peer);
    return found && found->is_up();
}

namespace {

/// One that is up tells more than one that is being made.
void add(TrunkStats& all, const TrunkStats& shard) {
    const auto rank = [](const std::string& state) { return state == "up" ? 2 : state == "lost" ? 1 : 0; };
    if (all.state.empty() || rank(shard.state) > rank(all.state)) {
        all.state = shard.state;
        all.rtt_ms = shard.rtt_ms;
    }
    all.shards += shard.shards;
    if (shard.carries_in == unlimited) return;
    all.carries_in = all.carries_in == unlimited ? shard.carries_in : all.carries_in + shard.carries_in;
}

}  // namespace

std::vector<TrunkStats> Trunks::stats() const {
    std::vector<TrunkStats> every;
    for (const auto& [id, peer] : state_->peers) {
        if (peer->is_empty()) continue;
        TrunkStats all;
        all.peer = id;
        for (const auto& trunk : peer->shards)
            if (trunk && !trunk->has_ended()) add(all, trunk->stats());
        all.lanes = peer->lanes->size();
        all.packets_sent = peer->lanes->packets_sent;
        all.packets_received = peer->lanes->packets_received;
        all.packets_unknown = peer->lanes->packets_unknown;
        all.carries_out = peer->lanes->bandwidth();
        every.push_back(std::move(all));
    }
    return every;
}

}  // namespace gst
