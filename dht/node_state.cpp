// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/node_state.h"

#include <algorithm>

#include "dht/subnet.h"

namespace dht {

namespace {

/// Expired records are passed over when read; to free their memory there is time.
constexpr Duration expiry_interval = std::chrono::seconds{10};

}  // namespace

Node::State::State(const Identity& own, NodeConfig given, Random& chance)
    : identity(own),
      config(std::move(given)),
      members(config.federation, config.certificate),
      tokens(chance, config.token_lifetime),
      peers(chance),
      table(identity.node_id(), {config.k, config.per_subnet_in_bucket, config.exempt_private}, chance),
      store(members, config.records),
      items(config.items),
      rate_limit({config.queries_per_second, config.queries_per_second_of_subnet, config.exempt_private}),
      rpc(identity.node_id(), config.read_only, config.outstanding_max, chance, peers, datagrams),
      admission(identity, members, tokens, peers),
      responder(identity, members, config.k, table, store, items, tokens, peers),
      searches(identity.node_id(), members,
               {{config.k, config.alpha, config.per_subnet_in_lookup, config.exempt_private},
                config.disjoint_paths},
               config.records.lifetime_max, store, table, rpc),
      publisher(identity, members, config.records.lifetime_max, store, searches, rpc, next_id, events),
      replicator(identity, config.k, table, store, rpc, chance),
      item_puts(items, searches, rpc, next_id, events),
      joining(identity.node_id(), table, searches, next_id, events, chance),
      revocation_watch(members, searches, item_puts, next_id),
      clocks(events),
      dispatch(table, peers, searches, publisher, replicator, item_puts) {
    if (members.closed()) rpc.expect_challenges();
}

std::uint64_t Node::State::search(Search::For what, const NodeId& target, Now now, Wanted wanted) {
    const auto id = next_id++;
    searches.start(id, what, 0, target, now, std::move(wanted));
    finish_searches(now);
    return id;
}

LookupId Node::State::put(Item item, std::optional<std::int64_t> cas, Now now) {
    const auto id = item_puts.put(std::move(item), cas, now);
    finish_searches(now);
    return id;
}

void Node::State::receive(std::string_view payload, const Way& way, Now now) {
    const auto& from = way.from;
    if (!is_unicast(from)) return;
    const auto message = decode(payload);
    if (!message) return;
    const bool is_question =
        std::holds_alternative<Query>(message->body) || std::holds_alternative<Fault>(message->body);
    if (is_question && config.read_only) return;  // BEP 43
    if (const auto* query = std::get_if<Query>(&message->body)) {
        on_query(*message, *query, way, payload.size(), now);
        return;
    }
    if (const auto* fault = std::get_if<Fault>(&message->body)) {
        on_fault(*message, *fault, way, payload.size(), now);
        return;
    }
    const auto question = rpc.take(message->transaction, from, now.time);
    if (!question) return;
    if (const auto* response = std::get_if<Response>(&message->body)) {
        on_response(*question, *response, now);
    } else {
        dispatch.failed(*question, std::get<Refusal>(message->body).code, now);
    }
    finish_searches(now);
}

void Node::State::on_query(const Message& message, const Query& query, const Way& way, std::size_t bytes,
                           Now now) {
    const auto& from = way.from;
    if (query.id == identity.node_id() || !rate_limit.allows(from, now.time)) return;
    Bytes answer = admission.admits(query, from, now)
                       ? responder.answer(message.transaction, query, from, bytes, now)
                       : admission.refuse(message.transaction, query, from, bytes, now);
    if (!answer.empty()) datagrams.push_back({std::move(answer), from, way.at});
    if (query.method == Method::put) heed_put(now);
    if (!query.read_only) probe_stranger(query, from, now);
}

void Node::State::on_fault(const Message& message, const Fault& fault, const Way& way, std::size_t bytes,
                           Now now) {
    const auto& from = way.from;
    if (!rate_limit.allows(from, now.time)) return;
    Bytes refusal = responder.refuse(message.transaction, fault, bytes);
    if (!refusal.empty()) datagrams.push_back({std::move(refusal), from, way.at});
}

/// Who asks may belong into the table, but only its own answer can show that. And to who asks for
/// items, large ones may be sent only once it has answered from that address.
void Node::State::probe_stranger(const Query& query, const Endpoint& from, Now now) {
    const bool member = query.extended && table.wants({query.id, from}) && !peers.is_foreign(from, now.time);
    const bool reader = query.method == Method::get && !peers.is_real(from);
    if (!member && !reader) return;
    if (strangers.may_ask(from, now.time)) ping({from, query.id}, now);
}

void Node::State::ping(const Rpc::Peer& peer, Now now) {
    rpc.ask(peer, {.method = Method::ping}, {.task = Purpose::Task::probe}, now.time);
}

bool Node::State::proved(const Rpc::Pending& question, const Response& response, Now now) {
    const auto& from = question.to.endpoint;
    if (!question.proof_wanted) return question.to.id == response.id;
    const auto nonce = text(question.nonce);
    if (!response.proof || !response.extended ||
        !proves(*response.proof, response.id, members.federation(), nonce, identity.node_id()) ||
        !members.admit(response.id, response.certificate, Role::server, now.date)) {
        peers.foreign(from, now.time);
        return false;
    }
    peers.proved(from, response.id, now.time);
    return true;
}

void Node::State::on_response(const Rpc::Pending& question, const Response& response, Now now) {
    if (response.id == identity.node_id()) {  // our own address among the bootstrap ones
        dispatch.failed(question, 0, now);
        return;
    }
    const auto& from = question.to.endpoint;
    const bool is_proved = proved(question, response, now);
    const bool as_expected = !question.to.id || *question.to.id == response.id;
    if (is_proved) welcome({response.id, from}, now);
    if (is_proved && as_expected && !response.challenge.empty()) {
        const Introduction introduction{identity, members};
        if (!introduction.show(rpc, question, response, now)) {
            dispatch.failed(question, static_cast<std::int64_t>(ErrorCode::not_a_member), now);
        }
        return;
    }
    if (is_proved && as_expected) {
        if (response.date) clocks.heard(response.id, Date{std::chrono::seconds{*response.date}}, now);
        dispatch.answered(question, response, now);
        return;
    }
    // Somebody else lives there by now, or it never was the one that it was said to be.
    if (!is_proved) peers.unproved(from);
    silent(question, now);
    dispatch.failed(question, 0, now);
}

void Node::State::welcome(const Contact& contact, Now now) {
    const bool first = table.size() == 0;
    const bool appeared = table.answered(contact, now.time);
    joining.heard(contact.endpoint, now);
    if (!appeared) return;
    replicator.met(contact, now);
    joining.met(first, now);
}

void Node::State::silent(const Rpc::Pending& question, Now now) {
    if (!question.to.id || question.purpose.task == Purpose::Task::feel) return;
    const bool anybody = table.size() > 0;
    table.failed({*question.to.id, question.to.endpoint}, now.time);
    if (anybody && table.size() == 0) joining.alone(now);
}

void Node::State::advance(Now now) {
    part_with_fallen(now);
    time_out(now);
    ask_who_is_due(now);
    joining.advance(now);
    revocation_watch.advance(now);
    clocks.advance(now);
    publisher.advance(now);
    item_puts.advance(now);
    expire_records(now);
    finish_searches(now);
}

void Node::State::time_out(Now now) {
    using Stage = Rpc::Timeout::Stage;
    while (const auto timeout = rpc.take_timeout(now.time)) {
        const auto& question = timeout->pending;
        // What makes it late early may be forged, and must not count against the peer: then only silence
        // to the end does.
        const bool late = timeout->stage == Stage::late;
        const bool gone = timeout->stage == Stage::gone;
        if (question.unreachable ? gone : late) silent(question, now);
        if (gone) {
            dispatch.failed(question, 0, now);
        } else if (late) {
            dispatch.late(question, now);
        } else {
            dispatch.slow(question, now);
        }
    }
}

void Node::State::ask_who_is_due(Now now) {
    for (const Endpoint& endpoint : joining.take_due(now)) ping({endpoint, std::nullopt}, now);
    while (const auto suspect = table.take_suspect(now.time)) ping({suspect->endpoint, suspect->id}, now);
    while (const auto silent = table.take_feeler(now.time)) {
        rpc.ask(*silent, {.method = Method::ping}, {.task = Purpose::Task::feel}, now.time);
    }
    while (const auto target = table.take_refresh(now.time)) {
        searches.start(next_id++, Search::For::refresh, 0, *target, now);
    }
}

/// Their certificates have ended: to prove themselves again they need new ones.
void Node::State::part_with_fallen(Now now) {
    for (const NodeId& id : members.take_fallen(now.date)) {
        table.remove(id);
        peers.unproved(id);
    }
}

bool Node::State::revoke(const Item& list, Now now) {
    if (!members.revoke(list)) return false;
    part_with_fallen(now);
    events.emplace_back(Revoked{list.seq});
    return true;
}

/// It may have been the list, at one of those closest to it: they need not look for it.
void Node::State::heed_put(Now now) {
    const auto target = revocation_watch.target();
    const Item* held = target ? items.find(*target, now.time) : nullptr;
    if (held != nullptr && held->seq > members.revoked_seq()) revoke(Item{*held}, now);
}

void Node::State::expire_records(Now now) {
    if (now.time - expired_at < expiry_interval) return;
    expired_at = now.time;
    store.expire(now.date);
    items.expire(now.time);
}

void Node::State::finish_searches(Now now) {
    latest = now;
    while (const auto* search = searches.take_progressed()) {
        if (search->what == Search::For::put) {
            item_puts.progressed(*search, now);
        } else {
            publisher.progressed(*search, now);
        }
    }
    while (auto search = searches.take_finished()) {
        switch (search->what) {
            case Search::For::nodes:
                events.emplace_back(NodesFound{search->id, search->lookup.closest(), search->lookup.hops(),
                                               search->lookup.asked(), search->lookup.size()});
                break;
            case Search::For::values:
                events.emplace_back(values_of(*search));
                break;
            case Search::For::publication:
            case Search::For::renewal:
                publisher.searched(*search, now);
                break;
            case Search::For::item:
                found_item(*std::move(search), now);
                break;
            case Search::For::put:
                item_puts.searched(*search, now);
                break;
            case Search::For::joining:
                if (!joining.searched(now)) break;
                publisher.renew_all(now);
                item_puts.renew_all(now);
                revocation_watch.joined(now);
                break;
            case Search::For::refresh:
                break;
        }
    }
}

ValuesFound Node::State::values_of(Search& search) {
    const Paths& lookup = search.lookup;
    ValuesFound out{search.id, {}, lookup.closest(), lookup.hops(), lookup.asked(), lookup.size()};
    for (auto& [publisher_key, record] : search.records) {
        if (!record.withdrawn()) out.records.push_back(std::move(record));
    }
    return out;
}

void Node::State::found_item(Search search, Now now) {
    if (revocation_watch.owns(search)) {
        const auto list = revocation_watch.searched(search, now);
        if (list) revoke(*list, now);
        return;
    }
    const Item* own = items.find(search.lookup.target(), now.time);
    if (own != nullptr && (!search.item || search.item->seq < own->seq)) search.item = *own;
    events.emplace_back(
        ItemFound{search.id, std::move(search.item), search.lookup.closest(), search.lookup.hops()});
}

std::optional<Time> Node::State::deadline() const {
    Time earliest = Time::max();
    const auto consider = [&](std::optional<Time> time) {
        if (time) earliest = std::min(earliest, *time);
    };
    consider(rpc.deadline());
    consider(table.deadline());
    consider(joining.deadline());
    consider(publisher.deadline());
    consider(item_puts.deadline());
    consider(revocation_watch.deadline());
    consider(clocks.deadline());
    const auto time_of = [&](Date date) {
        return latest.time + std::max<Duration>(date - latest.date, Duration{0});
    };
    if (const auto expiry = store.next_expiry()) {
        consider(std::max(time_of(*expiry), expired_at + expiry_interval));
    }
    if (const auto expiry = members.next_expiry()) consider(time_of(*expiry));
    if (const auto expiry = items.next_expiry()) consider(std::max(*expiry, expired_at + expiry_interval));
    return earliest == Time::max() ? std::nullopt : std::optional{earliest};
}

}  // namespace dht
