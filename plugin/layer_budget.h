// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <vector>

#include "dht/time.h"
#include "plugin/layer_selector.h"

namespace plugin {

/// Bits per second of each layer of a picture: of each size, what each temporal layer adds.
struct LayerRates {
    static constexpr int temporals = 3;
    static constexpr std::size_t count = std::size_t{simulcast_layers} * temporals;

    std::array<std::uint64_t, count> bits{};

    /// Layers beyond those that are told apart count with the last.
    static constexpr std::size_t index(int size, int temporal) {
        return static_cast<std::size_t>(std::clamp(size, 0, simulcast_layers - 1) * temporals +
                                        std::clamp(temporal, 0, temporals - 1));
    }
    [[nodiscard]] std::uint64_t of(int size, int temporal) const { return bits.at(index(size, temporal)); }
    bool operator==(const LayerRates&) const = default;
};

/// Which layers the pictures of one subscriber get, so that together they fit into what its path carries.
/// What does not fit gives way at once, the largest first. It comes back one step at a time, as many pictures
/// at once as are known to fit, otherwise one, and more rarely after each time that it was too much: a
/// subscriber's estimate hardly exceeds what it is sent, so that trying is the only way to find out.
class LayerBudget {
public:
    /// The size of a picture (of a simulcast, or in space), and how many a second of it.
    struct Share {
        int size = simulcast_layers - 1;
        int temporal = LayerRates::temporals - 1;
        auto operator<=>(const Share&) const = default;
    };
    struct Picture {
        LayerRates rates{};   ///< as last seen; 0: it has not come so far
        Share most{};         ///< the client wants no more
        bool nested = false;  ///< larger sizes need the smaller ones (SVC)
        bool sized = true;    ///< false: there is one size only
    };

    /// What each gets, in the order of `pictures`. `limit`: bits per second, if any is known; `rest`: what
    /// must go beside the pictures.
    std::vector<Share> share(std::optional<std::uint64_t> limit, std::uint64_t rest,
                             const std::vector<Picture>& pictures, dht::Time now);

private:
    /// Before a larger layer is tried: as long as an estimate takes to settle.
    static constexpr dht::Duration wait_min = std::chrono::seconds{4};
    static constexpr dht::Duration wait_max = std::chrono::seconds{64};
    /// What goes on for so long after it was tried has been right.
    static constexpr dht::Duration proved_after = std::chrono::seconds{10};
    /// A path that carries so many times what it did is another one: what was too much then may not be now.
    static constexpr std::uint64_t another_path = 2;
    /// There must be so much more than is needed: pictures differ in size.
    static constexpr double margin = 1.15;

    /// What a picture may be, from the least on.
    struct Ladder {
        struct Step {
            Share share;
            std::uint64_t rate;
        };
        std::vector<Step> steps;
        std::size_t at = 0;
        [[nodiscard]] std::uint64_t rate() const { return steps[at].rate; }
        [[nodiscard]] const Share& share() const { return steps[at].share; }
    };
    static Ladder ladder(const Picture& picture, const Share& chosen);
    [[nodiscard]] static std::uint64_t needed(std::uint64_t rest, const std::vector<Ladder>& ladders);
    bool fall(std::uint64_t limit, std::uint64_t rest, std::vector<Ladder>& ladders);
    void rise(std::uint64_t limit, std::uint64_t rest, std::vector<Ladder>& ladders, dht::Time now);

    std::vector<Share> chosen_;
    dht::Duration wait_ = wait_min;
    std::uint64_t fell_to_ = 0;  ///< the limit when something was too much the last time
    dht::Time changed_{};
    std::optional<dht::Time> tried_;  ///< a larger layer, not proved yet
};

}  // namespace plugin
