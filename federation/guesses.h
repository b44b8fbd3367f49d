// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <utility>

#include "dht/node_id.h"
#include "dht/time.h"

namespace federation {

/// How often a pin or secret may be tried. A run of the proof counts as a wrong guess from its beginning
/// until it has succeeded: whoever guesses wrong may simply fall silent.
///
/// One server has three wrong guesses, then one after a minute, two, four … up to an hour. All strangers
/// together have, for each room, twenty, and one more every ten seconds: many NodeIDs help little. A server
/// that was right once is no stranger, so that guessers do not keep out whoever belongs in.
class Guesses {
public:
    /// False: not now.
    bool begin(const std::string& room, const dht::NodeId& peer, dht::Time now) {
        forget_old(now);
        const auto entry = peers_.find({room, peer});
        const bool is_new = entry == peers_.end();
        if (!is_new && now < entry->second.not_before) return false;
        if (is_new && peers_.size() >= entries_max) return false;
        if ((is_new || !entry->second.known) && !take(room, now)) return false;
        auto& peers = peers_[{room, peer}];
        ++peers.wrong;
        peers.last = now;
        if (peers.wrong >= free_guesses) {
            const auto doubled = std::min<std::size_t>(peers.wrong - free_guesses, 6);
            peers.not_before = now + std::min(wait_max, wait_min * (1 << doubled));
        }
        return true;
    }

    void right(const std::string& room, const dht::NodeId& peer, dht::Time now) {
        const auto entry = peers_.find({room, peer});
        if (entry == peers_.end()) return;
        if (!entry->second.known) give_back(room);
        entry->second = Peer{.known = true, .wrong = 0, .last = now, .not_before = {}};
    }

    [[nodiscard]] std::size_t size() const { return peers_.size() + rooms_.size(); }

private:
    static constexpr std::size_t free_guesses = 3;
    static constexpr dht::Duration wait_min = std::chrono::minutes{1};
    static constexpr dht::Duration wait_max = std::chrono::hours{1};
    static constexpr double burst = 20;
    static constexpr double per_second = 0.1;
    static constexpr std::size_t entries_max = 10'000;  ///< then strangers must wait
    static constexpr dht::Duration memory = std::chrono::hours{2};

    struct Peer {
        bool known = false;
        std::size_t wrong = 0;
        dht::Time last{};
        dht::Time not_before{};
    };
    struct Room {
        double left = burst;
        dht::Time counted{};
    };

    bool take(const std::string& room, dht::Time now) {
        auto& entry = rooms_.try_emplace(room, Room{burst, now}).first->second;
        const std::chrono::duration<double> passed = now - entry.counted;
        entry.left = std::min(burst, entry.left + passed.count() * per_second);
        entry.counted = now;
        if (entry.left < 1) return false;
        entry.left -= 1;
        return true;
    }

    void give_back(const std::string& room) {
        if (const auto entry = rooms_.find(room); entry != rooms_.end()) entry->second.left += 1;
    }

    void forget_old(dht::Time now) {
        if (now < cleared_ + std::chrono::minutes{1}) return;
        cleared_ = now;
        std::erase_if(peers_, [&](const auto& entry) { return now - entry.second.last > memory; });
        std::erase_if(rooms_, [&](const auto& entry) { return now - entry.second.counted > memory; });
    }

    std::map<std::pair<std::string, dht::NodeId>, Peer> peers_;
    std::map<std::string, Room> rooms_;
    dht::Time cleared_{};
};

}  // namespace federation
