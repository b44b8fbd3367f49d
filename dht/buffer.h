// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace dht {

/// Where a datagram, or a part of one, is written. Its room is fixed, so that to append is to copy and
/// nothing else: a busy node does little but that.
class Buffer {
public:
    // Not defaulted: `Buffer{}` would then clear the room, which costs more than to fill it.
    Buffer() {}

    /// What does not fit is left out, and then `text` is empty: a datagram that long is none of ours.
    void append(const char* from, std::size_t size) {
        if (size > room_.size() - size_) {
            overflown_ = true;
            return;
        }
        std::copy_n(from, size, room_.data() + size_);
        size_ += size;
    }
    void append(std::string_view octets) { append(octets.data(), octets.size()); }

    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] std::string_view text() const {
        return overflown_ ? std::string_view{} : std::string_view{room_.data(), size_};
    }

private:
    /// What an Ethernet carries; ours end at 1,200 octets.
    static constexpr std::size_t bytes_max = 1500;

    std::size_t size_ = 0;
    bool overflown_ = false;
    std::array<char, bytes_max> room_;
};

}  // namespace dht
