// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "dht/node.h"
#include "federation/config.h"
#include "federation/deadlines.h"

namespace federation {

/// Records under names that many servers may share (room/NAME, stream/NAME): keeps our own published, and
/// finds everybody's. Who may have a name is not decided here; for users, directory.h does.
class Bulletin {
public:
    /// A record of ours can be found: others hold it, or there are none. Once for each name, until it is
    /// withdrawn.
    struct Held {
        std::string kind;
        std::string name;
    };
    struct Found {
        std::uint64_t find = 0;
        std::string kind;
        std::string name;
        /// Our own is left out. Nothing: those who answered in time have none, or there are too many lookups.
        std::optional<std::vector<dht::Record>> records;
    };
    using Event = std::variant<Held, Found>;

    Bulletin(dht::Node& node, const Config& config);

    /// Again: with another value.
    void publish(std::string_view kind, const std::string& name, dht::Bytes value, dht::Now now);
    void withdraw(std::string_view kind, const std::string& name, dht::Now now);
    [[nodiscard]] bool publishes(std::string_view kind, const std::string& name) const;
    [[nodiscard]] std::size_t size() const { return ours_.size(); }
    /// `Found` follows, within `lookup_timeout`.
    std::uint64_t find(std::string_view kind, const std::string& name, dht::Now now);

    void handle(const dht::ValuesFound& found);
    void handle(const dht::Stored& stored);
    void advance(dht::Now now);
    /// Withdraws everything.
    void shut_down(dht::Now now);
    std::optional<Event> poll_event();
    [[nodiscard]] std::optional<dht::Time> deadline() const { return ends_.next(); }

private:
    using Name = std::pair<std::string, std::string>;  ///< kind, name
    struct Publication {
        dht::PublicationId id;
        bool held = false;
    };

    void ended(dht::LookupId lookup, const dht::ValuesFound* found, bool all_heard);

    dht::Node& node_;
    const Config& config_;
    std::map<Name, Publication> ours_;
    std::unordered_map<dht::PublicationId, Name> names_;
    std::unordered_map<dht::LookupId, Found> lookups_;
    Deadlines<dht::LookupId> ends_;
    std::uint64_t finds_ = 0;
    std::deque<Event> events_;
};

}  // namespace federation
