// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "dht/node_id.h"
#include "federation/room_message.h"

namespace federation {

/// How much all that other servers say of their participants may take here. VideoRoom itself keeps as much
/// for each publisher; what is bounded is what a hostile server can make us keep.
struct RosterBudget {
    static constexpr std::size_t bytes_max = 128 * 1024 * 1024;
    static constexpr std::size_t bytes_of_peer_max = 16 * 1024 * 1024;

    std::size_t bytes = 0;
    std::map<dht::NodeId, std::size_t> of_peer;

    /// False: there is no room for it, and nothing has changed.
    bool take(const dht::NodeId& peer, std::size_t count);
    void give_back(const dht::NodeId& peer, std::size_t count);
};

/// Of one server in one room; more would not be told of in a second.
constexpr std::size_t participants_max = 1000;

/// Whether this floor will carry it.
bool valid_participant(const Participant& participant);

/// Our own participants of one room.
class OwnRoster {
public:
    /// False: malformed, or too many.
    bool set(Participant participant);
    bool remove(const std::string& id);
    void clear() { all_.clear(); }
    [[nodiscard]] const Participant* find(const std::string& id) const;
    [[nodiscard]] const std::map<std::string, Participant>& all() const { return all_; }

    /// Everything, for a server that knows nothing yet: in as many messages as it takes, numbered on from
    /// `seq`, which is that of the last one.
    [[nodiscard]] std::vector<RoomRoster> whole(const std::string& room, std::uint64_t& seq) const;

private:
    std::map<std::string, Participant> all_;
};

/// What one other server has said of its own.
class PeerRoster {
public:
    enum class Verdict { fine, missing, too_many };
    struct News {
        std::vector<Participant> changed;
        std::vector<std::string> gone;
    };

    /// `missing`: a message has been lost, and all must be said again. After `missing` and `too_many`
    /// nothing of this roster counts.
    Verdict hear(const RoomRoster& said, const dht::NodeId& peer, RosterBudget& budget, News& news);
    void clear(const dht::NodeId& peer, RosterBudget& budget);
    [[nodiscard]] const std::map<std::string, Participant>& all() const { return all_; }

private:
    bool set(const Participant& participant, const dht::NodeId& peer, RosterBudget& budget, News& news);
    void remove(const std::string& id, const dht::NodeId& peer, RosterBudget& budget, News& news);

    std::map<std::string, Participant> all_;
    std::set<std::string> unconfirmed_;  ///< while all are listed anew: those not named yet
    std::uint64_t seq_ = 0;
    bool begun_ = false;
};

}  // namespace federation
