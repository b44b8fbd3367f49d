// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "dht/item.h"
#include "dht/message.h"
#include "dht/record.h"
#include "tests/sim/nodes.h"

namespace sim {

/// Sends one node of a network what nobody should send: from addresses where no host is, with tokens that it
/// has really been given, so that only what is wrong with the message can be the reason to refuse it.
class Hostile {
public:
    Hostile(Nodes& nodes, HostId victim, std::uint64_t seed);

    struct Kind {
        const char* name;
        void (Hostile::*send)();
    };
    /// All that it can do.
    static std::span<const Kind> kinds();
    /// One message of that kind, or what must come before it too.
    void send(const Kind& kind) { (this->*kind.send)(); }

    /// Names under which it has tried to store something.
    [[nodiscard]] static dht::Key forged_key(std::size_t number);
    static constexpr std::size_t forged_names = 64;
    /// Published before the attack, once and with a newer seq than what is replayed.
    [[nodiscard]] static dht::Key replayed_key();
    static constexpr std::uint64_t replayed_seq = 1000;

    [[nodiscard]] std::uint64_t sent() const { return sent_; }
    /// Stores and puts that were answered as if they had been taken.
    [[nodiscard]] std::uint64_t accepted() const { return accepted_; }

private:
    void noise();
    void damaged();
    void forged_record();
    void altered_record();
    void foreign_record();
    void misplaced_record();
    void expired_record();
    void eternal_record();
    void replayed_record();
    void tokenless_record();
    void forged_item();
    void misplaced_item();
    void unasked_answer();
    void false_proof();
    void stolen_id();

    dht::Endpoint anywhere();
    dht::NodeId any_id();
    std::vector<dht::Bytes> deliver(const dht::Bytes& datagram, const dht::Endpoint& from);
    dht::Bytes token(const dht::Endpoint& from, const dht::Key& key);
    dht::Record any_record();
    void store(const dht::Record& record, const dht::Key& key_of_token);
    void put(const dht::Item& item, const dht::Key& key_of_token);
    void judge(const std::vector<dht::Bytes>& answers);
    void answer_pings(const std::vector<dht::Bytes>& pings, const dht::Endpoint& from);

    Nodes& nodes_;
    HostId victim_;
    dht::SeededRandom random_;
    dht::Identity liar_;
    dht::Identity publisher_;  ///< an honest one, whose old records it replays
    std::uint64_t sent_ = 0;
    std::uint64_t accepted_ = 0;
};

}  // namespace sim
