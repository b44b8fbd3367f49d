// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/limits.h"

#include <array>

#include "dht/paths.h"

namespace dht {

namespace {

using Config = NodeConfig;
using Records = RecordStore::Limits;
using Items = ItemStore::Limits;

constexpr std::uint64_t many = 10'000'000;

// Lifetimes: whatever a publisher may be told (an hour), all nodes must bear with; and who puts an item
// does so again every hour.
constexpr auto table = std::to_array<Limit<Config>>({
    count<&Config::per_subnet_in_bucket>("contacts_per_subnet",
                                         "Nodes of one /24 or /64 that are kept of each distance", 1, 1000),
    count<&Config::per_subnet_in_lookup>("lookup_contacts_per_subnet",
                                         "Nodes of one /24 or /64 that one lookup asks", 1, 1000),
    count<&Config::disjoint_paths>("disjoint_paths", "Lookups beside each other that share no node", 1,
                                   Paths::most),
    count<&Config::queries_per_second>("queries_per_second",
                                       "Questions that one address may ask; 0: no limit", 0, 1'000'000),
    count<&Config::queries_per_second_of_subnet>("queries_per_second_of_subnet",
                                                 "Questions from one /24 or /64; 0: no limit", 0, many),
    count<&Config::outstanding_max>("questions_max", "Questions of this node that may be under way", 64,
                                    65'536),
    seconds<&Config::token_lifetime>("token_lifetime", "Seconds that a write token is good for, at least",
                                     300, 3600),
    count<&Config::records, &Records::records_max>("records_max", "Records of others that are held", 1, many),
    count<&Config::records, &Records::per_key_max>("records_per_key", "Of those, under one name", 1, many),
    count<&Config::records, &Records::per_publisher_max>("records_per_publisher",
                                                         "Of those, of one publisher", 1, many),
    count<&Config::records, &Records::per_subnet_max>("records_per_subnet", "Of those, from one /24 or /64",
                                                      1, many),
    seconds<&Config::records, &Records::lifetime_max>("record_lifetime_max", "Seconds that a record may live",
                                                      3600, 86'400),
    count<&Config::items, &Items::items_max>("items_max", "BEP 44's items that are held", 1, many),
    count<&Config::items, &Items::per_subnet_max>("items_per_subnet", "Of those, from one /24 or /64", 1,
                                                  many),
    seconds<&Config::items, &Items::lifetime>("item_lifetime", "Seconds that an item is kept", 3600, 86'400),
});

}  // namespace

std::span<const Limit<NodeConfig>> limits() {
    return table;
}

}  // namespace dht
