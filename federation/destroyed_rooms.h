// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <deque>
#include <map>
#include <string>
#include <utility>

#include "dht/crypto.h"
#include "dht/time.h"
#include "federation/room_policy.h"

namespace federation {

/// The last word of makers who have destroyed their rooms, kept for servers that were cut off meanwhile.
/// Their word is signed: whoever has heard it can pass it on.
class DestroyedRooms {
public:
    void keep(const std::string& room, const RoomPolicy& last, dht::Now now) {
        forget_old(now);
        const Key key{room, last.key};
        if (!kept_.insert_or_assign(key, last).second) return;
        oldest_.emplace_back(now.time + memory, key);
        if (oldest_.size() > kept_max) forget_oldest();
    }

    /// If this policy is of a room that was destroyed after it was signed. Null otherwise.
    [[nodiscard]] const RoomPolicy* last_of(const std::string& room, const RoomPolicy& policy) const {
        const auto found = kept_.find({room, policy.key});
        return found != kept_.end() && supersedes(found->second, policy) ? &found->second : nullptr;
    }

    [[nodiscard]] bool empty() const { return kept_.empty(); }
    [[nodiscard]] std::size_t size() const { return kept_.size(); }

    void forget_old(dht::Now now) {
        while (!oldest_.empty() && oldest_.front().first <= now.time) forget_oldest();
    }

    /// Half a kilobyte each; as many as a server may have rooms.
    static constexpr std::size_t kept_max = 1'000;
    /// Who was cut off for longer is a room of its own, until its members leave.
    static constexpr dht::Duration memory = std::chrono::hours{1};

private:
    using Key = std::pair<std::string, dht::PublicKey>;

    void forget_oldest() {
        kept_.erase(oldest_.front().second);
        oldest_.pop_front();
    }

    std::map<Key, RoomPolicy> kept_;
    std::deque<std::pair<dht::Time, Key>> oldest_;
};

}  // namespace federation
