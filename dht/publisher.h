// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "dht/crypto.h"
#include "dht/members.h"
#include "dht/node.h"
#include "dht/queue.h"
#include "dht/record_store.h"
#include "dht/rpc.h"
#include "dht/searches.h"

namespace dht {

/// Keeps our own records where they will be looked for: at the k closest nodes, and here. Each is
/// signed anew at half its life, and replaced by a tombstone when it is withdrawn.
///
/// A lookup finds who is closest by now and what they hold; whoever will very likely be among them is
/// sent the record before it ends. What is new (another value, a tombstone) goes at once to those who
/// hold the last version, with the token from last time.
class Publisher {
public:
    Publisher(const Identity& identity, const Members& members, Duration lifetime_max, RecordStore& store,
              Searches& searches, Rpc& rpc, std::uint64_t& next_id, Queue<Event>& events)
        : identity_(identity),
          members_(members),
          lifetime_max_(lifetime_max),
          store_(store),
          searches_(searches),
          rpc_(rpc),
          next_id_(next_id),
          events_(events) {}

    PublicationId publish(std::string kind, std::string name, Bytes value, Duration lifetime, Now now);
    void withdraw(PublicationId id, Now now);
    /// Who have acknowledged it so far, in this round of storing.
    [[nodiscard]] std::size_t holders(PublicationId id) const;
    /// Everything anew: the network is another one than before.
    void renew_all(Now now);

    /// The search goes on; some are known to be close already.
    void progressed(const Search& search, Now now);
    void searched(const Search& search, Now now);
    void stored(const Rpc::Pending& question, Now now);
    void late(const Rpc::Pending& question, Now now);
    void refused(const Rpc::Pending& question, Now now);

    void advance(Now now);
    [[nodiscard]] std::optional<Time> deadline() const;

private:
    /// A second try makes up for a lost datagram; after that the next refresh does.
    static constexpr std::uint8_t attempts_max = 2;
    /// Records count in seconds: below this, rounding would eat the lifetime.
    static constexpr Duration lifetime_min = std::chrono::seconds{2};

    /// Whom nobody answers: a moment's outage is over by then, and doubled each time it soon is as
    /// seldom as the usual refresh.
    static constexpr Duration retry_first = std::chrono::seconds{1};

    /// Of this or an earlier version.
    struct Holder {
        Bytes token;
        Time token_until{};
        // In this round:
        bool asked = false;
        bool settled = false;   // not waited for any more
        bool holds = false;     // has acknowledged it
        bool outdated = false;  // was asked with a token of last time, which it may have forgotten since
        bool renewed = false;   // has given another one since then
    };

    struct Publication {
        std::uint64_t id = 0;
        Duration lifetime{};
        Record record;
        Bytes encoded;
        std::uint64_t seq_before = 0;  // of the version before; 0: there was none
        Time refresh_at = Time::max();
        Duration retry{};  // after that, if nobody holds it again
        std::unordered_map<Contact, Holder> holders;
        enum class Held : std::uint8_t { never, yes, lost } held = Held::never;

        std::uint32_t round = 0;   // of signing and storing; in it:
        std::uint64_t search = 0;  // 0: done
        std::size_t waited_for = 0;
        std::size_t acknowledged = 0;
        bool anybody = false;  // has answered the search
        bool quorum_told = false;
        bool superseded_told = false;
    };

    Publication& named(const std::string& kind, const std::string& name);
    enum class Why : std::uint8_t { changed, due };
    void begin(Publication& publication, Why why, Now now);
    void sign_anew(Publication& publication, Now now);
    void supersede(Publication& publication, const Search& search, Now now);
    void send_to_holders(Publication& publication, Now now);
    void store_at(Publication& publication, const std::vector<Contact>& contacts, const Search& search,
                  Now now);
    void send(Publication& publication, const Contact& to, Holder& holder, std::uint8_t attempt, Now now);
    void settle(Publication& publication, Holder& holder, Now now);
    void conclude_if_done(Publication& publication, Now now);
    void nobody_holds(Publication& publication, Now now);
    void schedule(Publication& publication, Time at);
    Publication* find(const Rpc::Pending& question);
    static Holder* holder(Publication& publication, const Rpc::Pending& question);
    void send_again(Publication& publication, const Contact& to, Holder& holder, Now now);
    std::uint64_t next_seq(Date now);

    const Identity& identity_;
    const Members& members_;
    Duration lifetime_max_;
    RecordStore& store_;
    Searches& searches_;
    Rpc& rpc_;
    std::uint64_t& next_id_;
    Queue<Event>& events_;

    std::unordered_map<PublicationId, Publication> publications_;
    std::map<std::pair<std::string, std::string>, PublicationId> named_;  // also what is being withdrawn
    std::set<std::pair<Time, PublicationId>> refreshes_;
    std::uint64_t last_seq_ = 0;
};

}  // namespace dht
