// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/links.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "dht/federation_name.h"

namespace federation {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// With calls on, a dead server is noticed within three seconds, by a machine that has much else to do too,
// and a second's pause of a busy one is not taken for death. Without, often enough that no address translator
// forgets the connection.
constexpr dht::Duration ping_in_use = milliseconds{500};
constexpr dht::Duration silence_in_use = seconds{2};
constexpr dht::Duration ping_idle = seconds{10};
constexpr dht::Duration silence_idle = seconds{25};

/// The hello leaves with the handshake's last packet.
constexpr dht::Duration hello_timeout = seconds{5};
/// For a close to be acknowledged: a round trip. After that the other end is taken for dead.
constexpr dht::Duration close_wait = milliseconds{500};
/// How long messages for a lost or unreachable peer are kept: another address may be tried meanwhile.
constexpr dht::Duration memory_min = seconds{5};

// What waits for one peer: a burst of calls with their offers, which a dial takes milliseconds to drain.
constexpr std::size_t queue_messages_max = 1024;
constexpr std::size_t queue_bytes_max = 4 * 1024 * 1024;

}  // namespace

Links::Links(const dht::NodeId& self, const Config& config, std::string instance)
    : self_(self),
      config_(config),
      closed_(dht::FederationName::parse(config.node.federation)->key.has_value()),
      hello_{config.software, std::move(instance), config.node.certificate} {}

bool Links::connect(const dht::NodeId& peer, std::optional<dht::Endpoint> address, dht::Time now) {
    assert(peer != self_);
    if (is_up(peer) || is_dialling(peer)) return true;
    const auto known = peers_.find(peer);
    if (!address && known != peers_.end()) address = known->second.address;
    if (!address) return false;
    if (links_.size() >= config_.caps.links_max && !make_room(now)) return false;
    auto& entry = peers_[peer];
    entry.address = address;
    entry.used = now;
    const auto link = ++dialled_;
    links_.emplace(link, Link{.peer = peer, .dialled = true, .rate = {messages_per_second(), now}});
    entry.links.push_back(link);
    alarms_.clear(peer);
    alarms_.set(link, now + config_.dial_timeout);
    commands_.emplace_back(Dial{link, peer, *address});
    return true;
}

bool Links::send(const dht::NodeId& peer, const Message& message, dht::Time now) {
    const auto found = peers_.find(peer);
    if (found == peers_.end()) return false;
    auto& entry = found->second;
    auto text = encode(message);
    if (text.size() > message_bytes_max) {
        events_.emplace_back(Noted{"a message of " + std::to_string(text.size()) + " octets was not sent"});
        return false;
    }
    entry.used = now;
    if (entry.queue.size() >= queue_messages_max || entry.queue_bytes + text.size() > queue_bytes_max) {
        events_.emplace_back(Noted{"too many messages wait for " + peer.hex()});
        return false;
    }
    entry.queue_bytes += text.size();
    entry.queue.push_back(std::move(text));
    flush(entry);
    return true;
}

bool Links::is_up(const dht::NodeId& peer) const {
    const auto found = peers_.find(peer);
    return found != peers_.end() && found->second.up;
}

bool Links::is_dialling(const dht::NodeId& peer) const {
    const auto found = peers_.find(peer);
    return found != peers_.end() && dialling(found->second);
}

void Links::use(const dht::NodeId& peer, bool in_use, dht::Time now) {
    const auto found = peers_.find(peer);
    if (found == peers_.end() || found->second.in_use == in_use) return;
    found->second.in_use = in_use;
    found->second.used = now;
    for (const auto id : found->second.links) {
        auto& link = links_.at(id);
        if (!link.open || link.closing) continue;
        if (in_use) {
            link.heard = now;  // the shorter limit counts from here
            ping(id, now);
        }
        watch(id);
    }
}

std::optional<dht::Duration> Links::rtt(const dht::NodeId& peer) const {
    const auto found = peers_.find(peer);
    return found == peers_.end() || !found->second.up ? std::nullopt : found->second.rtt;
}

// ---- From the driver

void Links::opened(LinkId id, const dht::NodeId& peer, dht::Time now) {
    if (const auto dial = links_.find(id); dial != links_.end()) {
        if (dial->second.open) return;
        if (dial->second.peer != peer)
            return drop(id, "not the server that was dialled", Reason::signalling_refused, now);
    } else {
        // A dial that was given up, which opened meanwhile; or a peer that is no peer.
        const bool accepted = (id & accepted_link_bit) != 0;
        const bool room = links_.size() < config_.caps.links_max || (accepted && make_room(now));
        if (!accepted || peer == self_ || !room)
            return commands_.emplace_back(Close{id, "not wanted"}), void();
        links_.emplace(id, Link{.peer = peer, .rate = {messages_per_second(), now}});
        peers_[peer].links.push_back(id);
    }
    auto& link = links_.at(id);
    link.open = true;
    link.admitted = !closed_;
    link.since = link.heard = link.pinged = now;
    auto& entry = peers_.at(peer);
    entry.used = now;
    alarms_.clear(peer);
    transmit(id, encode(hello_));
    watch(id);
    if (!link.dialled) drop_outlived(id, now);
    choose(peer, entry, now);
}

