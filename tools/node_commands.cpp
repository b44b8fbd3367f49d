// SPDX-License-Identifier: LGPL-2.1-or-later
#include <glib-unix.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>

#include "dht/limits.h"
#include "federation/glib/identity.h"
#include "tools/commands.h"
#include "tools/member.h"
#include "tools/options.h"

namespace tools {

namespace {

/// Runs the main thread's context until the user has had enough.
void wait_for_signal() {
    const glib::Ptr<GMainLoop> main_loop{g_main_loop_new(nullptr, FALSE)};
    const auto quit = [](gpointer loop) -> gboolean {
        g_main_loop_quit(static_cast<GMainLoop*>(loop));
        return G_SOURCE_CONTINUE;
    };
    g_unix_signal_add(SIGINT, quit, main_loop.get());
    g_unix_signal_add(SIGTERM, quit, main_loop.get());
    g_main_loop_run(main_loop.get());
}

int run_node(const Options& options) {
    const glib::Listen listen{parse_listen("--listen", options.listen),
                              parse_listen("--signalling", options.signalling)};
    const dht::Identity identity = glib::load_identity(options.identity_file);
    Member member{options, {identity, certificate_of(options, identity)}, listen};
    std::printf("node %s of federation '%s'\nothers bootstrap from %s\n", identity.node_id().hex().c_str(),
                options.federation.c_str(), member.dht_endpoint().to_string().c_str());
    std::fflush(stdout);
    wait_for_signal();
    return exit_ok;
}

/// The plugin's configuration has the same, under the same names.
void add_caps(CLI::App& node, dht::NodeConfig& config) {
    node.add_option("--exempt-private", config.exempt_private,
                    "Whether private addresses are free of the caps per subnet")
        ->capture_default_str();
    for (const auto& limit : dht::limits()) {
        std::string name = std::string{"--"} + limit.name;
        std::replace(name.begin(), name.end(), '_', '-');
        const auto set = [&config, &limit](std::uint64_t value) { limit.set(config, value); };
        node.add_option_function<std::uint64_t>(name, set, limit.what)
            ->check(CLI::Range(limit.least, limit.most))
            ->default_str(std::to_string(limit.get(config)));
    }
}

int show_id(const Options& options) {
    std::printf("%s\n", glib::load_identity(options.identity_file).node_id().hex().c_str());
    return exit_ok;
}

}  // namespace

void add_node_commands(CLI::App& app, Run& run) {
    const auto options = std::make_shared<Options>();
    auto* node =
        app.add_subcommand("node", "Run a node of the DHT without Janus, for others to bootstrap from");
    add_federation(*node, *options);
    add_bootstrap(*node, *options);
    node->add_option("-i,--identity", options->identity_file, "Key file, made at first start")->required();
    add_certificate(*node, *options);
    node->add_option("--contacts", options->contacts_file,
                     "File of verified contacts, for the next start; default: beside the key file");
    node->add_option("-l,--listen", options->listen, "UDP address of the DHT; port 0: any")
        ->capture_default_str();
    node->add_option("-s,--signalling", options->signalling, "TCP address of the signalling; port 0: any")
        ->capture_default_str();
    node->add_option("-a,--advertise", options->advertise, "IP address that others are told, if another");
    add_caps(*node, options->node);
    node->callback([options, &run] { run = [options] { return run_node(*options); }; });

    auto* id = app.add_subcommand("id", "Show the NodeID of a key file");
    id->add_option("file", options->identity_file, "Key file, made if it is not there")->required();
    id->callback([options, &run] { run = [options] { return show_id(*options); }; });
}

}  // namespace tools
