// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "dht/time.h"

namespace elements {

/// How much an encoder may send, so that every viewer can follow: one picture is encoded for all of them, so
/// the least of what they report, within bounds.
class BitrateTarget {
public:
    struct Bounds {
        std::uint64_t least = 0, first = 0, most = 0;  ///< bit/s; `first` while nobody has reported
    };
    /// A viewer that reports nothing any more holds nobody back. Browsers report every second.
    static constexpr dht::Duration report_lifetime = std::chrono::seconds{5};
    /// Up by at most this share a second, since a way that was once full fills again; down at once.
    static constexpr double growth = 1.08;
    static constexpr std::chrono::seconds growth_period{1};

    explicit BitrateTarget(Bounds bounds) { set_bounds(bounds); }

    void set_bounds(Bounds bounds);
    void reported(const std::string& viewer, std::uint64_t bits, dht::Time now);
    void left(const std::string& viewer) { reports_.erase(viewer); }
    /// The target, if it is worth changing the encoder's: by more than a twentieth.
    std::optional<std::uint64_t> change(dht::Time now);
    /// Whether time alone will change it: it has to grow, or a report to be forgotten.
    [[nodiscard]] bool is_moving() const { return !reports_.empty() || is_worth_it(bounds_.first); }
    [[nodiscard]] std::uint64_t current() const { return current_; }

private:
    struct Report {
        std::uint64_t bits = 0;
        dht::Time at{};
    };
    [[nodiscard]] std::uint64_t wanted(dht::Time now);
    [[nodiscard]] bool is_worth_it(std::uint64_t next) const;

    Bounds bounds_{};
    std::uint64_t current_ = 0;
    std::optional<dht::Time> grown_;
    std::map<std::string, Report> reports_;
};

}  // namespace elements
