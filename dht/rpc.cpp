// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/rpc.h"

#include <algorithm>
#include <cstring>

#include "dht/node.h"
#include "dht/subnet.h"

namespace dht {

namespace {

/// So that a full answer is within the allowed multiple of the question.
constexpr std::size_t roomy_query_bytes = datagram_bytes_max / amplification_max;

}  // namespace

std::uint32_t Rpc::new_transaction() {
    // Random, since it is what keeps others from answering in a peer's name.
    for (;;) {
        const auto transaction = static_cast<std::uint32_t>(random_.number());
        if (!pending_.contains(transaction)) return transaction;
    }
}

/// BEP 32 lets two networks be crossed seldom. Ours is one, whose closest nodes are of both families.
void Rpc::want_families(Query& query) const {
    query.want_v4 = query.want_v6 = heard_v4_ && heard_v6_;
}

bool Rpc::ask(const Peer& to, Query query, Purpose purpose, Time now) {
    if (pending_.size() >= outstanding_max_) return false;
    const auto number = new_transaction();
    Pending pending{.to = to, .purpose = purpose, .sent = now};
    pending.late_at = now + peers_.timeout(to.endpoint);
    const auto slow_at = now + peers_.slow(to.endpoint);
    // Only a lookup has somebody else to ask.
    pending.slow = purpose.task != Purpose::Task::search || slow_at >= pending.late_at;
    pending.due = pending.slow ? pending.late_at : slow_at;
    pending.proof_wanted = !to.id || !peers_.is_proved(to.endpoint, *to.id);

    query.id = self_;
    query.read_only = read_only_;
    if (pending.proof_wanted) {
        random_.fill(pending.nonce);
        query.nonce = text(pending.nonce);
    }
    const bool asks_for_nodes = query.method == Method::find_node || query.method == Method::find_value ||
                                query.method == Method::get;
    if (asks_for_nodes) want_families(query);
    char transaction[sizeof number];
    std::memcpy(transaction, &number, sizeof number);
    const std::string_view name{transaction, sizeof transaction};
    Bytes payload = encode(name, query);
    const bool needs_room = asks_for_nodes || (challenges_expected_ && pending.proof_wanted);
    if (needs_room && payload.size() < roomy_query_bytes) {
        query.padding = roomy_query_bytes - payload.size();
        payload = encode(name, query);
    }
    if (payload.size() > datagram_bytes_max) return false;
    if (challenges_expected_) pending.payload = payload;
    pending.repeated = query.credential.has_value();
    timeouts_.insert({pending.due, number});
    pending_.emplace(number, std::move(pending));
    out_.push_back({std::move(payload), to.endpoint});
    return true;
}

bool Rpc::repeat(const Pending& question, const Credential& credential, Time now) {
    const auto message = decode(question.payload);
    const auto* asked = message ? std::get_if<Query>(&message->body) : nullptr;
    if (asked == nullptr || question.repeated) return false;
    Query query = *asked;
    query.nonce = {};
    query.credential = credential;
    return ask(question.to, query, question.purpose, now);
}

std::optional<Rpc::Pending> Rpc::take(std::string_view transaction, const Endpoint& from, Time now) {
    std::uint32_t number = 0;
    if (transaction.size() != sizeof number) return std::nullopt;
    std::memcpy(&number, transaction.data(), sizeof number);
    const auto found = pending_.find(number);
    if (found == pending_.end() || found->second.to.endpoint != from) return std::nullopt;
    Pending out = std::move(found->second);
    timeouts_.erase({out.due, number});
    pending_.erase(found);
    peers_.measured(from, now - out.sent, now);
    (from.is_v4() ? heard_v4_ : heard_v6_) = true;
    return out;
}

void Rpc::schedule(std::uint32_t number, Pending& pending, Time due) {
    timeouts_.erase({pending.due, number});
    pending.due = due;
    timeouts_.insert({due, number});
}

void Rpc::unreachable(const Endpoint& endpoint, Time now) {
    const auto patience = is_loopback(endpoint) ? Duration{0} : peers_.usual(endpoint);
    for (auto& [number, pending] : pending_) {
        if (pending.late || pending.to.endpoint != endpoint) continue;
        pending.unreachable = true;
        pending.late_at = std::min(pending.late_at, std::max(now, pending.sent + patience));
        schedule(number, pending, pending.slow ? pending.late_at : now);
    }
}

std::optional<Rpc::Timeout> Rpc::take_timeout(Time now) {
    using Stage = Timeout::Stage;
    if (timeouts_.empty() || timeouts_.begin()->first > now) return std::nullopt;
    const auto number = timeouts_.begin()->second;
    const auto found = pending_.find(number);
    Pending& pending = found->second;
    if (pending.late) {
        Timeout out{Stage::gone, std::move(pending)};
        timeouts_.erase(timeouts_.begin());
        pending_.erase(found);
        return out;
    }
    const auto stage = pending.slow ? Stage::late : Stage::slow;
    (pending.slow ? pending.late : pending.slow) = true;
    if (pending.late) peers_.silent(pending.to.endpoint);
    schedule(number, pending, pending.late ? pending.sent + answers_accepted_for : pending.late_at);
    return Timeout{stage, pending};
}

std::optional<Time> Rpc::deadline() const {
    return timeouts_.empty() ? std::nullopt : std::optional{timeouts_.begin()->first};
}

}  // namespace dht
