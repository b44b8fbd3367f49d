// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "dht/endpoint.h"
#include "dht/federation_name.h"
#include "federation/glib/runner.h"
#include "federation/result.h"

namespace elements {

/// What an application says of the node that its elements use, as the properties have it.
struct NodeSettings {
    std::string identity_file{};     ///< empty: a key of its own, for as long as the node lives
    std::string certificate_file{};  ///< of a closed federation; empty: beside the key
    std::string federation = "public";
    std::string bootstrap{};       ///< ADDRESS:PORT, several with commas
    std::string listen_address{};  ///< ADDRESS or ADDRESS:PORT; empty: every address, any port

    /// Elements of one process whose settings have the same key share a node.
    [[nodiscard]] std::string key() const;
    bool operator==(const NodeSettings&) const = default;
};

/// The same, understood.
struct NodePlan {
    NodeSettings settings;
    dht::FederationName federation;
    std::vector<dht::Endpoint> contacts;
    glib::Listen listen;

    /// The error says what is wrong and what would be right.
    static federation::Result<NodePlan> make(const NodeSettings& settings);
};

}  // namespace elements
