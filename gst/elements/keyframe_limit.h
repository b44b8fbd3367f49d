// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>

#include "dht/time.h"

namespace elements {

/// Many viewers ask for keyframes, each as soon as it comes or has lost something: one is made for all of
/// them, and the next not before a moment has passed, since a keyframe is many times as large as another
/// picture.
class KeyframeLimit {
public:
    static constexpr dht::Duration least_interval = std::chrono::milliseconds{250};

    /// Whether to ask the encoder now. If not, `due` tells when.
    bool ask(dht::Time now) {
        if (asked_ && now - *asked_ < least_interval) {
            held_ = true;
            return false;
        }
        asked_ = now;
        held_ = false;
        return true;
    }
    /// When one that was held back is to be asked for again.
    [[nodiscard]] std::optional<dht::Time> due() const {
        return held_ ? std::optional{*asked_ + least_interval} : std::nullopt;
    }

private:
    std::optional<dht::Time> asked_;
    bool held_ = false;
};

}  // namespace elements
