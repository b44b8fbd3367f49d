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

bool is_id(const std::string& id) {
    return id.size() == id_digits && std::all_of(id.begin(), id.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

}  // namespace

struct Trunks::State : std::enable_shared_from_this<State> {
    State(glib::Loop& on, const dht::NodeId& own, TrunkConfig configuration, Callbacks to)
        : loop(on), self(own), config(std::move(configuration)), callbacks(std::move(to)) {}

    glib::Loop& loop;
    const dht::NodeId self;
    const TrunkConfig config;
    const Callbacks callbacks;
    OfferLimit offers;
    Worker worker;  ///< outlives the trunks: it tears them down
    std::map<dht::NodeId, std::unique_ptr<Trunk>> trunks;

    /// Nothing if there is none, or it has ended and only waits to be forgotten.
    Trunk* find(const dht::NodeId& peer) const {
        const auto found = trunks.find(peer);
        return found == trunks.end() || found->second->has_ended() ? nullptr : found->second.get();
    }

    /// Nothing at the limit.
    Trunk* find_or_make(const dht::NodeId& peer) {
        if (Trunk* trunk = find(peer)) return trunk;
        if (trunks.size() >= config.peers_max && !trunks.contains(peer)) {
            GST_WARNING("no trunk: there are %zu already", trunks.size());
            return nullptr;
        }
        auto& place = trunks[peer];
        place = std::make_unique<Trunk>(Trunk::World{loop, worker, self, config}, peer, callbacks_for(peer));
        return place.get();
    }

    /// Posted, so that who is called may call us.
    void tell(std::function<void(const State&)> what) {
        loop.post([weak = weak_from_this(), what = std::move(what)] {
            if (const auto state = weak.lock()) what(*state);
        });
    }

    Trunk::Callbacks callbacks_for(const dht::NodeId& peer) {
        return {.signal =
                    [this, peer](TrunkSignal signal) {
                        tell([peer, signal = std::move(signal)](const State& state) {
                            state.callbacks.signal(peer, signal);
                        });
                    },
                .up = [this, peer] { tell([peer](const State& state) { state.callbacks.up(peer); }); },
                .failed =
                    [this, peer](federation::Reason reason) {
                        tell([peer, reason](const State& state) { state.callbacks.failed(peer, reason); });
                    },
                .ended = [this, peer] { forget(peer); }};
    }

    void forget(const dht::NodeId& peer) {
        loop.post([weak = weak_from_this(), peer] {
            const auto state = weak.lock();
            if (state && state->trunks.contains(peer) && !state->find(peer)) state->trunks.erase(peer);
        });
    }

    void offered(const dht::NodeId& peer, const TrunkSignal& signal) {
        Trunk* trunk = find(peer);
        if (trunk && !trunk->wants_offer(signal.trunk)) return;
        if (!offers.take(peer, glib::now().time)) {
            GST_WARNING("offer %s ignored: too many", signal.trunk.c_str());
            return;
        }
        if (!trunk) trunk = find_or_make(peer);
        if (trunk) trunk->offered(signal.trunk, signal.body);
    }
};

Trunks::Trunks(glib::Loop& loop, const dht::NodeId& self, TrunkConfig config, Callbacks callbacks)
    : state_(std::make_shared<State>(loop, self, std::move(config), std::move(callbacks))) {}

Trunks::~Trunks() {
    assert(state_->loop.is_current());
}

void Trunks::require(const dht::NodeId& peer) {
    assert(state_->loop.is_current());
    if (Trunk* trunk = state_->find_or_make(peer)) return trunk->require();
    state_->tell([peer](const State& state) { state.callbacks.failed(peer, federation::Reason::too_many); });
}

void Trunks::release(const dht::NodeId& peer) {
    assert(state_->loop.is_current());
    if (Trunk* trunk = state_->find(peer)) trunk->release();
}

std::shared_ptr<Lane> Trunks::open(const dht::NodeId& peer, federation::LaneId lane,
                                   std::shared_ptr<LaneReceiver> receiver) {
    assert(state_->loop.is_current());
    Trunk* trunk = state_->find_or_make(peer);
    return trunk ? trunk->open(lane, std::move(receiver)) : nullptr;
}

void Trunks::signalled(const dht::NodeId& peer, const TrunkSignal& signal) {
    assert(state_->loop.is_current());
    if (!is_id(signal.trunk)) return;
    if (signal.kind == "offer") return state_->offered(peer, signal);
    // Kinds that are not here ("candidate": all of ours stand in the description) come from newer peers.
    Trunk* trunk = state_->find(peer);
    if (!trunk) return;
    if (signal.kind == "answer") trunk->answered(signal.trunk, signal.body);
    if (signal.kind == "close") trunk->closed(signal.trunk);
}

bool Trunks::is_up(const dht::NodeId& peer) const {
    const Trunk* trunk = state_->find(peer);
    return trunk && trunk->is_up();
}

std::vector<TrunkStats> Trunks::stats() const {
    std::vector<TrunkStats> all;
    for (const auto& [peer, trunk] : state_->trunks)
        if (!trunk->has_ended()) all.push_back(trunk->stats());
    return all;
}

}  // namespace gst
