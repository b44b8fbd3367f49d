// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <utility>
#include <vector>

namespace dht {

/// A hash table for many small entries that go by themselves, many at a time: they lie end to end in one
/// block, which a node-based map would spread over as many allocations. What `find` gives is good until the
/// next entry is added or erased.
///
/// Whoever uses it bounds it: below `entries_max`.
template <class Key, class Value>
class FlatMap {
public:
    struct Entry {
        Key key;
        Value value;
    };
    static constexpr std::size_t entries_max = std::numeric_limits<std::uint16_t>::max();

    [[nodiscard]] std::size_t size() const { return entries_.size(); }
    [[nodiscard]] auto begin() const { return entries_.begin(); }
    [[nodiscard]] auto end() const { return entries_.end(); }

    [[nodiscard]] Value* find(const Key& key) {
        const auto place = places_.empty() ? 0 : places_[place_of(key)];
        return place == 0 ? nullptr : &entries_[place - 1].value;
    }
    [[nodiscard]] const Value* find(const Key& key) const { return const_cast<FlatMap*>(this)->find(key); }

    /// The value of a key that is not there yet.
    Value& add(const Key& key, Value value) {
        assert(find(key) == nullptr);
        assert(entries_.size() < entries_max);
        if (is_full()) grow();
        entries_.push_back({key, std::move(value)});
        if (4 * entries_.size() > 3 * places_.size()) {
            rebuild();
        } else {
            places_[place_of(key)] = static_cast<std::uint16_t>(entries_.size());
        }
        return entries_.back().value;
    }

    template <class Stale>
    void erase_if(Stale stale) {
        if (std::erase_if(entries_, stale) == 0) return;
        if (2 * entries_.size() < entries_.capacity()) entries_.shrink_to_fit();
        rebuild();
    }

    /// Whether there is room for one more among `most`. Before the table grows, those go that are `stale`: so
    /// it is about as large as what is in use.
    template <class Stale>
    bool make_room(std::size_t most, Stale stale) {
        if (!is_full() && size() < most) return true;
        erase_if(stale);
        grow();
        return size() < most;
    }

private:
    [[nodiscard]] bool is_full() const { return entries_.size() == entries_.capacity(); }

    /// A vector would double: half of many a table would be empty.
    void grow() { entries_.reserve(entries_.size() + entries_.size() / 4 + 4); }

    /// Where the key is, or would be.
    [[nodiscard]] std::size_t place_of(const Key& key) const {
        const auto mask = places_.size() - 1;
        auto place = std::hash<Key>{}(key)&mask;
        while (places_[place] != 0 && entries_[places_[place] - 1].key != key) place = (place + 1) & mask;
        return place;
    }

    void rebuild() {
        std::size_t places = 8;
        while (3 * places < 4 * entries_.size()) places *= 2;
        places_.assign(places, 0);
        places_.shrink_to_fit();
        for (std::size_t i = 0; i < entries_.size(); ++i) {
            places_[place_of(entries_[i].key)] = static_cast<std::uint16_t>(i + 1);
        }
    }

    std::vector<Entry> entries_;
    std::vector<std::uint16_t>
        places_;  // by hash, a power of two of them: one more than the index; 0: nobody
};

}  // namespace dht
