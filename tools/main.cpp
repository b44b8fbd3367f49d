// SPDX-License-Identifier: LGPL-2.1-or-later
#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>

#include "tools/options.h"

namespace {

void add_member_options(CLI::App& command, tools::Options& options) {
    command
        .add_option("-f,--federation", options.federation,
                    "Only nodes that give the same name find each other")
        ->capture_default_str();
    command
        .add_option("-b,--bootstrap", options.bootstrap,
                    "DHT addresses of other nodes, ADDRESS:PORT; repeatable")
        ->delimiter(',');
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"viaduct: a federation of Janus servers without a centre"};
    app.set_version_flag("--version", VIADUCT_VERSION);
    app.require_subcommand(1);
    app.footer("Exit codes: 0 done, 1 not found, 2 wrong usage, 3 cannot (the message says why).");

    tools::Options options;
    auto* node =
        app.add_subcommand("node", "Run a node of the DHT without Janus, for others to bootstrap from");
    add_member_options(*node, options);
    node->add_option("-i,--identity", options.identity_file, "Key file, made at first start")->required();
    node->add_option("-l,--listen", options.listen, "UDP address of the DHT")->capture_default_str();
    node->add_option("-s,--signalling", options.signalling, "TCP address of the signalling")
        ->capture_default_str();
    node->add_option("-a,--advertise", options.advertise, "IP address that others are told, if another");

    auto* id = app.add_subcommand("id", "Show the NodeID of a key file");
    id->add_option("file", options.identity_file, "Key file, made if it is not there")->required();

    std::string user;
    auto* lookup = app.add_subcommand("lookup", "Find the server that a user is at");
    lookup->add_option("user", user, "Name of the user")->required();
    add_member_options(*lookup, options);
    lookup->get_option("--bootstrap")->required();
    lookup->add_flag("--json", options.json, "Print one JSON object");

    try {
        app.parse(argc, argv);
        if (*node) return tools::run_node(options);
        if (*id) return tools::show_id(options);
        return tools::lookup_user(options, user);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? tools::exit_ok : tools::exit_usage;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "viaduct: %s\n", error.what());
        return tools::exit_failed;
    }
}
