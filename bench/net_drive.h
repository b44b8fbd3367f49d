// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace bench {

/// What is put and looked for, and when a get is done.
enum class What {
    items,  ///< under their own hash: with the first that comes
    first,  ///< signed ones, which may change: with the first that comes
    all,    ///< the same: when all who may hold one have been heard
};

/// Of "items", "first" and "all".
std::optional<What> what_of(std::string_view name);

/// Nodes of one kind in this process. Told from any thread.
class Swarm {
public:
    using Done = std::function<void(bool)>;

    virtual ~Swarm() = default;
    virtual void put(std::size_t node, std::size_t value, Done done) = 0;
    /// Done when the value is there, or when it is known that it cannot be found.
    virtual void get(std::size_t node, std::size_t value, Done done) = 0;
};

/// Half of the nodes are driven; the other half lives in a child that is killed in the end.
constexpr std::size_t nodes_per_process = 32;

/// Starts the nodes at the ports from `port`; all but the first know the one at `first`.
using MakeSwarm = std::function<std::unique_ptr<Swarm>(std::uint16_t port, std::uint16_t first)>;

/// Puts, gets, kills the half, gets again; prints lines of JSON.
void drive(const char* name, std::uint16_t port, const MakeSwarm& make);

}  // namespace bench
