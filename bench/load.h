// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

/// A server on the loopback, and what it takes of the processor.
struct Target {
    std::uint16_t port = 0;
    pid_t process = 0;
};

struct Measured {
    std::size_t good = 0;  ///< replies that had in them what was expected
    std::size_t bad = 0;   ///< other replies
    std::size_t lost = 0;  ///< queries that nobody answered
    double wall = 0;       ///< seconds
    double cpu = 0;        ///< of the server
    std::size_t query_bytes = 0;
    std::size_t reply_bytes = 0;
};

/// Asks one server from one socket with so many queries under way at once that it always has
/// something to do: what is measured is the server, not the way there and back.
class Client {
public:
    explicit Client(const Target& target);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// One query, tried a few times.
    std::optional<std::string> ask(std::string_view query);

    /// All queries, in turn: again and again until `seconds` have passed, or each of them once.
    Measured load(const std::vector<std::string>& queries, double seconds, std::string_view expected);
    Measured each_once(const std::vector<std::string>& queries, std::string_view expected);

private:
    Measured run(const std::vector<std::string>& queries, std::size_t most, double seconds,
                 std::string_view expected);

    Target target_;
    int socket_;
};

}  // namespace bench
