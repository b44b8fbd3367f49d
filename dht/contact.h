// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <compare>
#include <cstddef>
#include <functional>

#include "dht/endpoint.h"
#include "dht/node_id.h"

namespace dht {

/// Where a node can be asked.
struct Contact {
    NodeId id;
    Endpoint endpoint;

    auto operator<=>(const Contact&) const = default;
};

}  // namespace dht

template <>
struct std::hash<dht::Contact> {
    std::size_t operator()(const dht::Contact& contact) const noexcept {
        return std::hash<dht::NodeId>{}(contact.id) ^ std::hash<dht::Endpoint>{}(contact.endpoint);
    }
};
