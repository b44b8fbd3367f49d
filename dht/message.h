// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "dht/bencode.h"
#include "dht/bytes.h"
#include "dht/node_id.h"
#include "dht/proof.h"

/// KRPC: `ping` and `find_node` as in BEP 5, `get` and `put` as in BEP 44, with BEP 32's `nodes6`
/// and `want` and BEP 43's `ro`. Kademlia's other two RPCs, `find_value` and `store`, are ours. Whoever
/// speaks them says so by the top-level key `vd`; a node without it is served as BEP 5 says and asked nothing
/// of ours.
///
/// Our arguments:  c cursor · n nonce · p padding · r record · token
/// Our answers:    c cursor · d date · pk public key · ps signature (the proof) · token · v list of records
/// In both, in closed federations:  ch challenge · pc certificate
///
/// docs/dht.md says it all.
namespace dht {

/// Every datagram of ours fits into the smallest IPv6 path with room for tunnels.
constexpr std::size_t datagram_bytes_max = 1200;

/// An answer is at most this many times its query until the asker has proved its address, so that
/// nobody gains by forging a source address.
constexpr std::size_t amplification_max = 3;

/// The version of our queries, as `vd` tells it.
constexpr std::int64_t extension_version = 1;

enum class Method : std::uint8_t { ping, find_node, find_value, store, get, put, unknown };

enum class ErrorCode : std::int16_t {
    generic = 201,
    server = 202,
    protocol = 203,
    unknown_method = 204,
    too_large = 205,  // BEP 44, as are the rest
    bad_signature = 206,
    salt_too_large = 207,
    cas_mismatch = 301,
    stale_seq = 302,
    not_a_member = 401,  // ours: of a closed federation
};

// What is decoded points into the datagram.

/// BEP 44's fields, in `put` and in the answer to `get`. In the query `get` there is `seq` at most.
struct ItemFields {
    std::string_view value{};  ///< encoded; empty: there is none
    std::string_view key{};    ///< 32 octets; empty: immutable
    std::string_view signature{};
    std::string_view salt{};
    std::optional<std::int64_t> seq{};
    std::optional<std::int64_t> cas{};
};

/// What a member shows in a query to one who does not know it: `pk`, `ps` and `pc`, over the `ch` that it was
/// given.
struct Credential {
    Proof proof{};
    std::string_view certificate{};
    std::string_view challenge{};
};

struct Query {
    Method method = Method::ping;
    NodeId id{};
    NodeId target{};            ///< of find_node, find_value and get
    std::string_view nonce{};   ///< empty, or a proof is asked for
    std::string_view cursor{};  ///< empty: from the beginning
    std::string_view token{};   ///< of store
    std::string_view record{};  ///< of store: its encoding
    ItemFields item{};          ///< of get and put
    std::optional<Credential> credential{};
    std::size_t padding = 0;  ///< octets that only make room for the answer
    bool want_v4 = false;     ///< BEP 32; neither: as the query came
    bool want_v6 = false;
    bool read_only = false;
    bool extended = false;  ///< speaks our queries
};

struct Response {
    NodeId id{};
    std::string_view nodes{};
    std::string_view nodes6{};
    std::string_view token{};
    std::string_view cursor{};           ///< empty: that was all
    std::optional<std::int64_t> date{};  ///< of who answers: seconds since 1970, as in records
    std::optional<Proof> proof{};
    std::string_view certificate{};           ///< beside the proof, in a closed federation
    std::string_view challenge{};             ///< there: show a credential over it and ask again
    std::optional<bencode::Value> records{};  ///< a list
    ItemFields item{};
    bool extended = false;
};

struct Refusal {
    std::int64_t code = 0;
};

/// A query that can be answered by an error only.
struct Fault {
    ErrorCode code = ErrorCode::protocol;
    std::string_view reason{};
};

struct Message {
    explicit Message(std::string_view id) : transaction(id) {}

    std::string_view transaction;
    std::variant<Query, Response, Refusal, Fault> body;
};

/// Hostile input: nothing unless it is canonical bencode and worth an answer.
std::optional<Message> decode(std::string_view datagram);

/// `query.extended` is not looked at: every query of ours says it.
Bytes encode(std::string_view transaction, const Query& query);

/// What an answer is made of; empty parts are left out.
struct Reply {
    NodeId id{};
    std::optional<std::int64_t> date{};
    std::optional<Proof> proof{};
    std::string_view certificate{};
    std::string_view challenge{};
    bool with_nodes = false;  ///< BEP 5 wants `nodes` even when there are none
    std::string_view nodes{};
    std::string_view nodes6{};
    std::string_view token{};
    std::string_view cursor{};
    bool with_records = false;
    std::string_view records{};  ///< encodings, end to end
    ItemFields item{};           ///< not beside records: both are `v`
};

Bytes encode(std::string_view transaction, const Reply& reply);
/// The size of that, to know beforehand how many nodes and records fit.
std::size_t encoded_bytes(std::string_view transaction, const Reply& reply);

Bytes encode_error(std::string_view transaction, ErrorCode code, std::string_view reason);

}  // namespace dht
