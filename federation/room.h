// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "dht/crypto.h"
#include "dht/node_id.h"
#include "dht/time.h"
#include "federation/config.h"
#include "federation/event.h"
#include "federation/guesses.h"
#include "federation/owner.h"
#include "federation/pin_proof.h"
#include "federation/protocol.h"
#include "federation/rate.h"
#include "federation/record_value.h"
#include "federation/room_policy.h"
#include "federation/roster.h"

namespace federation {

/// What all rooms of a server share.
struct RoomWorld {
    const dht::NodeId self;
    const Config& config;
    dht::Random& random;
    std::set<dht::NodeId> up{};  ///< who is connected
    RosterBudget budget{};
    Guesses guesses{};
    std::map<dht::NodeId, Rate> greetings{};
    unsigned load = 0;
    bool draining = false;

    /// Whether this peer may be told of one more room now: two servers with a thousand rooms in common would
    /// otherwise say more at once than either may hear (`messages_per_second_max`).
    bool may_greet(const dht::NodeId& peer, dht::Time now);
};

/// What is to be done about it, outside.
struct RoomOutput {
    std::vector<std::pair<dht::NodeId, Message>> send;
    std::vector<Event> tell;
    std::vector<std::pair<dht::NodeId, std::optional<dht::Endpoint>>> reach;
    std::vector<std::pair<dht::NodeId, int>> use;  ///< one more or less for whom the connection matters
    std::vector<dht::NodeId> parted;               ///< who may not subscribe to anything here any more
    bool look = false;                             ///< for the records of others
};

/// What a record says, found in the DHT: whose, and its policy, which is right.
struct RoomListing {
    dht::NodeId server;
    RoomValue value;
    RoomPolicy policy;
};

/// One room as one server has it: its own participants, and for each other server that has members what that
/// one says of its own. There is no master: who is in a room is the union of what each says of itself.
///
///     looking → proving (the pin, to somebody who is in) → here → over
///
/// Everybody looks everybody up in the DHT, connects, and says `enter`; the answer is `enter` as well, in
/// between, if there is a pin, a proof of it, and then the roster. What one knows of the other is forgotten
/// when the connection breaks, and said anew over the next.
class Room {
public:
    enum class State { looking, proving, here, over };

    /// To take part in one that others have.
    static Room entering(std::string name, std::optional<std::string> pin, RoomWorld& world, dht::Now now,
                         RoomOutput& output);
    /// One of our own. `exclusive`: refused if others have one of this name.
    static Room made(std::string name, RoomPolicy policy, const OwnerToken& token,
                     std::optional<std::string> pin, std::optional<std::string> secret, bool exclusive,
                     RoomWorld& world, dht::Now now, RoomOutput& output);

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] State state() const { return state_; }
    [[nodiscard]] bool here() const { return state_ == State::here; }
    [[nodiscard]] bool over() const { return state_ == State::over; }
    [[nodiscard]] const RoomPolicy& policy() const { return policy_; }
    [[nodiscard]] const OwnRoster& own() const { return own_; }
    [[nodiscard]] bool has_members() const { return members_; }
    [[nodiscard]] bool is_keyholder() const { return token_.has_value(); }
    [[nodiscard]] const std::optional<std::string>& pin() const { return pin_; }
    [[nodiscard]] const std::optional<std::string>& secret() const { return secret_; }
    [[nodiscard]] const std::optional<OwnerToken>& token() const { return token_; }
    /// Who is in, and what it says.
    [[nodiscard]] std::vector<dht::NodeId> peers() const;
    [[nodiscard]] bool has(const dht::NodeId& peer) const;
    [[nodiscard]] std::vector<Participant> participants(const dht::NodeId& peer) const;
    [[nodiscard]] std::vector<RoomServer> servers() const;
    [[nodiscard]] std::optional<dht::NodeId> keyholder() const;
    [[nodiscard]] std::optional<dht::Time> deadline() const;

    // ---- From the floor above

    /// The first local member, of a room that is here already.
    void enter(const std::optional<std::string>& pin, dht::Now now, RoomOutput& output);
    /// The last local member: the room is over, unless it was made here.
    void leave(RoomOutput& output);
    void edit(const RoomPolicy& policy, std::optional<std::string> pin, std::optional<std::string> secret,
              RoomOutput& output);
    void destroy(RoomOutput& output);
    bool set_participant(Participant participant, RoomOutput& output);
    bool remove_participant(const std::string& id, RoomOutput& output);

    // ---- From outside

    /// Nothing: the lookup took too long.
    /// Its record can be found now.
    void held(RoomOutput& output);
    void found(const std::vector<RoomListing>* listings, dht::Now now, RoomOutput& output);
    void up(const dht::NodeId& peer, dht::Now now, RoomOutput& output);
    /// Also restarted or expelled: what it was told is lost.
    void down(const dht::NodeId& peer, Reason reason, dht::Now now, RoomOutput& output);
    void unreachable(const dht::NodeId& peer, dht::Now now);
    void advance(dht::Now now, RoomOutput& output);

