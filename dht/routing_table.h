// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "dht/contact.h"
#include "dht/crypto.h"
#include "dht/time.h"

namespace dht {

/// Kademlia's k-buckets (§2.2) with replacement caches (§4.1), holding only contacts that have
/// answered from their address and proved their key.
///
/// Old contacts stay: a newcomer to a full bucket waits in the cache until one has failed to answer
/// twice. Nothing is evicted for one loss, nor for anything that was not asked for. A contact that
/// fails with nobody to replace it is kept and asked again ever more seldom; meanwhile it is handed to
/// nobody. So that a cut network finds itself again in seconds, however long it was cut, one of the silent
/// is felt for all the time, and once one is back all the others are asked.
class RoutingTable {
public:
    struct Policy {
        std::size_t k = 20;          ///< in a bucket, of each family of addresses
        std::size_t per_subnet = 2;  ///< of one /24 or /64 in a bucket, against Sybils
        bool exempt_private = true;  ///< the operator's own network is no attacker
    };

    RoutingTable(const NodeId& self, Policy policy, Random& random);

    /// A proved contact has answered. Whether it is newly in a bucket.
    bool answered(const Contact& contact, Time now);
    /// It did not answer a query.
    void failed(const Contact& contact, Time now);
    /// It does not belong here any more.
    void remove(const NodeId& id);
    /// A lookup for `target` runs: its bucket needs no refresh for a while.
    void looked_up(const NodeId& target, Time now);

    /// Whether a stranger is worth the question that would prove it.
    [[nodiscard]] bool wants(const Contact& contact) const;
    [[nodiscard]] bool holds(const Contact& contact) const;
    /// It has been silent to us lately, whatever others say of it; we ping it now and then.
    [[nodiscard]] bool suspects(const Contact& contact) const;

    /// The `count` nearest to `target` that are thought alive, nearest first.
    void closest(const NodeId& target, std::size_t count, std::vector<Contact>& out,
                 Families families = {}) const;

    struct Near {
        std::uint64_t distance;  // leading_distance
        const Contact* contact;
    };
    /// The same where they are; until the table is changed, or a table is asked again.
    [[nodiscard]] std::span<const Near> closest(const NodeId& target, std::size_t count,
                                                Families families) const;
    [[nodiscard]] std::vector<Contact> contacts() const;
    /// How many are thought alive.
    [[nodiscard]] std::size_t size() const { return alive_; }

    /// A suspect to ping now; call until there is none.
    std::optional<Contact> take_suspect(Time now);
    /// One of the suspects, now and then: its silence is no failure (`failed`). Call until there is none.
    std::optional<Contact> take_feeler(Time now);
    /// A random identifier in a bucket that no lookup has touched for long; until there is none. Buckets so
    /// deep that a lookup of our own NodeID fills them are left to it (as in §2.3: only those further away).
    std::optional<NodeId> take_refresh(Time now);
    /// All buckets become due, spread over `within`.
    void refresh_all(Duration within, Time now);
    [[nodiscard]] std::optional<Time> deadline() const;

    /// Suspects that may have come back, for a node that has nobody else.
    [[nodiscard]] std::vector<Contact> lost(std::size_t most) const;

private:
    static constexpr std::size_t replacements_max = 8;
    /// Who answers a lookup of ours may wait, at no cost. For a stranger's sake we ask only if fewer wait.
    static constexpr std::size_t replacements_sought = 2;
    static constexpr std::uint8_t failures_until_suspect = 2;  // one loss is none
    static constexpr std::uint8_t failures_until_dropped = 10;
    static constexpr Duration refresh_interval = std::chrono::minutes{15};  // BEP 5
    static constexpr Duration second_chance = std::chrono::seconds{1};
    static constexpr Duration suspect_retry_min = std::chrono::seconds{15};
    static constexpr Duration suspect_retry_max = std::chrono::minutes{10};
    /// One small datagram, whatever the number of suspects. With what follows it leaves some seconds of the
    /// ten within which users are to be found after a network has healed.
    static constexpr Duration felt_for_every = std::chrono::seconds{4};
    /// When one is back, the others are asked, though not all in one burst.
    static constexpr Duration hastened_within = std::chrono::seconds{2};

    static constexpr CoarseTime never = CoarseTime::max();

    struct Entry {
        Contact contact;
        std::uint8_t failures = 0;
        CoarseTime ping_at = never;
        CoarseTime failed{};  // when a failure was counted last

        [[nodiscard]] bool alive() const { return failures < failures_until_suspect; }
    };

    struct Bucket {
        std::vector<Entry> entries;
        std::vector<Contact> replacements;  // the most recently seen last
        Time refresh_at = Time::max();
    };

    [[nodiscard]] std::size_t index_of(const NodeId& id) const;
    [[nodiscard]] const Bucket* bucket_of(const NodeId& id) const;
    Bucket& make_bucket(const NodeId& id, Time now);
    [[nodiscard]] bool subnet_full(const Bucket& bucket, const Endpoint& endpoint) const;
    bool moved(Entry& entry, const Endpoint& to, Time now);
    [[nodiscard]] bool has_room(const Bucket& bucket, const Endpoint& endpoint) const;
    static std::optional<Contact> take_replacement(Bucket& bucket, const Endpoint& gone);
    static void remember(Bucket& bucket, const Contact& contact);
    [[nodiscard]] bool lookups_of_self_fill(std::size_t index) const;
    void suspect(Bucket& bucket, std::vector<Entry>::iterator entry, Time now);
    void hasten(Time now);
    Duration jittered(Duration interval);
    void collect(std::size_t index, const NodeId& target, Families families) const;

    NodeId self_;
    Policy policy_;
    Random& random_;
    std::vector<Bucket> buckets_;  // by shared prefix with ourselves; grows with the deepest
    /// closest() works here. Kept for its memory, of which many tables need but one at a time.
    static thread_local std::vector<Near> near_;
    std::size_t alive_ = 0;
    Time next_ping_ = Time::max();  // no later than the earliest
    Time feel_at_ = Time::max();    // while there are suspects
};

}  // namespace dht
