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
/// Whoever holds the last version is sent the next at once, with the token from last time; the
/// lookup for who is closest by now runs beside it.
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
    /// Everything anew: the network is another one than before.
    void renew_all(Now now);

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

    struct Holder {
        Bytes token;
        Time token_until{};
    };

    struct Publication {
        std::uint64_t id = 0;
        Duration lifetime{};
        Record record;
        Time refresh_at = Time::max();
        std::uint32_t round = 0;   // of signing and storing
        std::uint64_t search = 0;  // 0: done
        std::size_t waited_for = 0;
        std::unordered_map<Contact, Holder> holders;  // of this or an earlier version
        std::unordered_set<Contact> asked;            // in this round, as are
        std::unordered_set<Contact> settled;          // those not waited for any more, and
        std::unordered_set<Contact> acknowledged;     // those that hold it
    };

    void begin(Publication& publication, Now now);
    void sign_anew(Publication& publication, Now now);
    void supersede(Publication& publication, const Search& search, Now now);
    void send(Publication& publication, const Contact& to, std::string_view token, std::uint8_t attempt,
              Now now);
    void give_up(Publication& publication, const Contact& on, Now now);
    void finish_if_done(Publication& publication, Now now);
    void schedule(Publication& publication, Time at);
    Publication* find(const Rpc::Pending& question);
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
    std::map<std::pair<std::string, std::string>, PublicationId> named_;
    std::set<std::pair<Time, PublicationId>> refreshes_;
    std::uint64_t last_seq_ = 0;
};

}  // namespace dht
