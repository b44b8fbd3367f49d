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

/// BEP 32 lets two networks be crossed seldom. Here who speaks both is at home in both.
void Rpc::want_families(Query& query) const {
    query.want_v4 = query.want_v6 = hears_both_families();
}

bool Rpc::ask(const Peer& to, Query query, Purpose purpose, Time now) {
    if (room() == 0) return false;
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
    (out.late ? late_ : timeouts_).erase({out.due, number});
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
    if (auto gone = take_gone(now)) return gone;
    if (timeouts_.empty() || timeouts_.begin()->first > now) return std::nullopt;
    const auto number = timeouts_.begin()->second;
    Pending& pending = pending_.at(number);
    if (pending.slow) {
        Timeout out{Stage::late, pending};
        out.pending.late = true;
        let_be_late(number, pending);
        return out;
    }
    pending.slow = true;
    schedule(number, pending, pending.late_at);
    return Timeout{Stage::slow, pending};
}

/// Whoever asked goes on without it. Of more than can be remembered the oldest is forgotten: its answer
/// would do little.
void Rpc::let_be_late(std::uint32_t number, Pending& pending) {
    timeouts_.erase({pending.due, number});
    pending.late = true;
    pending.due = pending.sent + answers_accepted_for;
    peers_.silent(pending.to.endpoint);
    late_.insert({pending.due, number});
    if (late_.size() <= outstanding_max_) return;
    pending_.erase(late_.begin()->second);
    late_.erase(late_.begin());
}

std::optional<Rpc::Timeout> Rpc::take_gone(Time now) {
    if (late_.empty() || late_.begin()->first > now) return std::nullopt;
    auto gone = pending_.extract(late_.begin()->second);
    late_.erase(late_.begin());
    return Timeout{Timeout::Stage::gone, std::move(gone.mapped())};
}

std::optional<Time> Rpc::deadline() const {
    Time earliest = Time::max();
    for (const Schedule* each : {&timeouts_, &late_}) {
        if (!each->empty()) earliest = std::min(earliest, each->begin()->first);
    }
    return earliest == Time::max() ? std::nullopt : std::optional{earliest};
}

}  // namespace dht
