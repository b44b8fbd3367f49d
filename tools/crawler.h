// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "dht/prober.h"
#include "federation/record_value.h"

namespace tools {

/// What a walk through a federation has found.
struct Crawl {
    struct Node {
        dht::Contact contact;  ///< has proved its key
        dht::Duration round_trip{};
        std::unordered_set<dht::Contact> knows{};  ///< whom it has named
        std::optional<federation::NodeValue> descriptor{};
    };
    struct Record {
        std::string kind;
        std::string name;
        dht::Key key{};
        std::set<dht::NodeId> holders{};
        std::set<dht::NodeId> publishers{};
    };

    std::string federation;
    std::map<dht::Endpoint, Node> nodes{};
    /// Named by others or by the user, but silent, or of no node of this federation.
    std::map<dht::Endpoint, dht::Prober::Outcome> others{};
    std::vector<Record> records{};
    bool complete = true;  ///< not cut short by a limit
};

/// Walks a federation: asks each node that it finds for its neighbours, until nobody names anybody
/// new, and then those that must know for the nodes' descriptors and for some records. It asks
/// through a prober that its owner drives.
class Crawler {
public:
    struct Limits {
        std::size_t addresses_max = 4096;  ///< liars can name as many as they like
        std::size_t at_once = 64;          ///< gentle to the network, and to our own line
    };

    Crawler(std::string federation, Limits limits);

    void begin(const std::vector<dht::Endpoint>& endpoints);
    /// To be shown with their holders.
    void want(const std::string& kind, const std::string& name);

    /// Asks what there is to ask; call it after each answer.
    void step(dht::Prober& prober, dht::Now now);
    void handle(const dht::Prober::Answer& answer);
    [[nodiscard]] bool finished() const { return asked_.empty() && waiting_.empty() && looked_for_records_; }
    void cut_short() { crawl_.complete = false; }

    [[nodiscard]] const Crawl& found() const { return crawl_; }
    [[nodiscard]] std::size_t waiting() const { return waiting_.size() + asked_.size(); }

private:
    /// A node tells of one bucket at a time, the far ones first. After two in a row with nobody new,
    /// the nearer ones are most likely empty: they hold half of what the one before does.
    static constexpr int dry_max = 2;
    static constexpr int buckets_max = 32;
    /// Of the nodes closest to its key, a record is at nearly all.
    static constexpr std::size_t descriptor_holders = 3;
    static constexpr std::size_t record_holders = 40;

    struct Task {
        dht::Rpc::Peer whom;
        int bucket = -1;  ///< of a visit; -1: the first question
        int dry = 0;
        std::optional<dht::Key> key{};           ///< else it is a visit
        std::optional<dht::Endpoint> subject{};  ///< whose descriptor it is
        std::size_t record = 0;
    };

    void add(const dht::Rpc::Peer& peer);
    void visited(Task task, const dht::Prober::Answer& answer);
    void told(const Task& task, const dht::Prober::Answer& answer);
    void look_for_records();
    [[nodiscard]] std::vector<dht::Contact> closest(const dht::Key& key, std::size_t most) const;

    Limits limits_;
    Crawl crawl_;
    std::unordered_set<dht::Endpoint> seen_;
    std::deque<Task> waiting_;
    std::unordered_map<std::uint64_t, Task> asked_;
    bool looked_for_records_ = false;
};

}  // namespace tools
