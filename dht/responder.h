// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "dht/buffer.h"
#include "dht/crypto.h"
#include "dht/item_store.h"
#include "dht/members.h"
#include "dht/message.h"
#include "dht/peers.h"
#include "dht/record_store.h"
#include "dht/routing_table.h"
#include "dht/token.h"

namespace dht {

/// Answers queries from what the node knows. Asks nothing itself.
class Responder {
public:
    Responder(const Identity& identity, const Members& members, std::size_t k, const RoutingTable& table,
              RecordStore& store, ItemStore& items, const TokenMint& tokens, const Peers& peers)
        : identity_(identity),
          members_(members),
          k_(k),
          table_(table),
          store_(store),
          items_(items),
          tokens_(tokens),
          peers_(peers) {}

    /// The answer's datagram; empty if there is none within what the asker may be sent.
    Bytes answer(std::string_view transaction, const Query& query, const Endpoint& from,
                 std::size_t query_bytes, Now now);
    Bytes refuse(std::string_view transaction, const Fault& fault, std::size_t query_bytes) const;

private:
    /// Beside records, room is kept for so many nodes: BEP 5's own number.
    static constexpr std::size_t nodes_beside_records = 8;

    /// A query, and what its answer is made of besides the reply itself.
    struct Asked {
        std::string_view transaction;
        const Query& query;
        const Endpoint& from;
        std::size_t room;  ///< octets that the asker may be sent
        Now now;
        TokenMint::Token token{};
        Buffer records{};
        Buffer nodes{};
        Buffer nodes6{};
    };

    void find_node(Asked& asked, Reply& reply) const;
    /// Whether anything of it fits.
    bool find_value(Asked& asked, Reply& reply);
    Bytes store(const Asked& asked, const Reply& reply);
    void get(Asked& asked, Reply& reply);
    Bytes put(const Asked& asked, const Reply& reply);
    static Bytes error(const Asked& asked, ErrorCode code, std::string_view reason);
    static void shorten(const Asked& asked, Reply& reply);
    void add_token(Asked& asked, Reply& reply) const;
    void add_nodes(Asked& asked, Reply& reply) const;

    const Identity& identity_;
    const Members& members_;
    std::size_t k_;
    const RoutingTable& table_;
    RecordStore& store_;
    ItemStore& items_;
    const TokenMint& tokens_;
    const Peers& peers_;
};

}  // namespace dht
