// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/sim/hostile.h"

#include <array>
#include <stdexcept>

#include "dht/compact.h"
#include "dht/proof.h"

namespace sim {

namespace {

constexpr std::string_view transaction = "evil";

dht::Identity identity(dht::Random& random) {
    dht::Identity::Seed seed{};
    random.fill(seed);
    return dht::Identity{seed};
}

dht::Bytes text_value(std::string_view text) {
    return std::to_string(text.size()) + ':' + std::string{text};
}

}  // namespace

Hostile::Hostile(Nodes& nodes, HostId victim, std::uint64_t seed)
    : nodes_(nodes), victim_(victim), random_(seed), liar_(identity(random_)), publisher_(identity(random_)) {
    auto record = any_record();
    record.name = "replayed";
    record.seq = replayed_seq;
    sign(record, "public", publisher_);
    store(record, replayed_key());
    if (accepted_ != 1) throw std::logic_error{"what is right is not accepted: nothing could be shown"};
    accepted_ = sent_ = 0;
}

std::span<const Hostile::Kind> Hostile::kinds() {
    static constexpr auto all = std::to_array<Kind>({
        {"random octets", &Hostile::noise},
        {"a query with one octet changed", &Hostile::damaged},
        {"record with a forged signature", &Hostile::forged_record},
        {"record altered after its signature", &Hostile::altered_record},
        {"record of another federation", &Hostile::foreign_record},
        {"record under another key", &Hostile::misplaced_record},
        {"record without a token", &Hostile::tokenless_record},
        {"expired record", &Hostile::expired_record},
        {"record that lives too long", &Hostile::eternal_record},
        {"replayed older record", &Hostile::replayed_record},
        {"item with a forged signature", &Hostile::forged_item},
        {"item under another target", &Hostile::misplaced_item},
        {"answer that nobody asked for", &Hostile::unasked_answer},
        {"stranger with a false proof", &Hostile::false_proof},
        {"stranger with a member's NodeID", &Hostile::stolen_id},
    });
    return all;
}

dht::Key Hostile::forged_key(std::size_t number) {
    return dht::key_of("public", "user", "forged" + std::to_string(number));
}

dht::Key Hostile::replayed_key() {
    return dht::key_of("public", "user", "replayed");
}

/// Of 64 x 250 addresses: no limit for one of them is in the way.
dht::Endpoint Hostile::anywhere() {
    const auto octet = [&](std::uint64_t below) { return static_cast<std::uint8_t>(random_.below(below)); };
    return dht::Endpoint::v4({10, 200, octet(64), octet(250)}, 6881);
}

dht::NodeId Hostile::any_id() {
    dht::NodeId out;
    random_.fill(out.octets);
    return out;
}

/// What comes back to that address.
std::vector<dht::Bytes> Hostile::deliver(const dht::Bytes& datagram, const dht::Endpoint& from) {
    auto& host = nodes_.at(victim_);
    host.receive(dht::view(datagram), from, nodes_.network.now());
    std::vector<dht::Bytes> out;
    while (auto answer = host.poll_datagram()) {
        if (answer->to == from) out.push_back(std::move(answer->payload));
    }
    nodes_.network.touched(victim_);
    return out;
}

dht::Bytes Hostile::token(const dht::Endpoint& from, const dht::Key& key) {
    const dht::Query query{
        .method = dht::Method::find_value, .id = liar_.node_id(), .target = key, .read_only = true};
    for (const auto& answer : deliver(encode(transaction, query), from)) {
        const auto message = dht::decode(answer);
        if (!message) continue;
        if (const auto* response = std::get_if<dht::Response>(&message->body))
            return dht::Bytes{response->token};
    }
    return {};
}

dht::Record Hostile::any_record() {
    dht::Record out;
    out.kind = "user";
    out.name = "forged" + std::to_string(random_.below(forged_names));
    out.seq = replayed_seq + random_.below(1'000'000);
    out.expires = nodes_.network.now().date + std::chrono::hours{1};
    out.value = value("evil");
    return out;
}

void Hostile::judge(const std::vector<dht::Bytes>& answers) {
    for (const auto& answer : answers) {
        const auto message = dht::decode(answer);
        if (message && std::holds_alternative<dht::Response>(message->body)) ++accepted_;
    }
}

void Hostile::store(const dht::Record& record, const dht::Key& key_of_token) {
    const auto from = anywhere();
    const auto given = token(from, key_of_token);
    const auto encoded = encode(record);
    const dht::Query query{.method = dht::Method::store,
                           .id = liar_.node_id(),
                           .token = given,
                           .record = encoded,
                           .read_only = true};
    ++sent_;
    judge(deliver(encode(transaction, query), from));
}

void Hostile::put(const dht::Item& item, const dht::Key& key_of_token) {
    const auto from = anywhere();
    const auto given = token(from, key_of_token);
    dht::Query query{.method = dht::Method::put, .id = liar_.node_id(), .token = given, .read_only = true};
    query.item.value = item.value;
    query.item.key = dht::text(*item.key);
    query.item.signature = dht::text(item.signature);
    query.item.seq = item.seq;
    ++sent_;
    judge(deliver(encode(transaction, query), from));
}

void Hostile::noise() {
    std::array<std::uint8_t, 200> octets{};
    random_.fill(octets);
    ++sent_;
    deliver(dht::Bytes{octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(random_.below(200))},
            anywhere());
}

void Hostile::damaged() {
    const dht::Query query{
        .method = dht::Method::find_node, .id = any_id(), .target = any_id(), .read_only = true};
    auto datagram = encode(transaction, query);
    datagram[random_.below(datagram.size())] ^= static_cast<char>(1 + random_.below(255));
    ++sent_;
    deliver(datagram, anywhere());
}

void Hostile::forged_record() {
    auto record = any_record();
    record.publisher = publisher_.public_key();
    random_.fill(record.signature);
    store(record, dht::key_of("public", record.kind, record.name));
}

void Hostile::altered_record() {
    auto record = any_record();
    sign(record, "public", liar_);
    record.value = value("altered");
    store(record, dht::key_of("public", record.kind, record.name));
}

void Hostile::foreign_record() {
    auto record = any_record();
    sign(record, "elsewhere", liar_);
    store(record, dht::key_of("public", record.kind, record.name));
}

void Hostile::misplaced_record() {
    auto record = any_record();
    sign(record, "public", liar_);
    store(record, any_id());
}

void Hostile::tokenless_record() {
    auto record = any_record();
    sign(record, "public", liar_);
    const auto encoded = encode(record);
    const dht::Query query{.method = dht::Method::store,
                           .id = liar_.node_id(),
                           .token = "12345678",
                           .record = encoded,
                           .read_only = true};
    ++sent_;
    judge(deliver(encode(transaction, query), anywhere()));
}

void Hostile::expired_record() {
    auto record = any_record();
    record.expires = nodes_.network.now().date - std::chrono::seconds{1 + random_.below(1000)};
    sign(record, "public", liar_);
    store(record, dht::key_of("public", record.kind, record.name));
}

void Hostile::eternal_record() {
    auto record = any_record();
    record.expires = nodes_.network.now().date + std::chrono::hours{3 + random_.below(1000)};
    sign(record, "public", liar_);
    store(record, dht::key_of("public", record.kind, record.name));
}

void Hostile::replayed_record() {
    auto record = any_record();
    record.name = "replayed";
    record.seq = random_.below(replayed_seq);
    sign(record, "public", publisher_);
    store(record, replayed_key());
}

void Hostile::forged_item() {
    dht::Item item{.value = text_value("evil"), .key = publisher_.public_key(), .seq = 1};
    random_.fill(item.signature);
    put(item, target_of(item));
}

void Hostile::misplaced_item() {
    dht::Item item{.value = text_value("evil"), .seq = 1};
    sign(item, liar_);
    put(item, any_id());
}

void Hostile::unasked_answer() {
    dht::Bytes nodes;
    for (int i = 0; i < 20; ++i) dht::append_compact(nodes, {any_id(), anywhere()});
    const dht::Reply reply{.id = any_id(), .with_nodes = true, .nodes = nodes};
    std::array<std::uint8_t, 4> guess{};
    random_.fill(guess);
    ++sent_;
    deliver(encode(dht::text(guess), reply), anywhere());
}

void Hostile::answer_pings(const std::vector<dht::Bytes>& pings, const dht::Endpoint& from) {
    for (const auto& ping : pings) {
        const auto message = dht::decode(ping);
        const auto* query = message ? std::get_if<dht::Query>(&message->body) : nullptr;
        if (query == nullptr || query->nonce.empty()) continue;
        // A right proof, but made for somebody else: passed on, as a man in the middle would.
        const auto proof = dht::prove(liar_, "public", query->nonce, any_id());
        const dht::Reply reply{.id = liar_.node_id(), .proof = proof};
        ++sent_;
        deliver(encode(message->transaction, reply), from);
    }
}

void Hostile::false_proof() {
    const auto from = anywhere();
    const dht::Query query{.method = dht::Method::find_node, .id = liar_.node_id(), .target = any_id()};
    ++sent_;
    answer_pings(deliver(encode(transaction, query), from), from);
}

void Hostile::stolen_id() {
    const auto from = anywhere();
    const auto& stolen = nodes_.at(random_.below(nodes_.network.size())).node.id();
    const dht::Query query{.method = dht::Method::find_node, .id = stolen, .target = any_id()};
    ++sent_;
    answer_pings(deliver(encode(transaction, query), from), from);
}

}  // namespace sim
