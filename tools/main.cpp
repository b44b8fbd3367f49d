// SPDX-License-Identifier: LGPL-2.1-or-later
#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>

#include "tools/commands.h"
#include "tools/options.h"

int main(int argc, char** argv) {
    CLI::App app{"viaduct: a federation of Janus servers without a centre"};
    app.set_version_flag("--version", VIADUCT_VERSION);
    app.require_subcommand(1);
    app.footer("Exit codes: 0 done, 1 not found, 2 wrong usage, 3 cannot (the message says why).");

    tools::Run run;
    tools::add_node_commands(app, run);
    tools::add_lookup_commands(app, run);
    tools::add_ping_command(app, run);
    tools::add_record_commands(app, run);
    tools::add_item_commands(app, run);
    tools::add_crawl_command(app, run);
    tools::add_federation_commands(app, run);
    try {
        app.parse(argc, argv);
        return run();
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? tools::exit_ok : tools::exit_usage;
    } catch (const tools::UsageError& error) {
        std::fprintf(stderr, "viaduct: %s\n", error.what());
        return tools::exit_usage;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "viaduct: %s\n", error.what());
        return tools::exit_failed;
    }
}
