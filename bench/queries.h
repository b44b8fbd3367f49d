// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "dht/crypto.h"
#include "dht/node_id.h"

/// What the servers are asked, octet for octet, and what is read from their answers.
namespace bench {

/// In every value that is stored, to see whether an answer has it.
constexpr std::string_view value_mark = "viaduct-bench";

/// A bencoded string of 100 octets, what is stored in BEP 44's items.
std::string item_value(std::size_t number);

// ---- KRPC

/// BEP 5's, 92 octets long; with `roomy`, as long as our nodes make it so that the answer may be long.
std::string find_node(const dht::NodeId& self, const dht::NodeId& target, bool roomy);
/// Ours.
std::string find_value(const dht::NodeId& self, const dht::Key& key);
std::string store(const dht::NodeId& self, std::string_view token, std::string_view record);
/// BEP 44's.
std::string get(const dht::NodeId& self, const dht::Key& target);
std::string put(const dht::NodeId& self, std::string_view token, const dht::Identity& owner, std::int64_t seq,
                std::string_view value);
/// Of an answer; empty if there is none.
std::string token_in(std::string_view reply);

/// A signed record of a user, with a value of some 100 octets.
std::string user_record(const dht::Identity& publisher, std::size_t number, std::uint64_t seq);
dht::Key user_key(std::size_t number);

// ---- OpenDHT's, in MessagePack

std::string opendht_find(const dht::NodeId& self, const dht::NodeId& target);
std::string opendht_get(const dht::NodeId& self, const dht::NodeId& target);

}  // namespace bench
