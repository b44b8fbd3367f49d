// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "plugin/mlines.h"
#include "plugin/recording.h"

namespace plugin {

/// What rooms need of the server they are at.
class RoomHost {
public:
    virtual ~RoomHost() = default;
    /// From any thread: runs `task` on the loop, unless the plugin has stopped by then.
    virtual void post_to_loop(std::function<void()> task) = 0;
    virtual void run_later(std::chrono::milliseconds delay, std::function<void()> task) = 0;
    virtual std::uint64_t chance() = 0;
    /// As of the Gateway.
    [[nodiscard]] virtual bool signs_tokens() const = 0;
    [[nodiscard]] virtual bool is_signed(const std::string& token, const std::string& descriptor) const = 0;
    /// Begins to record; `base` is a path without its end.
    virtual std::shared_ptr<Recording> record_feed(const std::string& base, const std::vector<MLine>& mlines,
                                                   bool encrypted) = 0;
};

}  // namespace plugin
