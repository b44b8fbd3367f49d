// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <string_view>

#include "dht/crypto.h"
#include "dht/members.h"
#include "dht/message.h"
#include "dht/peers.h"
#include "dht/rpc.h"
#include "dht/token.h"

namespace dht {

/// Whose questions a node answers. In an open federation everybody's. In a closed one anybody's `ping`,
/// so that newcomers find in; of the rest, those of members, who have proved from that address who they
/// are: in answer to a question of ours, or by a credential over a challenge. A challenge is a write
/// token: it needs no memory here, and whoever brings it back has received our datagrams.
class Admission {
public:
    Admission(const Identity& self, Members& members, const TokenMint& tokens, Peers& peers)
        : self_(self), members_(members), tokens_(tokens), peers_(peers) {}

    /// Takes in what the query shows, too.
    bool admits(const Query& query, const Endpoint& from, Now now);
    /// What all others are sent: a challenge; or an error, if the credential or the role did not do.
    [[nodiscard]] Bytes refuse(std::string_view transaction, const Query& query, const Endpoint& from,
                               std::size_t query_bytes, Now now) const;

private:
    [[nodiscard]] bool knows(const Query& query, const Endpoint& from, Role least, Now now) const;
    void examine(const Query& query, const Credential& shown, const Endpoint& from, Now now);

    const Identity& self_;
    Members& members_;
    const TokenMint& tokens_;
    Peers& peers_;
};

/// The other side: what an asker does with a challenge.
class Introduction {
public:
    Introduction(const Identity& self, const Members& members) : self_(self), members_(members) {}

    /// Asks again, with a credential. False if there is none, or it was shown already.
    bool show(Rpc& rpc, const Rpc::Pending& question, const Response& challenged, Now now) const;

private:
    const Identity& self_;
    const Members& members_;
};

}  // namespace dht
