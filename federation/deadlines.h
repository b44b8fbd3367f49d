// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "dht/time.h"

namespace federation {

/// One alarm per key; the earliest is found without looking at all, for there may be ten thousand.
template <class Key>
class Deadlines {
public:
    void set(const Key& key, dht::Time when) {
        clear(key);
        by_key_.emplace(key, when);
        by_time_.emplace(when, key);
    }

    void clear(const Key& key) {
        const auto found = by_key_.find(key);
        if (found == by_key_.end()) return;
        by_time_.erase({found->second, key});
        by_key_.erase(found);
    }

    [[nodiscard]] bool has(const Key& key) const { return by_key_.contains(key); }

    [[nodiscard]] std::optional<dht::Time> next() const {
        if (by_time_.empty()) return {};
        return by_time_.begin()->first;
    }

    /// A key whose alarm is due, which is cleared.
    std::optional<Key> pop_due(dht::Time now) {
        if (by_time_.empty() || by_time_.begin()->first > now) return {};
        auto key = by_time_.begin()->second;
        clear(key);
        return key;
    }

private:
    std::map<Key, dht::Time> by_key_;
    std::set<std::pair<dht::Time, Key>> by_time_;
};

/// The earlier of two that may be absent.
inline std::optional<dht::Time> earlier(std::optional<dht::Time> a, std::optional<dht::Time> b) {
    if (!a) return b;
    if (!b) return a;
    return *a < *b ? a : b;
}

}  // namespace federation
