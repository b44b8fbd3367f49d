// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <CLI/CLI.hpp>

#include <stdexcept>
#include <string>
#include <vector>

#include "dht/endpoint.h"
#include "dht/federation_name.h"
#include "dht/node.h"

namespace tools {

// What `viaduct` exits with; --help lists them.
constexpr int exit_ok = 0;
constexpr int exit_not_found = 1;
constexpr int exit_usage = 2;
constexpr int exit_failed = 3;

/// The command line asks for what there is not; says what is accepted.
class UsageError : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// What every command that joins the federation is told.
struct Options {
    std::string federation = "public";
    std::string identity_file;     ///< empty: a new identity for this run
    std::string certificate_file;  ///< of a closed federation; empty: beside the identity
    bool visits = false;           ///< gone in a moment: nobody should keep it
    std::string contacts_file;     ///< empty: beside the identity
    std::string listen = "0.0.0.0:7773";
    std::string signalling = "0.0.0.0:7773";
    std::string advertise;
    std::vector<std::string> bootstrap;
    dht::NodeConfig node;  ///< how addresses are judged, and caps
    bool json = false;
};

void add_federation(CLI::App& command, Options& options);
/// For commands that ask others, so that there must be others.
void add_required_bootstrap(CLI::App& command, Options& options);
/// As a member finds others; the first one names nobody.
void add_bootstrap(CLI::App& command, Options& options);
/// As whom a command asks, for closed federations.
void add_membership(CLI::App& command, Options& options);
/// The same for commands that have an identity anyhow.
void add_certificate(CLI::App& command, Options& options);
void add_json(CLI::App& command, Options& options);

/// Throws UsageError.
dht::FederationName parse_federation(const std::string& text);
/// Throws UsageError that names the option and what is accepted.
dht::Endpoint parse_endpoint(const std::string& option, const std::string& text);
/// An address to listen at, where port 0 means any.
dht::Endpoint parse_listen(const std::string& option, const std::string& text);
std::vector<dht::Endpoint> parse_endpoints(const std::string& option, const std::vector<std::string>& texts);

}  // namespace tools