void Links::received(LinkId id, std::string_view text, dht::Time now) {
    const auto found = links_.find(id);
    if (found == links_.end()) return;
    auto& link = found->second;
    link.heard = now;
    if (!link.rate.take(now)) return drop(id, "too many messages", Reason::too_many, now);
    auto message = decode(text);
    if (!message.has_value()) {
        if (!message.error().ignorable) return drop(id, message.error().what, Reason::protocol_error, now);
        return events_.emplace_back(Noted{link.peer.hex() + ": " + message.error().what}), void();
    }
    if (const auto* hello = std::get_if<Hello>(&*message)) return greeted(id, *hello);
    if (const auto* refuse = std::get_if<Refuse>(&*message)) {
        return drop(id, "refused: " + std::string{word(refuse->reason)}, refuse->reason, now);
    }
    if (!link.greeted || !link.admitted) return drop(id, "no hello", Reason::protocol_error, now);
    if (std::holds_alternative<Ping>(*message)) return transmit(id, encode(Pong{}));
    if (std::holds_alternative<Pong>(*message)) {
        if (std::exchange(link.awaits_pong, false)) peers_.at(link.peer).rtt = now - link.pinged;
        return;
    }
    peers_.at(link.peer).used = now;
    events_.emplace_back(Received{link.peer, std::move(*message)});
}

void Links::greeted(LinkId id, const Hello& hello) {
    auto& link = links_.at(id);
    auto& peer = peers_.at(link.peer);
    link.greeted = true;
    if (!peer.instance.empty() && peer.instance != hello.instance) events_.emplace_back(Restarted{link.peer});
    peer.instance = hello.instance;
    if (closed_) events_.emplace_back(Greeted{id, link.peer, hello.certificate});
}

void Links::renew(dht::Bytes certificate) {
    hello_.certificate = std::move(certificate);
    for (const auto& [id, link] : links_) {
        if (link.open && !link.closing) transmit(id, encode(hello_));
    }
}

void Links::admit(LinkId id, dht::Time now) {
    const auto found = links_.find(id);
    if (found == links_.end() || std::exchange(found->second.admitted, true)) return;
    choose(found->second.peer, peers_.at(found->second.peer), now);
}

void Links::refuse(LinkId id, Reason reason, dht::Time now) {
    if (!links_.contains(id)) return;
    transmit(id, encode(Refuse{reason}));
    drop(id, std::string{word(reason)}, reason, now);
}

void Links::refuse(const dht::NodeId& peer, Reason reason, dht::Time now) {
    const auto found = peers_.find(peer);
    if (found == peers_.end()) return;
    for (const auto id : std::vector{found->second.links}) {
        const auto link = links_.find(id);
        if (link != links_.end() && link->second.open) refuse(id, reason, now);
    }
}

void Links::lose(const dht::NodeId& peer, dht::Time now) {
    const auto found = peers_.find(peer);
    if (found == peers_.end()) return;
    for (const auto id : std::vector{found->second.links})
        if (links_.contains(id))
            drop(id, "this machine has another address", Reason::server_unreachable, now);
}

std::vector<dht::NodeId> Links::peers() const {
    std::vector<dht::NodeId> out;
    for (const auto& [id, peer] : peers_) {
        if (peer.up) out.push_back(id);
    }
    return out;
}

void Links::closed(LinkId id, Reason reason, dht::Time now, bool refused) {
    const auto found = links_.find(id);
    if (found == links_.end()) return;
    const auto link = found->second;
    links_.erase(found);
    alarms_.clear(id);
    auto& peer = peers_.at(link.peer);
    std::erase(peer.links, id);
    if (peer.current == id) peer.current.reset();
    if (!peer.links.empty()) return choose(link.peer, peer, now);

    if (peer.up) {
        peer.up = false;
        events_.emplace_back(Down{link.peer, reason});
    } else if (link.dialled) {
        events_.emplace_back(Unreachable{link.peer, reason, refused});
    }
    alarms_.set(link.peer, now + std::max(memory_min, 2 * config_.interruption_max));
}

void Links::advance(dht::Time now) {
    while (const auto due = alarms_.pop_due(now)) {
        if (const auto* link = std::get_if<LinkId>(&*due)) {
            check(*link, now);
        } else {
            peers_.erase(std::get<dht::NodeId>(*due));
        }
    }
}

void Links::close_all(const std::string& why) {
    for (const auto& [id, link] : links_) commands_.emplace_back(Close{id, why});
    links_.clear();
    peers_.clear();
    alarms_ = {};
}

std::optional<Command> Links::poll_command() {
    if (commands_.empty()) return {};
    auto command = std::move(commands_.front());
    commands_.pop_front();
    return command;
}

std::optional<Links::Event> Links::poll_event() {
    if (events_.empty()) return {};
    auto event = std::move(events_.front());
    events_.pop_front();
    return event;
}

// ---- Which connection to send on

bool Links::preferred(const Link& link) const {
    return link.dialled == (self_ > link.peer);
}

