// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "dht/admission.h"
#include "dht/clocks.h"
#include "dht/dispatch.h"
#include "dht/item_puts.h"
#include "dht/joining.h"
#include "dht/members.h"
#include "dht/message.h"
#include "dht/node.h"
#include "dht/peers.h"
#include "dht/publisher.h"
#include "dht/queue.h"
#include "dht/rate_limit.h"
#include "dht/replicator.h"
#include "dht/responder.h"
#include "dht/revocation_watch.h"
#include "dht/routing_table.h"
#include "dht/rpc.h"
#include "dht/searches.h"
#include "dht/strangers.h"
#include "dht/token.h"

namespace dht {

/// Wires the parts: each datagram, timeout or call goes to the part that it concerns, and what a
/// part has finished goes on to the next.
struct Node::State {
    State(const Identity& own, NodeConfig given, Random& chance);

    std::uint64_t search(Search::For what, const NodeId& target, Now now, Wanted wanted = {});
    LookupId put(Item item, std::optional<std::int64_t> cas, Now now);

    /// The two ends of a datagram that came.
    struct Way {
        Endpoint from;
        Endpoint at;  ///< of ours
    };
    void receive(std::string_view payload, const Way& way, Now now);
    void on_query(const Message& message, const Query& query, const Way& way, std::size_t bytes, Now now);
    void on_fault(const Message& message, const Fault& fault, const Way& way, std::size_t bytes, Now now);
    void on_response(const Rpc::Pending& question, const Response& response, Now now);
    [[nodiscard]] bool proved(const Rpc::Pending& question, const Response& response, Now now);
    void welcome(const Contact& contact, Now now);
    void silent(const Rpc::Pending& question, Now now);
    void probe_stranger(const Query& query, const Endpoint& from, Now now);
    void ping(const Rpc::Peer& peer, Now now);

    void advance(Now now);
    void time_out(Now now);
    void ask_who_is_due(Now now);
    void expire_records(Now now);
    void part_with_fallen(Now now);
    bool revoke(const Item& list, Now now);
    void heed_put(Now now);
    void finish_searches(Now now);
    [[nodiscard]] static ValuesFound values_of(Search& search);
    void found_item(Search search, Now now);
    [[nodiscard]] std::optional<Time> deadline() const;

    Identity identity;
    NodeConfig config;
    Queue<Datagram> datagrams;
    Queue<Event> events;
    std::uint64_t next_id = 1;

    Members members;
    TokenMint tokens;
    Peers peers;
    Strangers strangers;
    RoutingTable table;
    RecordStore store;
    ItemStore items;
    RateLimit rate_limit;
    Rpc rpc;
    Admission admission;
    Responder responder;
    Searches searches;
    Publisher publisher;
    Replicator replicator;
    ItemPuts item_puts;
    Joining joining;
    RevocationWatch revocation_watch;
    Clocks clocks;
    Dispatch dispatch;

    Time expired_at{};
    Now latest{};
};

}  // namespace dht
