// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/rpc.h"

#include <cstring>

#include "dht/node.h"

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
    pending.due = now + peers_.timeout(to.endpoint);
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
    const Pending out = found->second;
    timeouts_.erase({out.due, number});
    pending_.erase(found);
    peers_.measured(from, now - out.sent, now);
    (from.is_v4() ? heard_v4_ : heard_v6_) = true;
    return out;
}

std::optional<Rpc::Timeout> Rpc::take_timeout(Time now) {
    if (timeouts_.empty() || timeouts_.begin()->first > now) return std::nullopt;
    const auto number = timeouts_.begin()->second;
    timeouts_.erase(timeouts_.begin());
    const auto found = pending_.find(number);
    Pending& pending = found->second;
    if (pending.late) {
        const Timeout out{pending, true};
        pending_.erase(found);
        return out;
    }
    pending.late = true;
    pending.due = pending.sent + answers_accepted_for;
    timeouts_.insert({pending.due, number});
    return Timeout{pending, false};
}

std::optional<Time> Rpc::deadline() const {
    return timeouts_.empty() ? std::nullopt : std::optional{timeouts_.begin()->first};
}

}  // namespace dht