std::optional<LinkId> Links::dialling(const Peer& peer) const {
    for (const auto id : peer.links) {
        const auto& link = links_.at(id);
        if (link.dialled && !(link.open && link.admitted)) return id;
    }
    return {};
}

void Links::choose(const dht::NodeId& id, Peer& peer, dht::Time now) {
    std::optional<LinkId> best;
    for (const auto candidate : peer.links) {  // the newest of those that are preferred, or of all
        const auto& link = links_.at(candidate);
        if (!link.open || !link.admitted || link.closing) continue;
        if (!best || preferred(link) || !preferred(links_.at(*best))) best = candidate;
    }
    if (!best) return;
    const auto dial = dialling(peer);
    const bool wait = dial && preferred(links_.at(*dial)) && !preferred(links_.at(*best));
    if (wait) return;  // ours will be the one; the peer closes the other then
    if (dial) {
        commands_.emplace_back(Close{*dial, "another connection is up"});
        alarms_.clear(*dial);
        links_.erase(*dial);
        std::erase(peer.links, *dial);
    }
    if (peer.current && peer.current != best) close(*peer.current, "another connection is up", now);
    peer.current = best;
    if (!std::exchange(peer.up, true)) events_.emplace_back(Up{id});
    flush(peer);
}

void Links::flush(Peer& peer) {
    if (!peer.current) return;
    const bool draining = std::ranges::any_of(peer.links, [&](LinkId id) { return links_.at(id).closing; });
    if (draining) return;  // what it still carries must arrive first
    for (auto& text : std::exchange(peer.queue, {})) transmit(*peer.current, std::move(text));
    peer.queue_bytes = 0;
}

void Links::ping(LinkId id, dht::Time now) {
    auto& link = links_.at(id);
    link.pinged = now;
    link.awaits_pong = true;
    transmit(id, encode(Ping{}));
}

void Links::transmit(LinkId link, std::string text) {
    commands_.emplace_back(Send{link, std::move(text)});
}

// ---- Closing

void Links::close(LinkId id, const std::string& why, dht::Time now) {
    auto& link = links_.at(id);
    link.closing = true;
    commands_.emplace_back(Close{id, why});
    alarms_.set(id, now + close_wait);
}

void Links::drop(LinkId id, const std::string& why, Reason reason, dht::Time now) {
    events_.emplace_back(Noted{links_.at(id).peer.hex() + ": connection closed: " + why});
    commands_.emplace_back(Close{id, why});
    closed(id, reason, now);
}

/// Two who dialled at once open theirs within the time of a dial.
void Links::drop_outlived(LinkId newest, dht::Time now) {
    const auto peer = links_.at(newest).peer;
    for (const auto id : std::vector{peers_.at(peer).links}) {
        const auto& link = links_.at(id);
        const bool outlived = link.open && !link.closing && now - link.since >= 2 * config_.dial_timeout;
        if (id == newest || !outlived) continue;
        auto& entry = peers_.at(peer);
        // Told, since what was sent on it last has not arrived.
        if (entry.current == id && std::exchange(entry.up, false))
            events_.emplace_back(Down{peer, Reason::server_unreachable});
        drop(id, "the peer has made another one", Reason::server_unreachable, now);
    }
}

bool Links::make_room(dht::Time now) {
    std::optional<LinkId> oldest;
    dht::Time used{};
    for (const auto& [id, link] : links_) {
        const auto& peer = peers_.at(link.peer);
        if (peer.in_use || !link.open || (oldest && peer.used >= used)) continue;
        oldest = id;
        used = peer.used;
    }
    if (!oldest) return false;
    drop(*oldest, "too many connections", Reason::too_many, now);
    return true;
}

// ---- Watching over one connection

void Links::watch(LinkId id) {
    const auto& link = links_.at(id);
    const bool in_use = peers_.at(link.peer).in_use;
    const auto silence = !link.greeted ? hello_timeout : in_use ? silence_in_use : silence_idle;
    const auto ping = std::max(link.heard, link.pinged) + (in_use ? ping_in_use : ping_idle);
    alarms_.set(id, std::min(link.heard + silence, ping));
}

void Links::check(LinkId id, dht::Time now) {
    const auto found = links_.find(id);
    if (found == links_.end()) return;
    auto& link = found->second;
    const auto& peer = peers_.at(link.peer);
    if (!link.open) return drop(id, "no answer to the dial", Reason::server_unreachable, now);
    if (link.closing) return closed(id, Reason::none, now);

    const auto silence = !link.greeted ? hello_timeout : peer.in_use ? silence_in_use : silence_idle;
    if (now - link.heard >= silence) return drop(id, "silent", Reason::server_unreachable, now);
    if (!peer.in_use && now - peer.used >= config_.link_idle) {
        close(id, "idle", now);
        return;
    }
    const auto ping = peer.in_use ? ping_in_use : ping_idle;
    if (now - std::max(link.heard, link.pinged) >= ping) this->ping(id, now);
    watch(id);
}

double Links::messages_per_second() const {
    return static_cast<double>(config_.caps.messages_per_second_max);
}

}  // namespace federation
