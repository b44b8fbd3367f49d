// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "dht/time.h"
#include "plugin/layer_selector.h"

namespace plugin {

/// Bits per second of each layer of a simulcast.
using LayerRates = std::array<std::uint64_t, simulcast_layers>;

/// Which layers the pictures of one subscriber get, so that together they fit into what its path carries.
/// What does not fit gives way at once, the largest first; it comes back one step at a time, and more rarely
/// after each time that it was too much: a subscriber's estimate hardly exceeds what it is sent, so that
/// trying is the only way to find out.
class LayerBudget {
public:
    struct Picture {
        LayerRates rates{};               ///< as last seen; 0: it has not come so far
        int most = simulcast_layers - 1;  ///< the client wants no larger one
    };

    /// The largest layer of each, in the order of `pictures`. `limit`: bits per second, if any is known;
    /// `rest`: what must go beside the pictures.
    std::vector<int> share(std::optional<std::uint64_t> limit, std::uint64_t rest,
                           const std::vector<Picture>& pictures, dht::Time now);

private:
    /// Before a larger layer is tried: as long as an estimate takes to settle.
    static constexpr dht::Duration wait_min = std::chrono::seconds{4};
    static constexpr dht::Duration wait_max = std::chrono::seconds{64};
    /// What goes on for so long after it was tried has been right.
    static constexpr dht::Duration proved_after = std::chrono::seconds{10};
    /// There must be so much more than is needed: pictures differ in size.
    static constexpr double margin = 1.15;

    [[nodiscard]] int level(std::size_t picture, const std::vector<Picture>& pictures) const;
    [[nodiscard]] std::uint64_t needed(std::uint64_t rest, const std::vector<Picture>& pictures) const;
    bool fall(std::uint64_t limit, std::uint64_t rest, const std::vector<Picture>& pictures);
    void rise(std::uint64_t limit, std::uint64_t rest, const std::vector<Picture>& pictures, dht::Time now);

    std::vector<int> levels_;
    dht::Duration wait_ = wait_min;
    dht::Time changed_{};
    std::optional<dht::Time> tried_;  ///< a larger layer, not proved yet
};

}  // namespace plugin
