// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/prober.h"

#include <algorithm>
#include <variant>

#include "dht/admission.h"
#include "dht/compact.h"
#include "dht/subnet.h"

namespace dht {

Prober::Prober(const Identity& identity, Members members, Limits limits, Random& random)
    : identity_(identity),
      members_(std::move(members)),
      limits_(limits),
      peers_(random),
      rpc_(identity_.node_id(), true, outstanding_max, random, peers_, datagrams_) {
    if (members_.closed()) rpc_.expect_challenges();
}

std::uint64_t Prober::ping(const Endpoint& node, Now now) {
    return ask({.to = {node, std::nullopt}, .method = Method::ping}, now);
}

std::uint64_t Prober::find_node(const Rpc::Peer& node, const NodeId& target, Now now) {
    return ask({.to = node, .method = Method::find_node, .target = target}, now);
}

std::uint64_t Prober::find_value(const Contact& node, const Key& key, Now now) {
    return ask({.to = {node.endpoint, node.id}, .method = Method::find_value, .target = key}, now);
}

std::uint64_t Prober::ask(const Question& question, Now now) {
    const auto id = next_id_++;
    send(id, questions_.emplace(id, question).first->second, now.time);
    return id;
}

void Prober::send(std::uint64_t id, Question& question, Time now) {
    ++question.attempts;
    question.until = now + limits_.patience;
    deadlines_.insert({question.until, id});
    rpc_.ask(question.to, {.method = question.method, .target = question.target}, {.owner = id}, now);
}

void Prober::receive(BytesView payload, const Endpoint& from, Now now) {
    const auto message = decode(text(payload));
    if (!message || std::holds_alternative<Query>(message->body)) return;
    const auto asked = rpc_.take(message->transaction, from, now.time);
    if (!asked) return;
    const auto question = questions_.find(asked->purpose.owner);
    if (question == questions_.end()) return;  // an earlier attempt was answered, or it was given up
    Answer answer{.outcome = Outcome::refused, .from = from, .round_trip = now.time - asked->sent};
    if (const auto* response = std::get_if<Response>(&message->body)) {
        answer.outcome = judge(*asked, *response, now);
        answer.id = response->id;
        if (answer.outcome == Outcome::answered && !response->challenge.empty()) {
            const Introduction introduction{identity_, members_};
            if (introduction.show(rpc_, *asked, *response, now)) return;
            answer.outcome = Outcome::refused;
        }
        if (answer.outcome == Outcome::answered) read(*response, question->second, answer, now);
    }
    finish(question->first, std::move(answer));
}

Prober::Outcome Prober::judge(const Rpc::Pending& asked, const Response& response, Now now) {
    if (!asked.proof_wanted) return asked.to.id == response.id ? Outcome::answered : Outcome::foreign;
    const auto nonce = text(asked.nonce);
    if (!response.extended || !response.proof ||
        !proves(*response.proof, response.id, members_.federation(), nonce, identity_.node_id()) ||
        !members_.admit(response.id, response.certificate, Role::server, now.date)) {
        return Outcome::foreign;
    }
    peers_.proved(asked.to.endpoint, response.id, now.time);
    return Outcome::answered;
}

void Prober::read(const Response& response, const Question& question, Answer& answer, Now now) {
    read_compact_v4(response.nodes, contacts_max, answer.contacts);
    read_compact_v6(response.nodes6, contacts_max, answer.contacts);
    if (!response.records || question.method != Method::find_value) return;
    auto elements = response.records->elements();
    while (const auto element = elements.next()) {
        auto record = decode_record(view(element->encoded()));
        if (!record || answer.records.size() >= records_max) continue;
        if (record->expires <= now.date || record->withdrawn()) continue;
        if (key_of(members_.federation(), record->kind, record->name) != question.target) continue;
        if (!members_.admit_publisher(*record, now.date)) continue;
        if (verify(*record, members_.federation())) answer.records.push_back(*std::move(record));
    }
}

void Prober::finish(std::uint64_t id, Answer answer) {
    const auto question = questions_.find(id);
    deadlines_.erase({question->second.until, id});
    questions_.erase(question);
    answer.question = id;
    answers_.push_back(std::move(answer));
}

void Prober::advance(Now now) {
    while (rpc_.take_timeout(now.time)) {  // whose notion of late is that of a member in a hurry
    }
    while (!deadlines_.empty() && deadlines_.begin()->first <= now.time) {
        const auto id = deadlines_.begin()->second;
        auto& question = questions_.at(id);
        if (question.attempts >= limits_.attempts) {
            finish(id, {.from = question.to.endpoint});
        } else {
            deadlines_.erase(deadlines_.begin());
            send(id, question, now.time);
        }
    }
}

std::optional<Datagram> Prober::poll_datagram() {
    if (datagrams_.empty()) return std::nullopt;
    auto out = std::move(datagrams_.front());
    datagrams_.pop_front();
    return out;
}

std::optional<Prober::Answer> Prober::poll_event() {
    if (answers_.empty()) return std::nullopt;
    auto out = std::move(answers_.front());
    answers_.pop_front();
    return out;
}

std::optional<Time> Prober::deadline() const {
    const auto ours = deadlines_.empty() ? std::nullopt : std::optional{deadlines_.begin()->first};
    const auto theirs = rpc_.deadline();
    return ours && theirs ? std::min(*ours, *theirs) : ours ? ours : theirs;
}

}  // namespace dht
