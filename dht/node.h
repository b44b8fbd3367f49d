// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "dht/contact.h"
#include "dht/crypto.h"
#include "dht/endpoint.h"
#include "dht/item.h"
#include "dht/item_store.h"
#include "dht/members.h"
#include "dht/record.h"
#include "dht/record_store.h"
#include "dht/time.h"
#include "dht/token.h"

namespace dht {

/// What one node is told at its start. Each limit's reason stands beside it.
struct NodeConfig {
    std::string federation = "public";  ///< a FederationName's text; one with a key is closed
    Bytes certificate{};                ///< ours, of a closed one (certificate.h)
    std::size_t k = 20;                 ///< Kademlia's own: likely that one of k survives an hour
    std::size_t alpha = 3;              ///< queries in flight of one lookup; widens when it stalls
    bool read_only = false;             ///< BEP 43: asks, answers nobody, is in nobody's table

    std::size_t per_subnet_in_bucket = 2;  ///< contacts of one /24 or /64, against Sybils
    std::size_t per_subnet_in_lookup = 4;  ///< more than in a bucket: they come out of several
    /// None of the caps per subnet holds for loopback and private ranges: they are the operator's own.
    bool exempt_private = true;
    /// Lookups that share nobody and run beside each other for one target, 1 to 8. Further ones are made
    /// anyhow when the result looks as if somebody had led them astray.
    std::size_t disjoint_paths = 1;

    /// From one address. A server's start, with thousands of users to publish, fits; so do several
    /// servers behind one address. 0: no limit.
    std::size_t queries_per_second = 4000;
    /// From one /24 or /64: a limit for each address is none for who has 2^64 of them. Four servers at
    /// once fit. 0: no limit.
    std::size_t queries_per_second_of_subnet = 16'000;
    /// A write token is good for this long at least, and twice as long at most. Not less: publishers
    /// count on it.
    Duration token_lifetime = TokenMint::rotation;
    std::size_t outstanding_max = 1024;  ///< our questions under way: bounds memory and bursts
    RecordStore::Limits records{};
    ItemStore::Limits items{};
};

struct Datagram {
    Bytes payload;
    Endpoint to;
    /// An answer leaves from the address that was asked, or who asked would not know it again. Its
    /// port is not looked at; unspecified: whichever address the system takes.
    Endpoint from{};
};

using LookupId = std::uint64_t;
using PublicationId = std::uint64_t;

/// A lookup for the k closest contacts to a target has ended.
struct NodesFound {
    LookupId lookup;
    std::vector<Contact> closest;  ///< nearest first, each has answered and proved its key
    int hops = 0;                  ///< longest chain of referrals that was followed
    std::size_t asked = 0;         ///< contacts in all
    std::size_t paths = 1;         ///< more than configured: the first looked as if it had been led astray
};

/// A lookup for records has ended: every valid, live record seen, the newest of each publisher.
/// Withdrawn ones are left out. `closest`: who had answered by then, the nearest k.
struct ValuesFound {
    LookupId lookup;
    std::vector<Record> records;
    std::vector<Contact> closest;
    int hops = 0;
    std::size_t asked = 0;
    std::size_t paths = 1;
};

/// So many holders and a value will most likely outlive some hours (BEP 5 and BEP 44 settle for as many,
/// their k): enough to go on with, while the others of our k are still asked.
constexpr std::size_t quorum = 8;

/// What has become of a publication's round of storing: the first one, those at half its life and after
/// `Joined`, and further tries. A round tells at most once that a quorum holds the record, and then ends
/// with a complete `Stored` or with `Lost`. With no other node around it ends at once, without holders; the
/// record is then held here alone.
struct Stored {
    PublicationId publication;
    std::size_t holders = 0;  ///< nodes that acknowledged it, this one not counted
    bool complete = true;     ///< nobody is waited for any more; else `holders` is the quorum
};

/// Others held the record, and now nobody takes it: they all have gone, or this node is cut off. It is
/// tried again after 1, 2, 4 … s, up to half its life; `Stored` tells when it is held again.
struct Lost {
    PublicationId publication;
};

/// Somebody with our key has said something newer under that name: a second node runs with the same
/// identity, or our clock was set back. This node has gone on from there with a greater seq. Where two
/// run they take turns, and this comes again and again, at most once a round.
struct Superseded {
    PublicationId publication;
    std::uint64_t seq = 0;  ///< of what was found
};

/// The node has found its place: bootstrap and the lookup of its own NodeID are done. Comes again
/// when everybody had gone and somebody is back. A first node has at once, with no contacts.
struct Joined {
    std::size_t contacts = 0;
};

/// A lookup for an item has ended: the item if anybody had it, of a mutable one the newest. Its hash
/// or signature has been checked.
struct ItemFound {
    LookupId lookup;
    std::optional<Item> item{};
    std::vector<Contact> closest{};
    int hops = 0;
};

/// How a put goes: told once when a quorum holds the item, if it comes to that, and at its end. With no
/// other node around the item is held here alone. Of a kept item it comes every time that it is put.
struct ItemStored {
    LookupId put;
    std::size_t holders = 0;  ///< nodes that acknowledged it, this one not counted
    /// Why it was refused, by the last who did, as BEP 44 numbers it: 205 the value is too long, 206
    /// the signature is wrong, 207 the salt is too long, 301 not the seq that `cas` expected, 302 a
    /// newer one is held; 203 it is no item; 202 too many are kept here. 0: nobody refused.
    std::int64_t error = 0;
    std::int64_t found_seq = 0;  ///< of the item found under the target, if somebody showed one
    bool complete = true;        ///< the put has ended; else `holders` is the quorum
};

/// A newer list of revoked certificates is known: who has one of them is in the table no more.
struct Revoked {
    std::int64_t seq = 0;
};

/// A node's clock, or ours, differs by minutes from what the others tell: records are lost by it (clocks.h).
struct ClockDiffers {
    std::optional<NodeId> node;     ///< none: it is ours that is wrong
    std::chrono::seconds ahead{0};  ///< less than 0: behind; 0: it is right again
};

using Event = std::variant<NodesFound, ValuesFound, Stored, Lost, Superseded, Joined, ItemFound, ItemStored,
                           Revoked, ClockDiffers>;

class Clocks;

/// A Kademlia node that does no I/O and reads no clock. After any call that changes it, drain
/// `poll_datagram` and `poll_event`, then call `advance` at `deadline` or before.
class Node {
public:
    Node(const Identity& identity, NodeConfig config, Random& random);
    ~Node();
    Node(Node&&) noexcept;