    void receive(const dht::NodeId& peer, const RoomEnter& enter, dht::Now now, RoomOutput& output);
    void receive(const dht::NodeId& peer, const RoomRoster& roster, dht::Now now, RoomOutput& output);
    void receive(const dht::NodeId& peer, const RoomLeave& leave, dht::Now now, RoomOutput& output);
    void receive(const dht::NodeId& peer, const RoomProof& proof, dht::Now now, RoomOutput& output);
    void receive(const dht::NodeId& peer, const RoomPolicyNews& news, dht::Now now, RoomOutput& output);

    /// What is to be published of it; nothing while it may not be found.
    [[nodiscard]] std::optional<RoomValue> listing() const;

private:
    /// `away`: not connected, or not spoken to. `greeted`: it was told `enter`. `in`: it has said so as well,
    /// and proved the pin if there is one.
    enum class Stage { away, greeted, in };
    struct Peer {
        Stage stage = Stage::away;
        std::optional<dht::Endpoint> signalling;
        std::string clients;
        std::size_t members = 0;
        unsigned load = 0;
        std::optional<dht::PublicKey> key;  ///< it holds, as it says
        std::string visit;       ///< its own, as last heard; empty: nothing is known of what it knows
        std::string our_visit;   ///< said to it
        bool told = false;       ///< RoomPeerUp
        std::uint64_t said = 0;  ///< seq of the last roster message
        PeerRoster roster;
        std::optional<RoomPolicy> policy;  ///< another than ours, until the pin shows that they are one
        std::optional<PinProof> proof;
        std::string run;
        dht::Time listed_until{};  ///< by a record, or by another server's word
        dht::Time retry_at{};
        unsigned tries = 0;
    };
    using Peers = std::map<dht::NodeId, Peer>;

    Room(std::string name, RoomWorld& world);

    void settle_here(dht::Now now, RoomOutput& output);
    void tell_created(RoomOutput& output);
    void look_later(dht::Now now);
    void list(const RoomListing& listing, dht::Now now, RoomOutput& output);
    void hint(const RoomEnter::Server& server, dht::Now now, RoomOutput& output);
    void reach(const dht::NodeId& id, Peer& peer, dht::Now now, RoomOutput& output);
    void back_off(Peer& peer, dht::Now now, dht::Duration at_least = {});
    void greet(const dht::NodeId& id, Peer& peer, dht::Now now, RoomOutput& output);
    void admit(const dht::NodeId& id, Peer& peer, dht::Now now, RoomOutput& output);
    /// It is not in any more.
    void part(const dht::NodeId& id, Peer& peer, Reason reason, RoomOutput& output);
    /// And is told so.
    void turn_away(const dht::NodeId& id, Peer& peer, Reason reason, dht::Now now, RoomOutput& output);
    /// Whether the policy that a peer shows is compatible with ours; then it is ours from now on if it should
    /// be.
    bool agree(const dht::NodeId& id, Peer& peer, const RoomPolicy& theirs, dht::Now now, RoomOutput& output);
    void adopt(const RoomPolicy& policy, const std::optional<dht::NodeId>& from, RoomOutput& output,
               dht::Bytes pin_signature = {});
    /// The policy, and the pin if it was changed with it, to all but one.
    void pass_on(const std::optional<dht::NodeId>& from, RoomOutput& output) const;
    void begin_proof(const dht::NodeId& id, Peer& peer, dht::Now now, RoomOutput& output);
    [[nodiscard]] PinProof::Terms terms(const dht::NodeId& initiator, const dht::NodeId& responder,
                                        const std::string& run) const;
    void proved(const dht::NodeId& id, Peer& peer, dht::Now now, RoomOutput& output);
    void spread(const RoomRoster& news, RoomOutput& output);
    void refuse(Reason reason, RoomOutput& output);
    void finish(Reason reason, RoomOutput& output);
    void forget_strangers(dht::Now now);
    /// For one more; whoever is away and not listed gives way.
    bool has_place(dht::Now now);
    std::string chance();
    dht::Duration some_of(dht::Duration whole);

    std::string name_;
    RoomWorld* world_;
    State state_ = State::looking;
    RoomPolicy policy_;
    std::optional<OwnerToken> token_;
    std::optional<std::string> pin_;
    dht::Bytes pin_signature_;  ///< of the pin, if it was changed with this version of the policy
    std::optional<std::string> secret_;
    bool exclusive_ = false;
    bool looked_again_ = false;
    bool members_ = false;
    bool made_here_ = false;  ///< RoomCreated is due, or was told
    bool created_told_ = false;
    Reason failure_ = Reason::server_unreachable;  ///< of proving the pin, so far
    OwnRoster own_;
    Peers peers_;
    std::optional<dht::Time> give_up_at_;
    std::optional<dht::Time> look_at_;
};

}  // namespace federation
