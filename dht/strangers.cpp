// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/strangers.h"

namespace dht {

bool Strangers::may_ask(const Endpoint& stranger, Time now) {
    if (asked_.size() >= strangers_max) {
        std::erase_if(asked_, [&](const auto& entry) { return now - entry.second >= interval; });
        if (asked_.size() >= strangers_max) return false;
    }
    const auto [entry, added] = asked_.try_emplace(stranger, now);
    if (!added && now - entry->second < interval) return false;
    entry->second = now;
    return true;
}

}  // namespace dht
