// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>

#include "dht/item_puts.h"
#include "dht/item_store.h"
#include "dht/members.h"
#include "dht/searches.h"
#include "dht/time.h"

namespace dht {

/// Keeps a closed federation's list of revoked certificates known here, and held where it is looked for.
/// In an open one it does nothing.
class RevocationWatch {
public:
    RevocationWatch(const Members& members, Searches& searches, ItemPuts& puts, std::uint64_t& next_id)
        : members_(members), searches_(searches), puts_(puts), next_id_(next_id) {}

    /// The node has joined: it may have missed what happened meanwhile.
    void joined(Now now);
    void advance(Now now);
    /// Whether that search was the watch's own.
    [[nodiscard]] bool owns(const Search& search) const { return search.id == search_; }
    /// The list that was found, to be taken if it is newer. One that others lack is put there again.
    std::optional<Item> searched(const Search& search, Now now);
    [[nodiscard]] std::optional<Time> deadline() const;

    /// Where the list lies.
    [[nodiscard]] std::optional<Key> target() const;

private:
    /// So long who was revoked may stay with those who have not heard of it. One lookup a time.
    static constexpr Duration interval = std::chrono::minutes{5};

    const Members& members_;
    Searches& searches_;
    ItemPuts& puts_;
    std::uint64_t& next_id_;
    std::uint64_t search_ = 0;  // 0: none runs
    Time next_ = Time::max();
};

}  // namespace dht
