// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "dht/node.h"
#include "federation/config.h"
#include "federation/deadlines.h"
#include "federation/name.h"
#include "federation/owner.h"
#include "federation/reason.h"
#include "federation/record_value.h"

namespace federation {

/// Who lives where, by way of the DHT: finds users and servers, and publishes our own.
///
/// A name belongs to the server whose record says that it registered first; equal times are decided
/// by the smaller NodeID. Every server applies the rule to the same records, so nobody is asked: a
/// server that loses withdraws. It looks before it publishes, after it is stored, a little later, and
/// at each refresh, which also settles what two halves of a parted network did.
///
/// A name has an owner: whoever holds its token may have it at several servers at once. Their claims
/// count as one, as early as the earliest of them; so one can move to another server and never be gone.
class Directory {
public:
    struct Registered {
        std::string user;
        OwnerToken token;
    };
    /// Also after `Registered`: then the name was lost to an earlier claim.
    struct Refused {
        std::string user;
        Reason reason;
    };
    struct Place {
        dht::NodeId server;
        dht::Endpoint signalling;
    };
    /// Comes once, or twice for a user who is here: at once, and when it is known where else she is.
    struct Found {
        std::uint64_t find = 0;
        std::string user;
        std::vector<Place> places;     ///< of one owner, the earliest first; not those told before
        Reason reason = Reason::none;  ///< why there is no place
        bool last = true;
    };
    struct Described {
        dht::NodeId server;
        std::optional<dht::Endpoint> signalling;
    };
    /// For the log.
    struct Noted {
        std::string text;
    };
    using Event = std::variant<Registered, Refused, Found, Described, Noted>;

    Directory(const dht::Identity& identity, dht::Node& node, const Config& config);

    /// Publishes the own descriptor: as a record for the federation, and as BEP 44's item at the own
    /// NodeID for everybody else. Before, nobody can find this server.
    void appear(dht::Now now);
    /// `Config::signalling` is another one: says so under every name.
    void moved(dht::Now now);

    /// `token`: chance for a name that is new, or that of the owner.
    void register_user(const std::string& user, const OwnerToken& token, dht::Now now);
    void unregister_user(const std::string& user, dht::Now now);
    [[nodiscard]] bool has_user(const std::string& user) const;
    [[nodiscard]] std::vector<std::string> users() const;

    /// `Found` follows, within `lookup_timeout`.
    std::uint64_t find(const UserAddress& address, dht::Now now);
    /// `Described` follows.
    void describe(const dht::NodeId& server, dht::Now now);

    void handle(const dht::ValuesFound& found, dht::Now now);
    void handle(const dht::Stored& stored, dht::Now now);
    void handle(const dht::Lost& lost);
    void handle(const dht::Superseded& superseded);
    void handle(const dht::ItemStored& stored, dht::Now now);

    /// Drained, our users' records are withdrawn, and nobody is registered; who is, is again afterwards,
    /// unless somebody else has taken the name meanwhile.
    void drain(bool draining, dht::Now now);
    void advance(dht::Now now);
    void shut_down(dht::Now now);
    std::optional<Event> poll_event();
    [[nodiscard]] std::optional<dht::Time> deadline() const;

private:
    enum class Step { looking, storing, checking, registered };
    struct Registration {
        Step step = Step::looking;
        std::uint64_t since = 0;
        OwnerToken token{};
        Owner owner;
        std::optional<dht::PublicationId> publication;
        std::size_t holders = 0;
    };
    enum class Purpose { registering, checking, finding, describing };
    struct Lookup {
        Purpose purpose;
        UserAddress address;
        dht::NodeId server;
        std::uint64_t find = 0;
        dht::Time until;
    };
    struct Claim {
        std::uint64_t registered;
        Place place;
        std::optional<dht::PublicKey> owner;  ///< proved

        [[nodiscard]] auto rank() const { return std::pair{registered, place.server}; }
    };

    dht::Item signed_item(dht::Bytes value, dht::Now now);
    void keep_item(dht::Now now);
    void start(Lookup lookup, dht::Now now);
    /// Whether everybody was heard who should be, or not within the time that there is.
    enum class Heard { all, some };
    /// `found` is null when nobody was heard.
    void ended(const Lookup& lookup, const dht::ValuesFound* found, Heard heard, dht::Now now);
    void looked(const std::string& user, const dht::ValuesFound* found, dht::Now now);
    void checked(const std::string& user, const dht::ValuesFound* found, dht::Now now);
    void hold(const std::string& user, Registration& registration, std::size_t holders, dht::Now now);
    void check(const std::string& user, dht::Now now);
    void publish(const std::string& user, Registration& registration, dht::Now now);
    void refuse(const std::string& user, Reason reason, dht::Now now);
    void forget(const std::string& user, dht::Now now);
    /// What live records say of a user, our own left out; the earliest first.
    [[nodiscard]] std::vector<Claim> claims(const std::string& user, const dht::ValuesFound& found) const;
    [[nodiscard]] std::vector<Place> places_of(const UserAddress& address,
                                               const dht::ValuesFound& found) const;

    dht::Identity identity_;
    dht::Node& node_;
    const Config& config_;
    std::map<std::string, Registration> registrations_;
    std::unordered_map<dht::PublicationId, std::string> published_;
    std::optional<dht::PublicationId> descriptor_;
    bool descriptor_lost_ = false;
    bool draining_ = false;
    std::optional<dht::LookupId> item_;
    std::int64_t item_seq_ = 0;
    std::unordered_map<dht::LookupId, Lookup> lookups_;
    Deadlines<dht::LookupId> lookup_ends_;
    Deadlines<std::string> alarms_;  ///< of registrations: give up storing, or look once more
    std::uint64_t finds_ = 0;
    std::deque<Event> events_;
};

}  // namespace federation
