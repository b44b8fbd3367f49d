// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "dht/endpoint.h"

namespace tools {

// What `viaduct` exits with; --help lists them.
constexpr int exit_ok = 0;
constexpr int exit_not_found = 1;
constexpr int exit_usage = 2;
constexpr int exit_failed = 3;

/// What every command that joins the federation is told.
struct Options {
    std::string federation = "public";
    std::string identity_file;  ///< empty: a new identity for this run
    std::string listen = "0.0.0.0:7773";
    std::string signalling = "0.0.0.0:7773";
    std::string advertise;
    std::vector<std::string> bootstrap;
    bool json = false;
};

/// Throws std::runtime_error that names the option and what is accepted.
dht::Endpoint parse_endpoint(const std::string& option, const std::string& text);

/// A node of the DHT, without users and calls, until SIGINT or SIGTERM.
int run_node(const Options& options);
/// The NodeID of a key file, which is made if it is not there.
int show_id(const Options& options);
/// Where a user of the federation is.
int lookup_user(const Options& options, const std::string& user);

}  // namespace tools
