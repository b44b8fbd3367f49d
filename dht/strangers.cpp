// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/strangers.h"

namespace dht {

bool Strangers::may_ask(const Endpoint& stranger, Time now) {
    if (Time* asked = asked_.find(stranger)) {
        if (now - *asked < interval) return false;
        *asked = now;
        return true;
    }
    const auto stale = [&](const auto& entry) { return now - entry.value >= interval; };
    if (!asked_.make_room(strangers_max, stale)) return false;
    asked_.add(stranger, now);
    return true;
}

}  // namespace dht
