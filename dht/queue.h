// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace dht {

/// First in, first out. Of these a node has several that are nearly always empty: then they hold no memory,
/// where a `std::deque` would hold half a kibibyte.
template <class T>
class Queue {
public:
    [[nodiscard]] bool empty() const { return taken_ == waiting_.size(); }
    [[nodiscard]] std::size_t size() const { return waiting_.size() - taken_; }

    [[nodiscard]] auto begin() const { return waiting_.begin() + static_cast<std::ptrdiff_t>(taken_); }
    [[nodiscard]] auto end() const { return waiting_.end(); }

    void push_back(T element) { waiting_.push_back(std::move(element)); }
    template <class... Arguments>
    void emplace_back(Arguments&&... arguments) {
        waiting_.emplace_back(std::forward<Arguments>(arguments)...);
    }

    [[nodiscard]] T& front() { return waiting_[taken_]; }
    void pop_front() {
        ++taken_;
        if (empty()) {
            clear();
        } else if (taken_ > waiting_.size() / 2) {
            forget_taken();
        }
    }

    template <class Predicate>
    void erase_if(Predicate predicate) {
        forget_taken();
        std::erase_if(waiting_, predicate);
    }

    void clear() {
        taken_ = 0;
        if (waiting_.capacity() * sizeof(T) > kept_bytes_max) {
            waiting_ = {};
        } else {
            waiting_.clear();
        }
    }

private:
    /// A few elements' room is kept, since most queues that fill will fill again.
    static constexpr std::size_t kept_bytes_max = 512;

    void forget_taken() {
        waiting_.erase(waiting_.begin(), begin());
        taken_ = 0;
    }

    std::vector<T> waiting_;  // and before them those that were taken
    std::size_t taken_ = 0;
};

}  // namespace dht
