// SPDX-License-Identifier: LGPL-2.1-or-later
/// A whole node, with the network around it played by hand.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "dht/message.h"
#include "dht/node.h"
#include "dht/proof.h"
#include "tests/dht/samples.h"

namespace samples {

inline const dht::Endpoint stranger = dht::Endpoint::v4({198, 51, 100, 7}, 7000);

inline dht::Endpoint address(std::uint8_t number) {
    return dht::Endpoint::v4({10, 0, 0, number}, 7000);
}

struct PlayedNode {
    explicit PlayedNode(dht::NodeConfig config = {}) : node(identity(1), std::move(config), random) {}

    void receive(const dht::Bytes& datagram, const dht::Endpoint& from) {
        node.receive(dht::view(datagram), from, now);
    }

    std::vector<dht::Datagram> sent() {
        std::vector<dht::Datagram> out;
        while (auto datagram = node.poll_datagram()) out.push_back(*std::move(datagram));
        return out;
    }

    /// What comes back to the sender of that query.
    dht::Bytes answer(const dht::Query& query, const dht::Endpoint& from = stranger) {
        receive(dht::encode("aa", query), from);
        for (auto& datagram : sent()) {
            if (datagram.to == from && dht::decode(datagram.payload)->transaction == "aa")
                return datagram.payload;
        }
        return {};
    }

    /// Lets a peer prove itself: it queries, is asked, and answers with its key.
    void befriend(std::uint8_t number) {
        const auto peer = identity(100U + number);
        receive(dht::encode("aa", dht::Query{.method = dht::Method::ping, .id = peer.node_id()}),
                address(number));
        answer_pings(number);
        sent();  // the search for its own place that this may have begun
    }

    /// That peer's answers to the pings that it was sent.
    void answer_pings(std::uint8_t number) {
        const auto peer = identity(100U + number);
        for (const auto& datagram : sent()) {
            const auto message = dht::decode(datagram.payload);
            const auto* query = std::get_if<dht::Query>(&message->body);
            if (query == nullptr || datagram.to != address(number) || query->method != dht::Method::ping)
                continue;
            const auto proof = dht::prove(peer, "public", query->nonce, query->id);
            dht::Reply reply{.id = peer.node_id(), .proof = proof};
            if (dates) reply.date = (now.date + *dates).time_since_epoch().count();
            receive(dht::encode(message->transaction, reply), address(number));
        }
    }

    dht::SeededRandom random{1};
    dht::Node node;
    dht::Now now = samples::now;
    std::optional<std::chrono::seconds> dates{};  ///< peers tell the date, which is ahead of ours by this
};

}  // namespace samples
