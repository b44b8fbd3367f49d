// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <map>

#include "dht/node_id.h"
#include "dht/time.h"

namespace gst {

/// How many offers of a peer we answer: each costs a pipeline of 7 threads, made and torn down. A
/// bucket of 8 that gains one per second; an honest peer needs one per `setup_timeout`.
class OfferLimit {
public:
    bool take(const dht::NodeId& peer, dht::Time now) {
        std::erase_if(full_at_, [now](const auto& entry) { return entry.second <= now; });
        const auto found = full_at_.find(peer);
        const auto full = (found == full_at_.end() ? now : found->second) + gain;
        if (full > now + offers_max * gain) return false;
        full_at_[peer] = full;
        return true;
    }

private:
    static constexpr int offers_max = 8;
    static constexpr dht::Duration gain = std::chrono::seconds{1};

    std::map<dht::NodeId, dht::Time> full_at_;  ///< who is not here has a full bucket
};

}  // namespace gst
