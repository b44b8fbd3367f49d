// SPDX-License-Identifier: LGPL-2.1-or-later
/// The parts of a node around the one that is tested, with the network played by hand.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "dht/message.h"
#include "dht/node.h"
#include "dht/peers.h"
#include "dht/queue.h"
#include "dht/routing_table.h"
#include "dht/rpc.h"
#include "dht/searches.h"
#include "tests/dht/samples.h"

namespace samples {

/// A query that was sent, decoded.
struct Question {
    explicit Question(dht::Datagram sent)
        : to(sent.to),
          payload(std::move(sent.payload)),
          message(*dht::decode(payload)),
          query(std::get<dht::Query>(message.body)) {}
    Question(const Question&) = delete;  // what is decoded points into the payload
    Question& operator=(const Question&) = delete;

    dht::Endpoint to;
    dht::Bytes payload;
    dht::Message message;
    dht::Query query;
};

struct Parts {
    explicit Parts(std::size_t outstanding_max = 1024, bool read_only = false)
        : rpc(self.node_id(), read_only, outstanding_max, random, peers, datagrams) {}
    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;

    /// The identity of peer `number`, and where it lives.
    static dht::Identity peer(std::uint8_t number) { return identity(100U + number); }
    static dht::Contact contact(std::uint8_t number) {
        return {peer(number).node_id(), dht::Endpoint::v4({10, 0, 0, number}, 7000)};
    }

    /// It is in the table and has proved its key.
    dht::Contact know(std::uint8_t number) {
        const auto out = contact(number);
        table.answered(out, now.time);
        peers.proved(out.endpoint, out.id, now.time);
        return out;
    }

    /// The oldest query not yet looked at; it stays where it is until the test ends.
    const Question* question() {
        if (datagrams.empty()) return nullptr;
        questions.emplace_back(std::move(datagrams.front()));
        datagrams.pop_front();
        return &questions.back();
    }

    /// Answers the oldest query and passes what comes of it to `searches`.
    void answer(dht::Reply reply, const std::vector<dht::Contact>& closer = {}) {
        const auto* asked = question();
        ck_assert_ptr_nonnull(asked);
        answer(*asked, reply, closer);
    }

    void answer(const Question& asked, dht::Reply reply, const std::vector<dht::Contact>& closer = {}) {
        const auto pending = rpc.take(asked.message.transaction, asked.to, now.time);
        ck_assert(pending.has_value());
        if (pending->to.id) reply.id = *pending->to.id;
        replies.push_back(dht::encode(asked.message.transaction, reply));
        const auto message = dht::decode(replies.back());
        searches.answered(*pending, std::get<dht::Response>(message->body), closer, now);
    }

    void pass(dht::Duration time) {
        now.time += time;
        now.date += std::chrono::floor<std::chrono::seconds>(time);
    }

    dht::Identity self = identity(1);
    dht::SeededRandom random{1};
    dht::Peers peers{random};
    dht::Queue<dht::Datagram> datagrams;
    dht::Queue<dht::Event> events;
    std::uint64_t next_id = 1;
    dht::RoutingTable table{self.node_id(), {}, random};
    dht::Members members{"public"};
    dht::RecordStore store{members, {}};
    dht::Rpc rpc;
    dht::Searches searches{self.node_id(), members, {}, std::chrono::hours{2}, store, table, rpc};
    dht::Now now = samples::now;

    std::deque<Question> questions;
    std::deque<dht::Bytes> replies;
};

}  // namespace samples
