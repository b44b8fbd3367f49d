// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dht/item.h"
#include "dht/item_store.h"
#include "dht/node.h"
#include "dht/queue.h"
#include "dht/rpc.h"
#include "dht/searches.h"

namespace dht {

/// Our puts of items (BEP 44) that are under way: finds the closest nodes and what they hold by now,
/// sends them the item with the tokens that they gave, and tells how many took it. Whoever will very
/// likely be among the closest is sent it before the search ends, unless that has to tell first
/// whether `cas` holds. What is to be kept is put again every hour.
class ItemPuts {
public:
    /// With the longest salt, key, signature and token in one datagram, and later with a proof in an
    /// answer: less than BEP 44 allows.
    static constexpr std::size_t mutable_value_bytes_max = 768;

    ItemPuts(ItemStore& store, Searches& searches, Rpc& rpc, std::uint64_t& next_id, Queue<Event>& events)
        : store_(store), searches_(searches), rpc_(rpc), next_id_(next_id), events_(events) {}

    LookupId put(Item item, std::optional<std::int64_t> cas, Now now);
    LookupId keep(Item item, Now now);
    void drop(const Key& target);
    /// What is kept goes to a network that is another one than before.
    void renew_all(Now now);

    void progressed(const Search& search, Now now);
    void searched(const Search& search, Now now);
    void stored(const Rpc::Pending& question);
    void late(const Rpc::Pending& question, Now now);
    /// `code`: of the error that came; 0: none did.
    void refused(const Rpc::Pending& question, std::int64_t code);

    void advance(Now now);
    [[nodiscard]] std::optional<Time> deadline() const;

private:
    /// A second try makes up for a lost datagram.
    static constexpr std::uint8_t attempts_max = 2;

    /// BEP 44: half of the two hours after which an item may be forgotten.
    static constexpr Duration kept_anew_every = std::chrono::hours{1};

    /// As many as the own store has room for of others'.
    static constexpr std::size_t kept_max = 8192;

    struct Holder {
        Bytes token;
        bool settled = false;  // not waited for any more
    };

    struct Put {
        Item item;
        std::optional<std::int64_t> cas{};
        std::unordered_map<Contact, Holder> holders{};
        std::unordered_map<Contact, std::int64_t> seqs{};  // what they hold by now
        bool searching = true;
        std::size_t waited_for = 0;
        bool quorum_told = false;
        ItemStored outcome{};
    };

    struct Kept {
        LookupId id = 0;
        Item item;
        std::uint64_t search = 0;  // the last
        Time again_at{};
    };

    [[nodiscard]] static std::int64_t fault_of(const Item& item);
    void start(std::uint64_t search, LookupId id, Item item, std::optional<std::int64_t> cas, Now now);
    void put_again(const Key& target, Now now);
    [[nodiscard]] static std::int64_t refused_by_newer(const Put& put, const Search& search);
    [[nodiscard]] std::int64_t refused_here(const Put& put, Now now);
    void send_to(std::uint64_t id, Put& put, const std::vector<Contact>& contacts, const Search& search,
                 Now now);
    bool send(std::uint64_t id, const Put& put, const Contact& to, std::uint8_t attempt, Now now);
    Put* find(const Rpc::Pending& question);
    bool settle(Put& put, const Rpc::Pending& question);
    void finish_if_done(std::uint64_t id);
    void superseded(const Key& target, LookupId id);

    ItemStore& store_;
    Searches& searches_;
    Rpc& rpc_;
    std::uint64_t& next_id_;
    Queue<Event>& events_;
    std::unordered_map<std::uint64_t, Put> puts_;  // by search
    std::unordered_map<Key, Kept> kept_;
    std::set<std::pair<Time, Key>> again_;
};

}  // namespace dht
