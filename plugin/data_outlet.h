// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "gst/data_message.h"

namespace plugin {

/// Data channels' messages on their way to a browser, in order. Janus takes whatever it is given and keeps
/// what its SCTP cannot send, without an end; but it says when all has been sent. So we give it a window of
/// octets and wait until it says so. From any thread.
class DataOutlet {
public:
    /// As much as Janus's SCTP has room for, twice: it may say so while the next are on their way to it.
    static constexpr std::size_t window = 128 * 1024;
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
    void ready();
    /// The browser's channels are gone, and what waits for them.
    void close();
    [[nodiscard]] bool open() const;
    /// The next to be given to Janus, if it may have more.
    std::optional<Message> next();

private:
    mutable std::mutex mutex_;
    bool open_ = false;
    std::deque<Message> waiting_;
    std::size_t octets_waiting_ = 0;
    std::size_t given_ = 0;  ///< octets since it was ready
};

}  // namespace plugin
