// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "dht/density.h"
#include "dht/item.h"
#include "dht/members.h"
#include "dht/paths.h"
#include "dht/queue.h"
#include "dht/record.h"
#include "dht/record_store.h"
#include "dht/routing_table.h"
#include "dht/rpc.h"

namespace dht {

/// What a search is content with.
struct Wanted {
    Bytes salt{};                       ///< of an item
    std::optional<std::int64_t> seq{};  ///< of an item: only newer ones than that
    bool first = false;                 ///< the records of the first holder, not of all
    std::optional<NodeId> publisher{};  ///< then only a record of that one is a find
};

/// A lookup and what it gathers on its way.
struct Search {
    enum class For : std::uint8_t {
        nodes,
        values,
        publication,
        renewal,  ///< of a publication, for which nobody waits
        item,
        put,
        joining,
        refresh,
    };

    struct Page {
        Bytes cursor;
        std::size_t number = 1;
    };

    std::uint64_t id = 0;
    For what = For::nodes;
    std::uint64_t owner = 0;  ///< the publication or the put, if it is for one
    Paths lookup;
    std::map<PublicKey, Record> records{};  ///< the newest of each publisher, tombstones among them
    std::unordered_map<Contact, Bytes> tokens{};
    std::unordered_map<Endpoint, Page> cursors{};  ///< pages that are asked for
    Wanted wanted{};
    std::optional<Item> item{};                        ///< the newest
    std::unordered_map<Contact, std::int64_t> seqs{};  ///< who holds which of a mutable item
};

/// All searches that run. No more than a few at once: the rest wait in line, so that publishing
/// ten thousand users is no flood. Renewals have a line of their own, and let others pass.
class Searches {
public:
    Searches(const NodeId& self, Members& members, Paths::Limits limits, Duration lifetime_max,
             const RecordStore& store, RoutingTable& table, Rpc& rpc)
        : self_(self),
          members_(members),
          limits_(limits),
          density_(self, limits.path.k),
          lifetime_max_(lifetime_max),
          store_(store),
          table_(table),
          rpc_(rpc) {}

    /// In line, or now if there is no line and nothing holds it.
    void start(std::uint64_t id, Search::For what, std::uint64_t owner, const NodeId& target, Now now,
               Wanted wanted = {});
    /// One for values that runs ends here, with what it has found. Nothing if it does not run, or nobody has
    /// answered.
    std::optional<Search> give_up(std::uint64_t id, Now now);
    /// While the node is finding its place, a search would find nobody.
    void hold(bool held, Now now);

    void answered(const Rpc::Pending& question, const Response& response, const std::vector<Contact>& closer,
                  Now now);
    void slow(const Rpc::Pending& question, Now now);
    void late(const Rpc::Pending& question, Now now);
    void failed(const Rpc::Pending& question, Now now);

    /// One for a publication or a put that has had an answer and goes on. Valid until the next answer.
    const Search* take_progressed();
    std::optional<Search> take_finished();

private:
    /// Each has up to k questions under way: together well below the bound on those.
    static constexpr std::size_t running_max = 32;
    /// A server renews its thousand users together. Whoever calls meanwhile finds a free place.
    static constexpr std::size_t running_max_to_renew = 24;
    /// Far more than fit on the pages of one honest peer.
    static constexpr std::size_t records_max = 1024;
    /// Of one holder, who may keep as many records under a key, each on a page.
    static constexpr std::size_t pages_max = 256;

    struct Waiting {
        std::uint64_t id;
        Search::For what;
        std::uint64_t owner;
        NodeId target;
        Wanted wanted;
    };

    [[nodiscard]] std::vector<Contact> seeds(const NodeId& target) const;
    void run(Waiting waiting, Now now);
    void step(Search& search, Now now);
    void ask(Search& search, Now now);
    bool goes_another_way(Search& search);
    [[nodiscard]] bool seems_led_astray(const Search& search) const;
    [[nodiscard]] bool may_run(Search::For what) const;
    [[nodiscard]] Queue<Waiting>& line(Search::For what);
    void start_waiting(Now now);
    [[nodiscard]] static Query query_of(const Search& search);
    void gather(Search& search, const bencode::Value& records, Now now);
    static void gather_item(Search& search, const Contact& from, const ItemFields& fields);
    void turn_page(Search& search, const Rpc::Pending& question, const Response& response, Now now);
    Search* find(const Rpc::Pending& question);

    NodeId self_;
    Members& members_;
    Paths::Limits limits_;
    Density density_;
    Duration lifetime_max_;
    const RecordStore& store_;
    RoutingTable& table_;
    Rpc& rpc_;
    std::unordered_map<std::uint64_t, Search> running_;
    std::vector<std::uint64_t> progressed_;
    Queue<Waiting> waiting_;
    Queue<Waiting> waiting_to_renew_;
    Queue<Search> finished_;
    bool held_ = false;
    bool starting_ = false;
};

}  // namespace dht
