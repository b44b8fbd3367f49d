// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>

#include "dht/item.h"
#include "dht/item_store.h"
#include "dht/node.h"
#include "dht/queue.h"
#include "dht/rpc.h"
#include "dht/searches.h"

namespace dht {

/// Our puts of items (BEP 44) that are under way: finds the closest nodes and what they hold by now,
/// sends them the item with the tokens that they gave, and tells how many took it. Then the item is
/// forgotten: to put it again every hour is up to whoever wants it kept.
class ItemPuts {
public:
    ItemPuts(ItemStore& store, Searches& searches, Rpc& rpc, std::uint64_t& next_id, Queue<Event>& events)
        : store_(store), searches_(searches), rpc_(rpc), next_id_(next_id), events_(events) {}

    LookupId put(Item item, std::optional<std::int64_t> cas, Now now);

    void searched(const Search& search, Now now);
    void stored(const Rpc::Pending& question);
    void late(const Rpc::Pending& question, Now now);
    /// `code`: of the error that came; 0: none did.
    void refused(const Rpc::Pending& question, std::int64_t code);

private:
    /// With the longest salt, key, signature and token in one datagram, and later with a proof in an
    /// answer: less than BEP 44 allows.
    static constexpr std::size_t mutable_value_bytes_max = 768;

    /// A second try makes up for a lost datagram.
    static constexpr std::uint8_t attempts_max = 2;

    struct Holder {
        Bytes token;
        bool settled = false;  // not waited for any more
    };

    struct Put {
        Item item;
        std::optional<std::int64_t> cas;
        std::unordered_map<Contact, Holder> holders;
        std::unordered_map<Contact, std::int64_t> seqs;  // what they hold by now
        std::size_t waited_for = 0;
        ItemStored outcome;
    };

    [[nodiscard]] std::int64_t refused_beforehand(const Put& put, const Search& search, Now now);
    bool send(std::uint64_t id, const Put& put, const Contact& to, std::uint8_t attempt, Now now);
    Put* find(const Rpc::Pending& question);
    bool settle(Put& put, const Rpc::Pending& question);
    void finish_if_done(std::uint64_t id);
    void fail(LookupId id, ErrorCode code);

    ItemStore& store_;
    Searches& searches_;
    Rpc& rpc_;
    std::uint64_t& next_id_;
    Queue<Event>& events_;
    std::unordered_map<std::uint64_t, Put> puts_;
};

}  // namespace dht
