// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <string>

#include "dht/bytes.h"
#include "dht/federation_name.h"
#include "dht/node_id.h"
#include "dht/time.h"
#include "federation/glib/loop.h"

namespace glib {

/// Notices a new certificate in the file of the one that the server began with, so that a renewal needs no
/// restart. Made and destroyed on the loop.
class MembershipWatch {
public:
    using Renewed = std::function<void(dht::Bytes certificate)>;
    using Warn = std::function<void(const std::string&)>;

    /// For who waits for it a moment, and for the machine no work.
    static constexpr dht::Duration interval = std::chrono::seconds{10};

    /// `renewed` gets what is sound and `self`'s; of what is not, `warn` is told once, and the server goes on
    /// with what it has.
    MembershipWatch(Loop& loop, std::string path, dht::FederationName federation, const dht::NodeId& self,
                    dht::Bytes certificate, Renewed renewed, Warn warn, dht::Duration every = interval);
    MembershipWatch(const MembershipWatch&) = delete;
    MembershipWatch& operator=(const MembershipWatch&) = delete;

private:
    void look();
    void look_now_and_then();

    std::string path_;
    dht::FederationName federation_;
    dht::NodeId self_;
    dht::Bytes certificate_;  ///< that counts
    std::string complaint_;   ///< that was made last
    Renewed renewed_;
    Warn warn_;
    dht::Duration every_;
    Timer timer_;
};

}  // namespace glib
