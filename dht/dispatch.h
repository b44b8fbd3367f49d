// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "dht/item_puts.h"
#include "dht/message.h"
#include "dht/peers.h"
#include "dht/publisher.h"
#include "dht/replicator.h"
#include "dht/routing_table.h"
#include "dht/rpc.h"
#include "dht/searches.h"

namespace dht {

/// Brings what became of a question to the part that asked it.
class Dispatch {
public:
    Dispatch(const RoutingTable& table, const Peers& peers, Searches& searches, Publisher& publisher,
             Replicator& replicator, ItemPuts& item_puts)
        : table_(table),
          peers_(peers),
          searches_(searches),
          publisher_(publisher),
          replicator_(replicator),
          item_puts_(item_puts) {}

    void answered(const Rpc::Pending& question, const Response& response, Now now);
    void slow(const Rpc::Pending& question, Now now);
    void late(const Rpc::Pending& question, Now now);
    /// It never will be answered, or was by somebody else (0), or was refused with that code.
    void failed(const Rpc::Pending& question, std::int64_t code, Now now);

private:
    /// Contacts taken from one answer: more than fit into one of ours.
    static constexpr std::size_t referrals_max = 64;

    [[nodiscard]] std::vector<Contact> referrals(const Response& response, Now now) const;

    const RoutingTable& table_;
    const Peers& peers_;
    Searches& searches_;
    Publisher& publisher_;
    Replicator& replicator_;
    ItemPuts& item_puts_;
};

}  // namespace dht
