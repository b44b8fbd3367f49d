// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

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

    Bytes find_node(std::string_view transaction, Reply reply, const Query& query, const Endpoint& from,
                    std::size_t room, Now now);
    Bytes find_value(std::string_view transaction, Reply reply, const Query& query, const Endpoint& from,
                     std::size_t room, Now now);
    Bytes store(std::string_view transaction, const Reply& reply, const Query& query, const Endpoint& from,
                std::size_t room, Now now);
    Bytes get(std::string_view transaction, Reply reply, const Query& query, const Endpoint& from,
              std::size_t room, Now now);
    static void shorten(std::string_view transaction, Reply& reply, std::size_t room);
    Bytes put(std::string_view transaction, const Reply& reply, const Query& query, const Endpoint& from,
              std::size_t room, Now now);
    void add_nodes(std::string_view transaction, Reply& reply, const Query& query, const Endpoint& from,
                   std::size_t room);

    const Identity& identity_;
    const Members& members_;
    std::size_t k_;
    const RoutingTable& table_;
    RecordStore& store_;
    ItemStore& items_;
    const TokenMint& tokens_;
    const Peers& peers_;
    std::vector<Contact> closest_;  // reused, as are the octets below
    Bytes nodes_;
    Bytes nodes6_;
};

}  // namespace dht
