// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "dht/contact.h"
#include "dht/crypto.h"
#include "dht/message.h"
#include "dht/peers.h"
#include "dht/queue.h"
#include "dht/time.h"

namespace dht {

struct Datagram;

/// What a query is asked for, so that its answer finds the way back.
struct Purpose {
    enum class Task : std::uint8_t {
        probe,   ///< is it there, and does it hold its key?
        feel,    ///< is one back that has long been silent? If not, nothing is new
        search,  ///< `owner` is a Search
        page,    ///< a further page for a Search
        store,   ///< `owner` is a publication
        fetch,   ///< a token to copy a record with; `owner` is a replication
        copy,    ///< nobody waits
        put,     ///< `owner` is a put of an item
    };
    Task task = Task::probe;
    std::uint64_t owner = 0;
    std::uint32_t round = 0;  ///< of a publication, which may have been renewed meanwhile
    std::uint8_t attempt = 0;
};

/// Our questions that have no answer yet. After the time that the peer usually takes, a question is
/// slow, and a lookup asks somebody else as well; somewhat later it is late, and its asker goes on
/// without it; a late answer is still taken until it is gone.
class Rpc {
public:
    /// Whom `id` is unknown of (a bootstrap address) proves whoever it is.
    struct Peer {
        Endpoint endpoint;
        std::optional<NodeId> id;
    };

    struct Pending {
        Peer to;
        Purpose purpose;
        Nonce nonce{};
        Bytes payload{};  ///< of a closed federation: the query, should it be challenged
        bool proof_wanted = false;
        bool repeated = false;  ///< with a credential
        bool slow = false;
        bool late = false;
        bool unreachable = false;  ///< as somebody says
        Time sent{};
        Time late_at{};
        Time due{};  ///< what comes next
    };

    struct Timeout {
        enum class Stage : std::uint8_t { slow, late, gone };
        Stage stage = Stage::slow;
        Pending pending;
    };

    Rpc(const NodeId& self, bool read_only, std::size_t outstanding_max, Random& random, Peers& peers,
        Queue<Datagram>& out)
        : self_(self),
          read_only_(read_only),
          outstanding_max_(outstanding_max),
          random_(random),
          peers_(peers),
          out_(out) {}

    /// Sends the question, with a nonce if the peer has not proved its key from there and with room
    /// for the answer, and wanting contacts of both families once both have worked here. Not if as many as
    /// may be are waited for.
    bool ask(const Peer& to, Query query, Purpose purpose, Time now);
    bool ask(const Contact& to, const Query& query, Purpose purpose, Time now) {
        return ask(Peer{to.endpoint, to.id}, query, purpose, now);
    }

    /// From now on questions may be challenged, so that they are kept and have room for what is shown.
    void expect_challenges() { challenges_expected_ = true; }
    /// The same question again, with what was asked for. False if that is not possible.
    bool repeat(const Pending& question, const Credential& credential, Time now);

    /// The question that this transaction at this address was; it is outstanding no more.
    std::optional<Pending> take(std::string_view transaction, const Endpoint& from, Time now);

    /// The host at that address says that nobody is there, or whoever forged that: its questions are slow
    /// at once, and late as soon as it would usually have answered. On the loopback nobody forges.
    void unreachable(const Endpoint& endpoint, Time now);

    /// Somebody has answered over each: this node speaks both.
    [[nodiscard]] bool hears_both_families() const { return heard_v4_ && heard_v6_; }

    std::optional<Timeout> take_timeout(Time now);
    [[nodiscard]] std::optional<Time> deadline() const;
    /// Questions that are waited for, and how many more may be. Those that are late take no room: where many
    /// nodes have gone, they are the most.
    [[nodiscard]] std::size_t outstanding() const { return timeouts_.size(); }
    [[nodiscard]] std::size_t room() const {
        return outstanding_max_ - std::min(outstanding(), outstanding_max_);
    }

private:
    /// BEP 5 implementations take seconds under load; then nobody can use the answer any more.
    static constexpr Duration answers_accepted_for = std::chrono::seconds{5};

    void schedule(std::uint32_t number, Pending& pending, Time due);
    void let_be_late(std::uint32_t number, Pending& pending);
    std::optional<Timeout> take_gone(Time now);
    void want_families(Query& query) const;
    std::uint32_t new_transaction();

    NodeId self_;
    bool read_only_;
    std::size_t outstanding_max_;
    Random& random_;
    Peers& peers_;
    Queue<Datagram>& out_;
    std::unordered_map<std::uint32_t, Pending> pending_;
    using Schedule = std::set<std::pair<Time, std::uint32_t>>;
    Schedule timeouts_;  // what comes next, of those that are waited for
    Schedule late_;      // until when an answer is taken; as many as may be waited for
    bool challenges_expected_ = false;
    bool heard_v4_ = false;  // somebody has answered over it
    bool heard_v6_ = false;
};

}  // namespace dht
