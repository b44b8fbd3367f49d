// SPDX-License-Identifier: LGPL-2.1-or-later
/// A whole node: packets in, state kept. The input is a run of steps; each begins with an octet
/// that says what happens (a packet from one of a few senders, time passing, a call of ours), and a
/// packet may take the transaction and the nonce of a question that the node has really asked, so
/// that answers reach what is behind that check.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <string>

#include "dht/message.h"
#include "dht/node.h"
#include "dht/proof.h"

namespace {

using namespace std::chrono_literals;

dht::Identity identity(std::uint8_t number) {
    dht::Identity::Seed seed{};
    seed.fill(number);
    return dht::Identity{seed};
}

struct Fuzzed {
    dht::SeededRandom random{1};
    dht::Node node{identity(1), {}, random};
    dht::Identity peer = identity(2);
    dht::Now now{dht::Time{1h}, dht::Date{std::chrono::seconds{1'790'000'000}}};
    std::deque<dht::Datagram> questions;
    dht::Item item;  // what the last answer points into

    static dht::Endpoint sender(std::uint8_t number) {
        return dht::Endpoint::v4({10, 0, 0, static_cast<std::uint8_t>(number % 4 + 1)}, 7000);
    }

    /// Nothing that the node sends may be too large or undecodable.
    void drain() {
        while (auto datagram = node.poll_datagram()) {
            if (datagram->payload.size() > dht::datagram_bytes_max) std::abort();
            const auto message = dht::decode(datagram->payload);
            if (!message) std::abort();
            if (std::holds_alternative<dht::Query>(message->body)) questions.push_back(*std::move(datagram));
            if (questions.size() > 64) questions.pop_front();
        }
        while (node.poll_event()) {
        }
        const auto deadline = node.deadline();
        if (deadline && *deadline < dht::Time{}) std::abort();
    }

    void pass(dht::Duration time) {
        now.time += time;
        now.date += std::chrono::ceil<std::chrono::seconds>(time);
        node.advance(now);
    }

    /// The peer holds the text as an item, if it is one.
    void hold_item(dht::Reply& reply, std::string_view text) {
        reply.with_records = false;
        reply.records = {};
        item = {.value = dht::Bytes{text}, .salt = "salt", .seq = static_cast<std::int64_t>(text.size())};
        sign(item, peer);
        if (!dht::bencode::parse(text)) return;
        reply.item.value = item.value;
        if (text.size() % 2 == 0) return;  // immutable
        reply.item.key = dht::text(*item.key);
        reply.item.signature = dht::text(item.signature);
        reply.item.seq = item.seq;
    }

    /// Answers the oldest question as an honest peer would, but with the given nodes and records.
    void answer(dht::BytesView rest) {
        if (questions.empty()) return;
        const auto question = std::move(questions.front());
        questions.pop_front();
        const auto message = dht::decode(question.payload);
        const auto& query = std::get<dht::Query>(message->body);
        dht::Reply reply{.id = peer.node_id()};
        if (!query.nonce.empty()) reply.proof = dht::prove(peer, "public", query.nonce, query.id);
        const auto text = dht::text(rest);
        reply.nodes = text.substr(0, text.size() - text.size() % 26);
        reply.token = "token";
        reply.cursor = text.substr(0, 8);
        reply.with_records = true;
        const auto records = 'l' + std::string{text} + 'e';
        if (dht::bencode::parse(records)) reply.records = text;
        if (query.method == dht::Method::get) hold_item(reply, text);
        node.receive(dht::view(dht::encode(message->transaction, reply)), question.to, now);
    }

    void step(std::uint8_t what, dht::BytesView rest) {
        switch (what % 16) {
            case 0:
                pass(std::chrono::milliseconds{what});
                break;
            case 1:
                pass(std::chrono::minutes{what});
                break;
            case 2:
                node.bootstrap({sender(what)}, now);
                break;
            case 3:
                node.find_value(dht::sha1(dht::text(rest)), now);
                break;
            case 4:
                node.publish("user", "alice", "de", std::chrono::seconds{what}, now);
                break;
            case 5:
                answer(rest);
                break;
            case 8:
                node.get_item(dht::sha1(dht::text(rest)), "salt", now);
                break;
            case 9:
                node.put_immutable(dht::Bytes{dht::text(rest)}, now);
                break;
            case 10: {
                dht::Item put{.value = dht::Bytes{dht::text(rest)}, .salt = "salt", .seq = what};
                sign(put, peer);
                node.put_mutable(put, what % 3, now);
                break;
            }
            default:
                node.receive(rest, sender(what), now);
                break;
        }
        drain();
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Fuzzed fuzzed;
    dht::BytesView rest{data, size};
    for (int steps = 0; rest.size() >= 3 && steps < 64; ++steps) {
        const auto length = std::min<std::size_t>(rest[1] | rest[2] << 8, rest.size() - 3);
        fuzzed.step(rest[0], rest.subspan(3, length));
        rest = rest.subspan(3 + length);
    }
    return 0;
}
