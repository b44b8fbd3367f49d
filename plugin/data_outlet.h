// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "dht/time.h"
#include "gst/data_message.h"

namespace plugin {

/// Data channels' messages on their way to a browser, in order. Janus takes whatever it is given and keeps
/// what its SCTP cannot send, without an end; but it says when the browser has acknowledged all. So we give
/// it a window of octets and wait until it says so. A call's voice leaves through the same socket, which
/// drops what it has no room for: the window is no larger than the path's round trip needs. From any thread.
class DataOutlet {
public:
    /// The least is two of a browser's pieces, and with what the kernel adds to each packet half of a
    /// socket's room (208 KiB by default). With the most 2.5 MB/s pass a path of 50 ms.
    static constexpr std::size_t window_min = 32 * 1024, window_max = 128 * 1024;
    /// A window that is acknowledged later than this may grow, one that is sooner shrink.
    static constexpr dht::Duration slow = std::chrono::milliseconds{20},
                                   quick = std::chrono::milliseconds{10};
    /// What may wait for a browser that takes it slowly; the same may wait on the other side of the trunk.
    static constexpr std::size_t waiting_max = gst::data_buffered_max;

    struct Message {
        std::string label, protocol;
        bool binary = false;
        std::vector<std::uint8_t> bytes;
    };

    /// False when too much waits.
    bool add(const gst::DataMessage& message);
    /// Janus has sent all that it was given. The first time: the browser's channel is open.
    void ready(dht::Time now);
    /// The browser's channels are gone, and what waits for them.
    void close();
    [[nodiscard]] bool open() const;
    /// The next to be given to Janus, if it may have more.
    std::optional<Message> next(dht::Time now);

private:
    mutable std::mutex mutex_;
    bool open_ = false;
    std::deque<Message> waiting_;
    std::size_t octets_waiting_ = 0;
    std::size_t given_ = 0;  ///< octets since it was ready
    dht::Time given_at_{};   ///< the first of them
    std::size_t window_ = window_min;
};

}  // namespace plugin