    /// Pings these addresses, then looks up its own NodeID; tries again for ever with back-off while
    /// its table is empty. May be called again with more. None: this is the first node. Until it has
    /// joined, but for one second at most, lookups and publications wait instead of finding nobody.
    void bootstrap(const std::vector<Endpoint>& contacts, Now now);

    LookupId find_node(const NodeId& target, Now now);
    /// Ends when the k closest have answered. What this node holds itself is counted in.
    LookupId find_value(const Key& key, Now now);
    /// Ends with the first live record, or the first of that publisher, and tells it with what else its
    /// holder has under the key; at once if that is this node. A newer version, or another publisher's
    /// record, may be missing: for those who can tell when what they found does not serve, and then ask
    /// for all. `ValuesFound` without any means the same as from `find_value`.
    LookupId find_first(const Key& key, std::optional<NodeId> publisher, Now now);
    /// Ends a lookup for records: who has not answered by now is waited for no longer. What the others had;
    /// nothing if nobody has answered, or if it has ended.
    std::optional<ValuesFound> give_up(LookupId lookup, Now now);

    /// Stores `value` under (kind, name) at the k closest nodes, and keeps it stored, refreshing at
    /// half of `lifetime`, until `withdraw`. Publishing the same (kind, name) again replaces it.
    PublicationId publish(std::string kind, std::string name, Bytes value, Duration lifetime, Now now);
    /// How many others have acknowledged it in its round of storing so far.
    [[nodiscard]] std::size_t holders(PublicationId publication) const;
    /// Sends a tombstone to where the record is, and forgets the publication.
    void withdraw(PublicationId publication, Now now);

    /// BEP 44's items, which other implementations can read and write as well. Not replicated: who is put
    /// an item forgets it after two hours.
    ///
    /// An immutable one ends with the first who has it, a mutable one when the k closest have
    /// answered. Of a mutable one the reader must know the salt.
    LookupId get_item(const Key& target, std::string salt, Now now);
    /// `value` is one bencoded element of at most 1000 octets.
    LookupId put_immutable(Bytes value, Now now);
    /// A signed item (`sign`) with a value of at most 768 octets. `cas`: only if what it replaces has
    /// that seq.
    LookupId put_mutable(Item item, std::optional<std::int64_t> cas, Now now);
    /// Puts an item, of either kind, at once, every hour and after `Joined`: until `drop_item`, until another
    /// is kept under the same target, or until a newer one of its author turns up (`ItemStored` with 302).
    LookupId keep_item(Item item, Now now);
    void drop_item(const Key& target);

    /// A newer list of revoked certificates, which the node otherwise looks for by itself: whoever has one
    /// of them is gone at once, and `Revoked` tells. False: it is none, or known.
    bool revoke(const Item& list, Now now);
    /// Our certificate, renewed: what we publish goes out anew with it.
    void renew(Bytes certificate, Now now);
    [[nodiscard]] const Clocks& clocks() const;
    [[nodiscard]] const Members& members() const;
    /// As Members::admit, for those who show their certificate elsewhere.
    bool admit(const NodeId& node, std::string_view certificate, Now now);

    /// `at` is the address of ours that it came to; unspecified: there is only one.
    void receive(BytesView payload, const Endpoint& from, Now now, const Endpoint& at = {});
    /// What was sent there has met nobody, as the network says (ICMP, which anybody may forge). Lookups
    /// wait for that address no longer than it usually takes; nothing else comes of it.
    void unreachable(const Endpoint& endpoint, Now now);
    void advance(Now now);
    std::optional<Datagram> poll_datagram();
    std::optional<Event> poll_event();
    [[nodiscard]] std::optional<Time> deadline() const;

    [[nodiscard]] const NodeId& id() const;
    /// Verified contacts, for saving and for display.
    [[nodiscard]] std::vector<Contact> contacts() const;
    [[nodiscard]] std::size_t records() const;
    [[nodiscard]] std::size_t items() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace dht
