// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>

#include "dht/endpoint.h"
#include "dht/flat_map.h"
#include "dht/time.h"

namespace dht {

/// Those who have queried us and whom we ask something back, which forged senders could abuse: so
/// not often, and not many.
class Strangers {
public:
    /// Whether it may be asked now; it then counts as asked.
    bool may_ask(const Endpoint& stranger, Time now);

private:
    static constexpr Duration interval = std::chrono::seconds{5};
    /// Under examination at once: forged senders must not fill our memory.
    static constexpr std::size_t strangers_max = 1024;

    FlatMap<Endpoint, Time> asked_;
};

}  // namespace dht
