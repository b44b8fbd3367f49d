// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dht/contact.h"
#include "dht/crypto.h"
#include "dht/members.h"
#include "dht/message.h"
#include "dht/node.h"
#include "dht/peers.h"
#include "dht/queue.h"
#include "dht/record.h"
#include "dht/rpc.h"
#include "dht/time.h"

namespace dht {

/// Asks single nodes, one question each, for who looks at a network from outside. It is no member:
/// read-only (BEP 43), with neither a routing table nor records. It does no I/O and is driven as a Node.
class Prober {
public:
    struct Limits {
        Duration patience = std::chrono::seconds{1};  ///< for one attempt
        int attempts = 2;                             ///< one more makes up for a lost datagram
    };

    enum class Outcome : std::uint8_t {
        answered,  ///< and has proved its key, now or to an earlier question
        foreign,   ///< answered without a proof: of another federation, or no node of ours at all
        refused,   ///< answered with an error
        silent,
    };

    /// Comes once for each question.
    struct Answer {
        std::uint64_t question = 0;
        Outcome outcome = Outcome::silent;
        Endpoint from{};
        NodeId id{};  ///< proved, unless `foreign`; not of who is silent or refused
        Duration round_trip{};
        std::vector<Contact> contacts{};  ///< referrals, which may be lies
        std::vector<Record> records{};    ///< under the key that was asked for, checked
    };

    /// Without a certificate of its own it sees of a closed federation who answers pings, and no more.
    Prober(const Identity& identity, Members members, Limits limits, Random& random);

    std::uint64_t ping(const Endpoint& node, Now now);
    std::uint64_t find_node(const Rpc::Peer& node, const NodeId& target, Now now);
    /// The first page of what it holds. Beside a proof there is no room for records: find out who is
    /// there before.
    std::uint64_t find_value(const Contact& node, const Key& key, Now now);
    [[nodiscard]] std::size_t outstanding() const { return questions_.size(); }

    void receive(BytesView payload, const Endpoint& from, Now now);
    void advance(Now now);
    std::optional<Datagram> poll_datagram();
    std::optional<Answer> poll_event();
    [[nodiscard]] std::optional<Time> deadline() const;

private:
    /// Far above what is asked at once: questions that were given up count for some seconds more.
    static constexpr std::size_t outstanding_max = 16'384;
    /// More than fit into one honest datagram.
    static constexpr std::size_t contacts_max = 64;
    static constexpr std::size_t records_max = 64;

    struct Question {
        Rpc::Peer to;
        Method method = Method::ping;
        NodeId target{};
        int attempts = 0;
        Time until{};
    };

    std::uint64_t ask(const Question& question, Now now);
    void send(std::uint64_t id, Question& question, Time now);
    [[nodiscard]] Outcome judge(const Rpc::Pending& asked, const Response& response, Now now);
    void read(const Response& response, const Question& question, Answer& answer, Now now);
    void finish(std::uint64_t id, Answer answer);

    Identity identity_;
    Members members_;
    Limits limits_;
    Peers peers_;
    Queue<Datagram> datagrams_;
    Rpc rpc_;
    Queue<Answer> answers_;
    std::unordered_map<std::uint64_t, Question> questions_;
    std::set<std::pair<Time, std::uint64_t>> deadlines_;
    std::uint64_t next_id_ = 1;
};

}  // namespace dht
