// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "federation/bulletin.h"
#include "federation/deadlines.h"
#include "federation/destroyed_rooms.h"
#include "federation/room.h"

namespace federation {

/// All rooms of one server, and what is between them and the rest of it: whose messages go to which, what
/// is published of each, when each is looked up.
class Rooms {
public:
    struct Send {
        dht::NodeId peer;
        Message message;
    };
    struct Tell {
        Event event;
    };
    struct Reach {
        dht::NodeId peer;
        std::optional<dht::Endpoint> at;
    };
    struct Use {
        dht::NodeId peer;
        int change;
    };
    /// It may not have feeds of this room any more.
    struct Parted {
        dht::NodeId peer;
        std::string room;
    };
    using Wish = std::variant<Send, Tell, Reach, Use, Parted>;

    Rooms(const dht::NodeId& self, const Config& config, dht::Random& random, Bulletin& bulletin);

    // ---- From the floor above: as in server.h

    void create(const std::string& name, std::string about, std::optional<std::string> pin,
                std::optional<std::string> secret, const OwnerToken& token, bool exclusive, dht::Now now);
    bool edit(const std::string& name, std::string about, std::optional<std::string> pin,
              std::optional<std::string> secret, dht::Now now);
    void destroy(const std::string& name, dht::Now now);
    void enter(const std::string& name, const std::optional<std::string>& pin, dht::Now now);
    void leave(const std::string& name, dht::Now now);
    bool set_participant(const std::string& name, Participant participant, dht::Now now);
    void remove_participant(const std::string& name, const std::string& id, dht::Now now);
    void lookup(std::uint64_t lookup, const std::string& name, dht::Now now);
    void set_load(unsigned load, dht::Now now);
    void drain(bool draining, dht::Now now);
    /// `Config::signalling` is another one.
    void moved(dht::Now now);
    void shut_down(dht::Now now);

    /// One that is here, or null.
    [[nodiscard]] const Room* find(const std::string& name) const;
    [[nodiscard]] std::vector<std::string> names() const;
    /// All, also those that are not here yet.
    [[nodiscard]] std::size_t size() const { return rooms_.size(); }
    [[nodiscard]] const RoomWorld& world() const { return world_; }
    RoomWorld& world() { return world_; }

    // ---- From outside

    void found(const Bulletin::Found& found, dht::Now now);
    void held(const std::string& name, dht::Now now);
    void up(const dht::NodeId& peer, dht::Now now);
    void down(const dht::NodeId& peer, Reason reason, dht::Now now);
    /// It is up, and has forgotten everything.
    void restarted(const dht::NodeId& peer, dht::Now now);
    void unreachable(const dht::NodeId& peer, dht::Now now);
    template <class M>
    void receive(const dht::NodeId& peer, const M& message, dht::Now now);
    void advance(dht::Now now);
    std::optional<Wish> poll();
    [[nodiscard]] std::optional<dht::Time> deadline() const;

private:
    void add(Room room, RoomOutput output, dht::Now now);
    /// Does what came of a change to one room, and looks whether its record is still right.
    void carry_out(const std::string& name, RoomOutput output, dht::Now now);
    void publish(const Room& room, dht::Now now);
    void renew(const std::string& name, dht::Now now);
    void step(const std::string& name, const std::function<void(Room&, RoomOutput&)>& change, dht::Now now);
    void step_all(const std::function<void(Room&, RoomOutput&)>& change, dht::Now now);
    [[nodiscard]] Reason refusal(const std::string& name) const;
    /// The word that its room was destroyed goes back to who does not know. Whether it was.
    bool is_of_the_dead(const dht::NodeId& peer, const RoomEnter& enter, dht::Now now);
    [[nodiscard]] std::vector<RoomListing> listings(const std::string& name,
                                                    const std::vector<dht::Record>& records) const;
    void tell_lookup(std::uint64_t lookup, const std::string& name, const Bulletin::Found& found);

    RoomWorld world_;
    Bulletin& bulletin_;
    std::map<std::string, Room> rooms_;
    Deadlines<std::string> alarms_;
    std::map<std::string, dht::Bytes> published_;  ///< what stands in the record
    Deadlines<std::string> renewals_;              ///< of records that say what is no longer so
    DestroyedRooms destroyed_;
    std::unordered_map<std::uint64_t, std::string> looks_;
    std::unordered_map<std::uint64_t, std::pair<std::uint64_t, std::string>> lookups_;
    std::deque<Wish> wishes_;
};

}  // namespace federation
