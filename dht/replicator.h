// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "dht/crypto.h"
#include "dht/queue.h"
#include "dht/record_store.h"
#include "dht/routing_table.h"
#include "dht/rpc.h"

namespace dht {

/// Gives a newly proved node the records that it will be asked for (§2.5): those under keys that it
/// is among the k closest to. The closest of the old holders does so, a publisher for its own, and by
/// chance some others: who seems the closest may be dead, or have come too late to have the record, and all
/// would leave it to that one. Each asks what the newcomer has and sends the rest. Close means among those
/// of the newcomer's family of addresses: whoever speaks only that asks no others.
class Replicator {
public:
    Replicator(const Identity& identity, std::size_t k, const RoutingTable& table, const RecordStore& store,
               Rpc& rpc, Random& random)
        : identity_(identity), k_(k), table_(table), store_(store), rpc_(rpc), random_(random) {}

    void met(const Contact& contact, Now now);
    void answered(const Rpc::Pending& question, const Response& response, Now now);
    void dropped(const Rpc::Pending& question, Now now);

private:
    /// Copying is work in the background: it takes few of the questions that may be outstanding.
    static constexpr std::size_t running_max = 16;
    static constexpr std::size_t waiting_max = 65'536;
    /// Of twenty holders four then ask on average, and none once in a hundred times.
    static constexpr std::uint64_t one_of_others_in = 5;

    struct Job {
        Contact to;
        Key key;
    };

    [[nodiscard]] bool is_ours_to_give(const Key& key, const Contact& to);
    void start_waiting(Now now);

    const Identity& identity_;
    std::size_t k_;
    const RoutingTable& table_;
    const RecordStore& store_;
    Rpc& rpc_;
    Random& random_;
    Queue<Job> waiting_;
    std::unordered_map<std::uint64_t, Job> running_;
    std::uint64_t next_job_ = 1;
};

}  // namespace dht
