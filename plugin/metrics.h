// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "federation/reason.h"
#include "gst/trunks.h"
#include "plugin/rooms.h"

namespace plugin {

/// Writes Prometheus's text format (version 0.0.4): families, each with its samples.
class Exposition {
public:
    using Labels = std::vector<std::pair<const char*, std::string>>;

    /// `type` is counter, gauge or histogram. What follows are its samples.
    void family(const char* name, const char* type, const char* help);
    void sample(double value, const Labels& labels = {}, const char* suffix = "");
    [[nodiscard]] const std::string& text() const { return text_; }

private:
    std::string name_, text_;
};

/// Counts what has happened since the plugin's start. On the loop.
class Metrics {
public:
    void user_registered() { ++registered_; }
    void user_refused(federation::Reason reason) { ++refused_[reason]; }
    /// After `setup` of looking up, dialling and inviting, the callee's phone rings.
    void call_rings(std::chrono::microseconds setup);
    void call_ended(bool outgoing, federation::Reason reason) { ++ended_[{outgoing, reason}]; }
    /// `result`: connected, bridged, failed.
    void direct_call(const char* result) { ++direct_[result]; }
    void link_opened() { ++links_opened_, ++links_; }
    void link_closed(federation::Reason reason);
    void trunk_up() { ++trunks_up_; }
    void trunk_failed(federation::Reason reason) { ++trunks_failed_[reason]; }

    /// What there is at this moment.
    struct Now {
        std::string version;
        std::size_t contacts = 0, records = 0, sessions = 0, users = 0, calls = 0, local_lanes = 0;
        std::vector<gst::TrunkStats> trunks;
        Rooms::Population rooms{};
        std::size_t feeds_in = 0, feeds_out = 0;  ///< feeds of rooms that cross, from and to other servers
        bool draining = false;
        std::chrono::seconds clock_ahead{0};
        std::size_t clocks_wrong = 0;
    };
    [[nodiscard]] std::string text(const Now& now) const;

private:
    static void write_rooms(Exposition& out, const Now& now);
    void write_calls(Exposition& out) const;
    void write_signalling(Exposition& out) const;

    /// In seconds: a call inside one server takes a millisecond, one to a server that must be dialled some
    /// tens; then come round trips and retries.
    static constexpr std::array buckets = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                           0.25,  0.5,    1.0,   2.5,  5.0,   10.0};

    using ByReason = std::map<federation::Reason, std::uint64_t>;
    std::uint64_t registered_ = 0, links_opened_ = 0, links_ = 0, trunks_up_ = 0;
    ByReason refused_, links_failed_, trunks_failed_;
    std::map<std::pair<bool, federation::Reason>, std::uint64_t> ended_;
    std::map<std::string, std::uint64_t> direct_;
    std::array<std::uint64_t, buckets.size()> setups_{};  ///< of at most so much, each
    std::uint64_t setups_in_all_ = 0;
    double setup_seconds_ = 0;
};

}  // namespace plugin
