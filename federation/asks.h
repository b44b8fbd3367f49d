// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "federation/deadlines.h"
#include "federation/pin_proof.h"
#include "federation/rooms.h"

namespace federation {

/// What needs a room's secret and happens at another server: to kick somebody there, say.
///
///     asker                     keyholder (where the room was made)        the server that is asked
///       | room-proof share ------> |                                           |
///       | <-- share, confirm       |                                           |
///       | confirm ---------------> |                                           |
///       | <----------- grant       |  signed by the room's key, for half a minute
///       | room-request, grant -----------------------------------------------> |
///       | <------------------------------------------------------- room-answer |
///
/// The secret itself leaves nobody's hands, and the server that is asked need not know it.
class Asks {
public:
    Asks(Rooms& rooms, const Config& config, dht::Random& random);

    void ask(const std::string& request, const std::string& room, const dht::NodeId& peer,
             const std::string& secret, std::string body, dht::Now now);
    void answer(const std::string& request, std::string body, Reason reason, dht::Now now);

    void receive(const dht::NodeId& peer, const RoomProof& proof, dht::Now now);
    void receive(const dht::NodeId& peer, const RoomRequest& request, dht::Now now);
    void receive(const dht::NodeId& peer, const RoomAnswer& answer);
    void advance(dht::Now now);
    std::optional<Rooms::Wish> poll();
    [[nodiscard]] std::optional<dht::Time> deadline() const { return alarms_.next(); }

private:
    struct Ask {
        std::string room;
        dht::NodeId peer;
        std::string body;
        dht::NodeId keyholder{};
        std::string run{};
        std::optional<PinProof> proof{};
    };
    struct Asked {
        dht::NodeId peer;
        std::string room;
    };
    struct Run {
        std::string run;
        std::string room;
        PinProof proof;
    };

    void send(const dht::NodeId& peer, Message message);
    void fail(const std::string& request, Reason reason);
    void go_on(const std::string& request, Ask& ask, dht::Bytes grant, dht::Now now);
    void proved_to_us(const dht::NodeId& peer, const RoomProof& proof, dht::Now now);
    void proved_by_us(const std::string& request, Ask& ask, const RoomProof& proof, dht::Now now);
    [[nodiscard]] PinProof::Terms terms(const std::string& room, const std::string& secret,
                                        const dht::NodeId& asker, const dht::NodeId& keyholder,
                                        const std::string& run) const;

    Rooms& rooms_;
    const Config& config_;
    dht::Random& random_;
    std::map<std::string, Ask> asks_;
    std::map<std::string, Asked> asked_;  ///< by others, or by ourselves of ourselves
    std::map<dht::NodeId, Run> runs_;     ///< others prove the secret to us; one at a time each
    Deadlines<std::string> alarms_;       ///< of asks and of what was asked
    std::deque<Rooms::Wish> wishes_;
};

}  // namespace federation
