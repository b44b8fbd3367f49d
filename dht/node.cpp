// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/node.h"

#include <algorithm>
#include <cassert>
#include <deque>
#include <unordered_map>

#include "dht/bootstrap.h"
#include "dht/compact.h"
#include "dht/message.h"
#include "dht/peers.h"
#include "dht/publisher.h"
#include "dht/rate_limit.h"
#include "dht/replicator.h"
#include "dht/responder.h"
#include "dht/routing_table.h"
#include "dht/rpc.h"
#include "dht/searches.h"
#include "dht/subnet.h"
#include "dht/token.h"

namespace dht {

namespace {

using Task = Purpose::Task;

/// Searches that wait for the node to join go on without, when nobody has answered by then.
constexpr Duration patience_before_joining = std::chrono::seconds{1};

/// A stranger that queries us is asked for its proof no more often than that.
constexpr Duration probe_interval = std::chrono::seconds{5};
/// Strangers under examination: forged senders must not fill our memory.
constexpr std::size_t probes_max = 1024;

/// After joining, the far buckets are filled, but not by everybody at the same moment.
constexpr Duration first_refresh_within = std::chrono::seconds{20};

/// A node looks for its neighbours again soon after it has joined, in case datagrams were lost or
/// others joined beside it, then ever more seldom.
constexpr Duration look_around_first = std::chrono::seconds{2};
constexpr int look_around_factor = 4;
constexpr Duration look_around_max = std::chrono::minutes{15};

/// Expired records are passed over when read; to free their memory there is time.
constexpr Duration expiry_interval = std::chrono::seconds{10};

/// Contacts taken from one answer: more than fit into one of ours.
constexpr std::size_t referrals_max = 64;

template <class T>
std::optional<T> take_front(std::deque<T>& queue) {
    std::optional<T> out;
    if (queue.empty()) return out;
    out.emplace(std::move(queue.front()));
    queue.pop_front();
    return out;
}

}  // namespace

/// Wires the parts: each datagram, timeout or call goes to the part that it concerns, and what a
/// part has finished goes on to the next.
struct Node::State {
    State(Identity own, NodeConfig given, Random& chance);

    void bootstrap(const std::vector<Endpoint>& endpoints, Now now);
    std::uint64_t search(Search::For what, const NodeId& target, Now now);

    void receive(std::string_view payload, const Endpoint& from, Now now);
    void on_query(const Message& message, const Query& query, const Endpoint& from, std::size_t bytes,
                  Now now);
    void on_response(const Rpc::Pending& question, const Response& response, Now now);
    [[nodiscard]] bool proved(const Rpc::Pending& question, const Response& response, Now now);
    void probe_stranger(const Query& query, const Endpoint& from, Now now);
    void ping(const Rpc::Peer& peer, Now now);
    void met(const Contact& contact, bool first, Now now);
    void dispatch(const Rpc::Pending& question, const Response& response, Now now);
    void dispatch_late(const Rpc::Pending& question, Now now);
    void dispatch_failed(const Rpc::Pending& question, Now now);
    void silent(const Rpc::Pending& question, Now now);

    void advance(Now now);
    void release_searches(Now now);
    void finish_searches(Now now);
    void found_values(Search search, Now now);
    void found_place(Now now);
    void look_around(Now now);
    void expire_records(Now now);
    [[nodiscard]] std::optional<Time> deadline() const;

    Identity identity;
    NodeConfig config;
    std::deque<Datagram> datagrams;
    std::deque<Event> events;
    std::uint64_t next_id = 1;

    TokenMint tokens;
    Peers peers;
    RoutingTable table;
    RecordStore store;
    RateLimit rate_limit;
    Rpc rpc;
    Responder responder;
    Searches searches;
    Publisher publisher;
    Replicator replicator;
    Bootstrap bootstrapping;

