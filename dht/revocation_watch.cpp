// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/revocation_watch.h"

#include <algorithm>

namespace dht {

std::optional<Key> RevocationWatch::target() const {
    const auto authority = members_.authority();
    return authority ? std::optional{target_of(*authority, revocations_salt)} : std::nullopt;
}

void RevocationWatch::joined(Now now) {
    if (members_.closed()) next_ = now.time;
}

void RevocationWatch::advance(Now now) {
    if (now.time < next_) return;
    next_ = now.time + interval;
    search_ = next_id_++;
    searches_.start(search_, Search::For::item, 0, *target(), now, {.salt = Bytes{revocations_salt}});
}

std::optional<Item> RevocationWatch::searched(const Search& search, Now now) {
    search_ = 0;
    const Item* own = members_.revoked();
    const auto found = search.item ? search.item->seq : 0;
    if (own != nullptr && !members_.certificate().empty()) {
        const auto holders = std::count_if(search.seqs.begin(), search.seqs.end(),
                                           [&](const auto& holder) { return holder.second >= own->seq; });
        // Items live for two hours, and their holders come and go.
        const bool thin = 2 * static_cast<std::size_t>(holders) < search.lookup.closest().size();
        if (found < own->seq || (found == own->seq && thin)) puts_.put(*own, std::nullopt, now);
    }
    return search.item;
}

std::optional<Time> RevocationWatch::deadline() const {
    return next_ == Time::max() ? std::nullopt : std::optional{next_};
}

}  // namespace dht
