// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/node.h"

#include "dht/node_state.h"
#include "dht/queue.h"

namespace dht {

namespace {

template <class T>
std::optional<T> take_front(Queue<T>& queue) {
    std::optional<T> out;
    if (queue.empty()) return out;
    out.emplace(std::move(queue.front()));
    queue.pop_front();
    return out;
}

}  // namespace

Node::Node(const Identity& identity, NodeConfig config, Random& random)
    : state_(std::make_unique<State>(identity, std::move(config), random)) {}
Node::~Node() = default;
Node::Node(Node&&) noexcept = default;

void Node::bootstrap(const std::vector<Endpoint>& contacts, Now now) {
    state_->joining.begin(contacts, now);
    state_->advance(now);
}

LookupId Node::find_node(const NodeId& target, Now now) {
    return state_->search(Search::For::nodes, target, now);
}

LookupId Node::find_value(const Key& key, Now now) {
    return state_->search(Search::For::values, key, now);
}

LookupId Node::find_first(const Key& key, std::optional<NodeId> publisher, Now now) {
    return state_->search(Search::For::values, key, now, {.first = true, .publisher = publisher});
}

std::optional<ValuesFound> Node::give_up(LookupId lookup, Now now) {
    auto search = state_->searches.give_up(lookup, now);
    state_->finish_searches(now);
    return search ? std::optional{State::values_of(*search)} : std::nullopt;
}

PublicationId Node::publish(std::string kind, std::string name, Bytes value, Duration lifetime, Now now) {
    const auto id =
        state_->publisher.publish(std::move(kind), std::move(name), std::move(value), lifetime, now);
    state_->finish_searches(now);
    return id;
}

std::size_t Node::holders(PublicationId publication) const {
    return state_->publisher.holders(publication);
}

void Node::withdraw(PublicationId publication, Now now) {
    state_->publisher.withdraw(publication, now);
    state_->finish_searches(now);
}

LookupId Node::get_item(const Key& target, std::string salt, Now now) {
    return state_->search(Search::For::item, target, now, {.salt = std::move(salt)});
}

LookupId Node::put_immutable(Bytes value, Now now) {
    return state_->put({.value = std::move(value)}, std::nullopt, now);
}

LookupId Node::put_mutable(Item item, std::optional<std::int64_t> cas, Now now) {
    return state_->put(std::move(item), cas, now);
}

bool Node::revoke(const Item& list, Now now) {
    return state_->revoke(list, now);
}

void Node::renew(Bytes certificate, Now now) {
    state_->members.renew(std::move(certificate));
    state_->publisher.renew_all(now);
    state_->finish_searches(now);
}

const Clocks& Node::clocks() const {
    return state_->clocks;
}

const Members& Node::members() const {
    return state_->members;
}

bool Node::admit(const NodeId& node, std::string_view certificate, Now now) {
    return state_->members.admit(node, certificate, Role::server, now.date);
}

LookupId Node::keep_item(Item item, Now now) {
    const auto id = state_->item_puts.keep(std::move(item), now);
    state_->finish_searches(now);
    return id;
}

void Node::drop_item(const Key& target) {
    state_->item_puts.drop(target);
}

void Node::receive(BytesView payload, const Endpoint& from, Now now, const Endpoint& at) {
    state_->receive(text(payload), {from, at}, now);
}

void Node::unreachable(const Endpoint& endpoint, Now now) {
    state_->rpc.unreachable(endpoint, now.time);
    state_->advance(now);
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

std::size_t Node::items() const {
    return state_->items.size();
}

}  // namespace dht