    std::unordered_map<Endpoint, Time> probed;
    std::vector<Contact> referrals;  // reused
    std::uint64_t join_search = 0;   // 0: none runs
    bool joined = false;
    Time held_until = Time::max();
    Time look_around_at = Time::max();
    Duration look_around_in{};
    Time expired_at{};
    Now latest{};
};

Node::State::State(Identity own, NodeConfig given, Random& chance)
    : identity(std::move(own)),
      config(std::move(given)),
      tokens(chance),
      table(identity.node_id(), {config.k, config.per_subnet_in_bucket, config.exempt_private}, chance),
      store(config.federation, config.records),
      rate_limit(config.queries_per_second),
      rpc(identity.node_id(), config.read_only, config.outstanding_max, chance, peers, datagrams),
      responder(identity, config.federation, config.k, table, store, tokens, peers),
      searches(identity.node_id(), config.federation,
               {config.k, config.alpha, config.per_subnet_in_lookup, config.exempt_private},
               config.records.lifetime_max, table, rpc),
      publisher(identity, config.federation, config.records.lifetime_max, store, searches, rpc, next_id,
                events),
      replicator(identity, config.k, table, store, rpc),
      bootstrapping(chance) {}

void Node::State::bootstrap(const std::vector<Endpoint>& endpoints, Now now) {
    bootstrapping.add(endpoints, now.time);
    if (bootstrapping.empty() && !joined) {
        joined = true;
        events.emplace_back(Joined{table.size()});
    }
    if (!joined) {
        searches.hold(true, now);
        held_until = now.time + patience_before_joining;
    }
    advance(now);
}

std::uint64_t Node::State::search(Search::For what, const NodeId& target, Now now) {
    const auto id = next_id++;
    searches.start(id, what, 0, target, now);
    finish_searches(now);
    return id;
}

void Node::State::receive(std::string_view payload, const Endpoint& from, Now now) {
    if (!is_unicast(from)) return;
    const auto message = decode(payload);
    if (!message) return;
    if (const auto* query = std::get_if<Query>(&message->body)) {
        on_query(*message, *query, from, payload.size(), now);
        return;
    }
    if (const auto* fault = std::get_if<Fault>(&message->body)) {
        if (!rate_limit.allows(from, now.time)) return;
        Bytes refusal = responder.refuse(message->transaction, *fault, payload.size());
        if (!refusal.empty()) datagrams.push_back({std::move(refusal), from});
        return;
    }
    const auto question = rpc.take(message->transaction, from, now.time);
    if (!question) return;
    if (const auto* response = std::get_if<Response>(&message->body)) {
        on_response(*question, *response, now);
    } else {
        dispatch_failed(*question, now);
    }
    finish_searches(now);
}

void Node::State::on_query(const Message& message, const Query& query, const Endpoint& from,
                           std::size_t bytes, Now now) {
    if (query.id == identity.node_id() || !rate_limit.allows(from, now.time)) return;
    Bytes answer = responder.answer(message.transaction, query, from, bytes, now);
    if (!answer.empty()) datagrams.push_back({std::move(answer), from});
    if (query.extended && !query.read_only) probe_stranger(query, from, now);
}

/// Who asks may belong into the table, but only its own answer can show that.
void Node::State::probe_stranger(const Query& query, const Endpoint& from, Now now) {
    const Contact stranger{query.id, from};
    if (!table.wants(stranger) || peers.is_foreign(from, now.time)) return;
    if (probed.size() >= probes_max) {
        std::erase_if(probed, [&](const auto& entry) { return now.time - entry.second >= probe_interval; });
        if (probed.size() >= probes_max) return;
    }
    const auto [entry, added] = probed.try_emplace(from, now.time);
    if (!added && now.time - entry->second < probe_interval) return;
    entry->second = now.time;
    ping({from, query.id}, now);
}

void Node::State::ping(const Rpc::Peer& peer, Now now) {
    rpc.ask(peer, {.method = Method::ping}, {.task = Task::probe}, now.time);
}

bool Node::State::proved(const Rpc::Pending& question, const Response& response, Now now) {
    const auto& from = question.to.endpoint;
    if (!question.proof_wanted) return question.to.id == response.id;
    const auto nonce = text(question.nonce);
    if (!response.proof || !response.extended ||
        !proves(*response.proof, response.id, config.federation, nonce, identity.node_id())) {
        peers.foreign(from, now.time);
        return false;
    }
    peers.proved(from, response.id, now.time);
    return true;
}

void Node::State::on_response(const Rpc::Pending& question, const Response& response, Now now) {
    const auto& from = question.to.endpoint;
    if (response.id == identity.node_id()) {  // our own address among the bootstrap ones
        dispatch_failed(question, now);
        return;
    }
    const bool is_proved = proved(question, response, now);
    const bool as_expected = !question.to.id || *question.to.id == response.id;
    if (is_proved) {
        const bool first = table.size() == 0;
        const Contact contact{response.id, from};
        const bool appeared = table.answered(contact, now.time);
        // Before, we were perhaps an island with those who had found us.
        if (bootstrapping.heard(from, now.time) && joined) {
            look_around_in = look_around_first;
            look_around_at = now.time;
        }
        if (appeared) met(contact, first, now);
    }
    if (is_proved && as_expected) {
        dispatch(question, response, now);
        return;
    }
    // Somebody else lives there by now, or it never was the one that it was said to be.
    if (!is_proved) peers.unproved(from);
    silent(question, now);
    dispatch_failed(question, now);
}

void Node::State::met(const Contact& contact, bool first, Now now) {
    replicator.met(contact, now);
    if ((joined && !first) || join_search != 0) return;
    join_search = next_id++;
    searches.start(join_search, Search::For::joining, 0, identity.node_id(), now);
}

void Node::State::dispatch(const Rpc::Pending& question, const Response& response, Now now) {
    switch (question.purpose.task) {
        case Task::search:
        case Task::page:
            referrals.clear();
            read_compact_v4(response.nodes, referrals_max, referrals);
            read_compact_v6(response.nodes6, referrals_max, referrals);
            std::erase_if(referrals, [&](const Contact& c) {
                return table.suspects(c) || peers.is_foreign(c.endpoint, now.time);
            });
            searches.answered(question, response, referrals, now);
            break;
        case Task::store:
            publisher.stored(question, now);
            break;
        case Task::fetch:
            replicator.answered(question, response, now);
            break;
        case Task::probe:
        case Task::copy:
            break;
    }
}

void Node::State::dispatch_late(const Rpc::Pending& question, Now now) {
    switch (question.purpose.task) {
        case Task::search:
        case Task::page:
            searches.late(question, now);
            break;
        case Task::store:
            publisher.late(question, now);
            break;
        case Task::fetch:
            replicator.dropped(question, now);
            break;
        case Task::probe:
        case Task::copy:
            break;
    }
}

void Node::State::dispatch_failed(const Rpc::Pending& question, Now now) {
    switch (question.purpose.task) {
        case Task::search:
        case Task::page:
            searches.failed(question, now);
            break;
        case Task::store:
            publisher.refused(question, now);
            break;
        case Task::fetch:
            replicator.dropped(question, now);
            break;
        case Task::probe:
        case Task::copy:
            break;
    }
}

void Node::State::silent(const Rpc::Pending& question, Now now) {
    if (!question.to.id) return;
    const bool anybody = table.size() > 0;
    table.failed({*question.to.id, question.to.endpoint}, now.time);
    if (!anybody || table.size() > 0) return;
    joined = bootstrapping.empty();
    bootstrapping.alone(now.time);
}

void Node::State::advance(Now now) {
    while (const auto timeout = rpc.take_timeout(now.time)) {
        if (timeout->gone) {
            dispatch_failed(timeout->pending, now);
        } else {
            silent(timeout->pending, now);
            dispatch_late(timeout->pending, now);
        }
    }
    for (const Endpoint& endpoint : bootstrapping.take_due(now.time)) ping({endpoint, std::nullopt}, now);
    while (const auto suspect = table.take_suspect(now.time)) ping({suspect->endpoint, suspect->id}, now);
    while (const auto target = table.take_refresh(now.time)) {
        searches.start(next_id++, Search::For::refresh, 0, *target, now);
    }
    look_around(now);
    publisher.advance(now);
    release_searches(now);
    expire_records(now);
    finish_searches(now);
}

void Node::State::release_searches(Now now) {
    if (now.time < held_until || join_search != 0) return;
    held_until = Time::max();
    searches.hold(false, now);
}

void Node::State::finish_searches(Now now) {
    latest = now;
    while (auto search = searches.take_finished()) {
        switch (search->what) {
            case Search::For::nodes:
                events.emplace_back(NodesFound{search->id, search->lookup.closest(), search->lookup.hops()});
                break;
            case Search::For::values:
                found_values(*std::move(search), now);
                break;
            case Search::For::publication:
                publisher.searched(*search, now);
                break;
            case Search::For::joining:
                found_place(now);
                break;
            case Search::For::refresh:
                break;
        }
    }
}

void Node::State::found_values(Search search, Now now) {
    auto& records = search.records;
    for (Record& own : store.find(search.lookup.target(), now.date)) {
        const auto found = records.find(own.publisher);
        if (found == records.end() || found->second.seq < own.seq) {
            records.insert_or_assign(own.publisher, std::move(own));
        }
    }
    ValuesFound event{search.id, {}, search.lookup.closest(), search.lookup.hops()};
    for (auto& [publisher_key, record] : records) {
        if (!record.withdrawn()) event.records.push_back(std::move(record));
    }
    events.emplace_back(std::move(event));
}

void Node::State::found_place(Now now) {
    join_search = 0;
    if (table.size() == 0) return;
    joined = true;
    table.refresh_all(first_refresh_within, now.time);
    look_around_in = look_around_first;
    look_around_at = now.time + look_around_in;
    events.emplace_back(Joined{table.size()});
    held_until = Time::max();
    searches.hold(false, now);
    publisher.renew_all(now);
}

void Node::State::look_around(Now now) {
    if (now.time < look_around_at) return;
    look_around_in = std::min(look_around_in * look_around_factor, look_around_max);
    look_around_at = now.time + look_around_in;
    searches.start(next_id++, Search::For::refresh, 0, identity.node_id(), now);
}

void Node::State::expire_records(Now now) {
    if (now.time - expired_at < expiry_interval) return;
    expired_at = now.time;
    store.expire(now.date);
}

std::optional<Time> Node::State::deadline() const {
    Time earliest = std::min(look_around_at, join_search == 0 ? held_until : Time::max());
    const auto consider = [&](std::optional<Time> time) {
        if (time) earliest = std::min(earliest, *time);
    };
    consider(rpc.deadline());
    consider(table.deadline());
    consider(bootstrapping.deadline());
    consider(publisher.deadline());
    if (const auto expiry = store.next_expiry()) {
        const auto left = std::max<Duration>(*expiry - latest.date, Duration{0});
        consider(std::max(latest.time + left, expired_at + expiry_interval));
    }
    return earliest == Time::max() ? std::nullopt : std::optional{earliest};
}

Node::Node(Identity identity, NodeConfig config, Random& random)
    : state_(std::make_unique<State>(std::move(identity), std::move(config), random)) {}
Node::~Node() = default;
Node::Node(Node&&) noexcept = default;

void Node::bootstrap(std::vector<Endpoint> contacts, Now now) {
    state_->bootstrap(contacts, now);
}

LookupId Node::find_node(const NodeId& target, Now now) {
    return state_->search(Search::For::nodes, target, now);
}

LookupId Node::find_value(const Key& key, Now now) {
    return state_->search(Search::For::values, key, now);
}

PublicationId Node::publish(std::string kind, std::string name, Bytes value, Duration lifetime, Now now) {
    const auto id =
        state_->publisher.publish(std::move(kind), std::move(name), std::move(value), lifetime, now);
    state_->finish_searches(now);
    return id;
}

void Node::withdraw(PublicationId publication, Now now) {
    state_->publisher.withdraw(publication, now);
    state_->finish_searches(now);
}

void Node::receive(BytesView payload, const Endpoint& from, Now now) {
    state_->receive(text(payload), from, now);
}

void Node::advance(Now now) {
    state_->advance(now);
}

std::optional<Datagram> Node::poll_datagram() {
    return take_front(state_->datagrams);
}

std::optional<Event> Node::poll_event() {
    return take_front(state_->events);
}

std::optional<Time> Node::deadline() const {
    return state_->deadline();
}

const NodeId& Node::id() const {
    return state_->identity.node_id();
}

std::vector<Contact> Node::contacts() const {
    return state_->table.contacts();
}

std::size_t Node::records() const {
    return state_->store.size();
}

}  // namespace dht
