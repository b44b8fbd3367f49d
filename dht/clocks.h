// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "dht/flat_map.h"
#include "dht/node.h"
#include "dht/node_id.h"
#include "dht/queue.h"
#include "dht/time.h"

namespace dht {

/// Whose clock is wrong, by the dates that other nodes tell in their answers. To a node whose clock is
/// ahead the records of others have expired; one whose clock is behind publishes what has expired. Nobody's
/// clock is set by it, and nothing is refused: a date that is a lie can cause a complaint, and no more.
///
/// Ours is wrong if more than half of those who were heard, and two at least, are off in one direction. Of
/// two nodes nobody can tell which it is; each is told of the other.
class Clocks {
public:
    explicit Clocks(Queue<Event>& events) : events_(events) {}

    /// A node that has proved its key says so. `ClockDiffers` follows, when there was time to hear others.
    void heard(const NodeId& node, Date theirs, Now now);
    void advance(Now now);
    [[nodiscard]] std::optional<Time> deadline() const;

    /// By how much ours is ahead of the others', or behind if less than 0; 0: as far as anybody knows it is
    /// right.
    [[nodiscard]] std::chrono::seconds own_ahead() const { return own_; }
    /// Nodes whose clocks differ from what most agree on, with how much theirs are ahead.
    using Wrong = std::vector<std::pair<NodeId, std::chrono::seconds>>;
    [[nodiscard]] const Wrong& wrong() const { return wrong_; }

private:
    /// What NTP keeps within milliseconds is broken when it is more; the rest is what an answer takes.
    /// Records live for two of these, and who stores them is as patient (RecordStore::clock_skew_max).
    static constexpr std::chrono::seconds tolerated{60};
    /// What was complained of stays so until it is clearly better.
    static constexpr std::chrono::seconds better{30};
    /// The dates of so many tell what the time is.
    static constexpr std::size_t nodes_max = 32;
    /// A node that is not heard for so long is asked nothing any more, or has gone.
    static constexpr Duration remembered = std::chrono::minutes{10};
    /// At the start everybody in a small federation is heard within this.
    static constexpr Duration judged_every = std::chrono::seconds{10};

    /// Their clock less our steady one: so a step of our own date is seen at once in all of them.
    struct Heard {
        std::chrono::seconds offset;
        Time at;
    };
    using Aheads = std::vector<std::pair<NodeId, std::chrono::seconds>>;

    void judge(Now now);
    [[nodiscard]] Aheads aheads(Now now) const;
    [[nodiscard]] std::chrono::seconds judge_own(const Aheads& all) const;
    [[nodiscard]] Wrong judge_others(Aheads all, std::chrono::seconds own) const;
    [[nodiscard]] std::optional<std::chrono::seconds> complained_of(const NodeId& node) const;

    Queue<Event>& events_;
    FlatMap<NodeId, Heard> heard_;
    std::optional<Time> due_;
    std::chrono::seconds own_{0};
    Wrong wrong_;
};

}  // namespace dht
