// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace bench {

/// What is put and looked for, and when that is done.
enum class What {
    items,  ///< under their own hash: a get with the first that comes, a put when enough hold it
    first,  ///< signed ones, which may change; as above
    all,    ///< the same: when all who may hold one have been heard, or hold it
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

/// Which nodes a process has.
struct Place {
    std::uint16_t port;  ///< of the first; the others follow it
    std::size_t nodes;
    std::uint16_t known;  ///< port of a node that all know but itself
};

using MakeSwarm = std::function<std::unique_ptr<Swarm>(const Place&)>;

/// Puts, gets, kills the half, gets again; prints lines of JSON.
void drive(const char* name, std::uint16_t port, const MakeSwarm& make);

/// Nobody waits longer for what is put or looked for; what has not come by then was not found.
constexpr std::chrono::seconds patience{5};
/// Tables are made of what is heard.
constexpr std::chrono::seconds settling{12};

}  // namespace bench
