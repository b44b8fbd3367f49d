// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/trunk.h"

#include <algorithm>
#include <array>
#include <random>

#include "gst/init.h"

namespace gst {

using federation::Reason;

namespace {

constexpr dht::Duration retry_delay = std::chrono::milliseconds{250};  // after an attempt that failed at once
// The same offer again, which costs a message only: one that is lost with a signalling connection, or
// comes before the peer is back, does not cost a whole setup_timeout.
constexpr dht::Duration repeat_every = std::chrono::seconds{1};
// Of a link that fell silent: packets pass again the moment the network is back, and one of these tells.
constexpr dht::Duration knock_every = std::chrono::milliseconds{100};
constexpr int closes = 3;  // `close` is not acknowledged; signalling says it once more
constexpr std::size_t seen_max = 16;

}  // namespace

Trunk::Trunk(World world, Place place, Callbacks callbacks)
    : world_(world),
      peer_(place.peer),
      shard_(place.shard),
      lanes_(std::move(place.lanes)),
      callbacks_(std::move(callbacks)),
      timer_(world.loop, [this] { tick(); }),
      woken_(std::make_shared<std::function<void()>>([this] { arm(glib::now().time); })),
      down_since_(glib::now().time) {
    lanes_->data(shard_).on_wake([&loop = world_.loop, weak = std::weak_ptr{woken_}] {
        loop.post([weak] {
            if (const auto woken = weak.lock()) (*woken)();
        });
    });
}

Trunk::~Trunk() {
    if (live_ && lanes() == 0)
        for (int i = 0; i < closes; ++i) live_->heartbeat->send(Close{});
    leave_lanes();
}

/// Nothing goes out here any more.
void Trunk::leave_lanes() {
    lanes_->data(shard_).on_wake({});
    lanes_->set_outlet(shard_, nullptr);
}

std::string Trunk::new_id() const {
    std::random_device chance;
    constexpr std::string_view digits = "0123456789abcdef";
    std::string id;
    for (int word = 0; word < 2; ++word)
        for (unsigned bits = chance(), digit = 0; digit < 8; ++digit, bits >>= 4) id += digits[bits & 0x0f];
    return shard_ == 0 ? id : id + '.' + std::to_string(shard_);
}

void Trunk::require() {
    const auto now = glib::now().time;
    if (!is_wanted(now) && !is_up()) down_since_ = now;
    wanted_until_ = now + world_.config.idle;
    if (!is_up() && !attempt_ && now >= next_try_) begin_offer(now);
    arm(now);
}

void Trunk::release() {
    if (!is_up() && lanes() == 0) end(Reason::none);
}

// --- Signals -------------------------------------------------------------------------------------

bool Trunk::wants_offer(const std::string& id) {
    if (std::find(seen_.begin(), seen_.end(), id) != seen_.end()) {
        // Our answer was lost, or crossed the copy.
        if (attempt_ && attempt_->id == id) send_description(*attempt_);
        return false;
    }
    // Glare: of two offers that cross, the one of the lower NodeID stands. The peer may not have ours.
    if (attempt_ && attempt_->role == SdpKind::offer && world_.self < peer_) {
        send_description(*attempt_);
        return false;
    }
    return true;
}

void Trunk::offered(const std::string& id, const std::string& sdp) {
    const auto now = glib::now().time;
    seen_.push_back(id);
    if (seen_.size() > seen_max) seen_.pop_front();
    auto offer = read_sdp(sdp, SdpKind::offer, policy());
    if (!offer) {
        GST_WARNING("offer %s refused: %s", id.c_str(), offer.error().what.c_str());
        return arm(now);
    }
    // While a link is live, the peer knows better: it does not hear us.
    attempt_ = make_attempt(id, SdpKind::answer);
    attempt_->link->answer(std::move(*offer));
    arm(now);
}

void Trunk::answered(const std::string& id, const std::string& sdp) {
    if (!attempt_ || attempt_->id != id || attempt_->role != SdpKind::offer || attempt_->answered) return;
    auto answer = read_sdp(sdp, SdpKind::answer, policy());
    if (!answer) {
        GST_WARNING("answer %s refused: %s", id.c_str(), answer.error().what.c_str());
        return link_failed(id);
    }
    attempt_->answered = true;
    attempt_->repeat.reset();
    attempt_->link->accept(std::move(*answer));
    arm(glib::now().time);
}

void Trunk::closed(const std::string& id) {
    if (attempt_ && attempt_->id == id) return link_failed(id);
    if (!live_ || live_->id != id) return;
    GST_INFO("trunk %s closed by the peer", id.c_str());
    lost(glib::now().time);
}

void Trunk::send_description(const Attempt& attempt) {
    if (attempt.sdp.empty()) return;
    callbacks_.signal({attempt.id, attempt.role == SdpKind::offer ? "offer" : "answer", attempt.sdp});
}

// --- Attempts ------------------------------------------------------------------------------------

Trunk::Attempt Trunk::make_attempt(std::string id, SdpKind role) {
    // Events come from the link, which dies before we do; a close comes from a streaming thread, which
    // may run on until the link's pipeline has stopped.
    auto& loop = world_.loop;
    auto gone = std::make_shared<std::function<void()>>([this, id] { closed(id); });
    auto heartbeat = std::make_shared<Heartbeat>(lanes_, shard_, [&loop, weak = std::weak_ptr{gone}] {
        loop.post([weak] {
            if (const auto told = weak.lock()) (*told)();
        });
    });
    WebrtcLink::Events events{
        .described = [this, id, gone](std::string sdp) { described(id, std::move(sdp)); },
        .connected = [this, id](std::shared_ptr<Outlet> outlet) { connected(id, std::move(outlet)); },
        .failed = [this, id](const std::string&) { link_failed(id); }};
    auto link = std::make_unique<WebrtcLink>(loop, world_.worker,
                                             LinkConfig{world_.config.addresses, world_.config.tapped},
                                             std::move(events), heartbeat);
    return {.id = std::move(id),
            .role = role,
            .deadline = glib::now().time + world_.config.setup_timeout,
            .repeat = {},
            .sdp = {},
            .answered = false,
            .heartbeat = std::move(heartbeat),
            .link = std::move(link),
            .outlet = {}};
}

void Trunk::begin_offer(dht::Time) {
    attempt_ = make_attempt(new_id(), SdpKind::offer);
    attempt_->link->offer();
}

void Trunk::described(const std::string& id, std::string sdp) {
    if (!attempt_ || attempt_->id != id) return;
    attempt_->sdp = std::move(sdp);
    send_description(*attempt_);
    const auto now = glib::now().time;
    if (attempt_->role == SdpKind::offer) attempt_->repeat = now + repeat_every;
    arm(now);
}

void Trunk::connected(const std::string& id, std::shared_ptr<Outlet> outlet) {
    if (!attempt_ || attempt_->id != id) return;
    const auto now = glib::now().time;
    attempt_->heartbeat->start(outlet);
    attempt_->outlet = outlet;
    lanes_->set_outlet(shard_, std::move(outlet));
    live_ = std::exchange(attempt_, std::nullopt);  // what was live before is torn down
    silent_ = false;
    was_up_ = true;
    wanted_until_ = std::max(wanted_until_, now + world_.config.idle);
    next_ping_ = now;
    GST_INFO("trunk %s up", id.c_str());
    callbacks_.up();
    tick();
}

void Trunk::link_failed(const std::string& id) {
    const auto now = glib::now().time;
    if (live_ && live_->id == id) return lost(now);
    if (!attempt_ || attempt_->id != id) return;
    attempt_.reset();
    next_try_ = now + retry_delay;
    arm(now);
}

// --- Time ----------------------------------------------------------------------------------------

void Trunk::tick() {
    if (ended_) return;
    const auto now = glib::now().time;
    if (lanes() > 0 || peer_uses_it()) wanted_until_ = std::max(wanted_until_, now + world_.config.idle);
    if (live_ && silent_)
        tick_silent(now);
    else if (live_)
        tick_live(now);
    if (!ended_ && !is_up() && is_wanted(now) && now >= down_since_ + world_.config.interruption_max)
        return end(Reason::trunk_failed);
    if (!ended_ && attempt_) tick_attempt(now);
    if (!ended_ && !is_up() && !attempt_) {
        if (!is_wanted(now)) return end(Reason::none);
        if (now >= next_try_) begin_offer(now);
    }
    arm(now);
}

/// The peer's lanes may go through here when ours with the same numbers go elsewhere.
bool Trunk::peer_uses_it() {
    const auto packets = live_ ? live_->heartbeat->lane_packets() : 0;
    return std::exchange(lane_packets_, packets) != packets && packets > 0;
}

void Trunk::tick_live(dht::Time now) {
    if (now >= live_->heartbeat->heard() + world_.config.dead_after) {
        GST_WARNING("trunk %s is dead: nothing heard", live_->id.c_str());
        return fell_silent(now);
    }
    if (!attempt_ && !is_wanted(now)) return close_idle();
    lanes_->data(shard_).advance(now);
    if (now < next_ping_) return;
    live_->heartbeat->ping();
    next_ping_ = now + world_.config.heartbeat;
}

void Trunk::tick_silent(dht::Time now) {
    if (live_->heartbeat->heard() > down_since_) return revived(now);
    if (now < next_ping_) return;
    live_->heartbeat->ping();
    next_ping_ = now + knock_every;
}

void Trunk::tick_attempt(dht::Time now) {
    if (now >= attempt_->deadline) {
        GST_INFO("trunk attempt %s timed out", attempt_->id.c_str());
        attempt_.reset();
        return;
    }
    if (!attempt_->repeat || now < *attempt_->repeat) return;
    send_description(*attempt_);
    attempt_->repeat = now + repeat_every;
}

void Trunk::arm(dht::Time now) {
    if (ended_) return;
    const auto& config = world_.config;
    dht::Time next = dht::Time::max();
    const auto by = [&next](dht::Time time) { next = std::min(next, time); };
    if (live_) by(next_ping_);
    if (is_up()) {
        by(live_->heartbeat->heard() + config.dead_after);
        by(lanes_->data(shard_).deadline().value_or(dht::Time::max()));
    } else if (is_wanted(now)) {
        by(down_since_ + config.interruption_max);
    }
    if (attempt_) {
        by(attempt_->deadline);
        if (attempt_->repeat) by(*attempt_->repeat);
    } else if (!is_up()) {
        by(next_try_);
    }
    timer_.arm(std::max(next, now));
}

/// webrtcbin's connections outlive an interruption of the network. So it is kept beside the attempt to make
/// another: signalling may need much longer to get through again.
void Trunk::fell_silent(dht::Time now) {
    lanes_->set_outlet(shard_, nullptr);
    silent_ = true;
    next_ping_ = now;
    replace(now);
}

void Trunk::revived(dht::Time now) {
    GST_INFO("trunk %s is back", live_->id.c_str());
    silent_ = false;
    next_ping_ = now;
    // Another connection is only wanted if the peer has answered already, and so may leave this one.
    if (attempt_ && attempt_->role == SdpKind::offer && !attempt_->answered) attempt_.reset();
    lanes_->set_outlet(shard_, live_->outlet);
    callbacks_.up();
}

/// There is no way back.
void Trunk::lost(dht::Time now) {
    lanes_->set_outlet(shard_, nullptr);
    live_.reset();
    silent_ = false;
    replace(now);
}

void Trunk::replace(dht::Time now) {
    down_since_ = now;
    if (attempt_) return arm(now);  // the peer is already replacing it
    next_try_ = now;
    // Without lanes there is nothing to save; a call to come will require it again.
    if (lanes() == 0) return end(Reason::none);
    begin_offer(now);
    arm(now);
}

void Trunk::close_idle() {
    GST_INFO("trunk %s closed: idle", live_->id.c_str());
    callbacks_.signal({live_->id, "close", {}});
    end(Reason::none);
}

void Trunk::end(Reason reason) {
    if (std::exchange(ended_, true)) return;
    timer_.disarm();
    if (live_)
        for (int i = 0; i < closes; ++i) live_->heartbeat->send(Close{});
    live_.reset();
    attempt_.reset();
    leave_lanes();
    if (reason != Reason::none) callbacks_.failed(reason);
    callbacks_.ended();
}

bool Trunk::is_wanted(dht::Time now) const {
    return lanes() > 0 || now < wanted_until_;
}

SdpPolicy Trunk::policy() const {
    const auto& addresses = world_.config.addresses;
    const bool loopback = std::any_of(addresses.begin(), addresses.end(), [](const std::string& address) {
        return address.starts_with("127.") || address == "::1";
    });
    return {.loopback = loopback};
}

TrunkStats Trunk::stats() const {
    TrunkStats stats;
    stats.peer = peer_;
    stats.state = is_up() ? "up" : was_up_ ? "lost" : "connecting";
    stats.lanes = lanes();
    stats.rtt_ms = live_ ? live_->heartbeat->rtt_ms() : 0;
    stats.shards = is_up() ? 1 : 0;
    if (live_ && live_->heartbeat->carries() != no_bandwidth_limit)
        stats.carries_in = live_->heartbeat->carries();
    return stats;
}

}  // namespace gst
