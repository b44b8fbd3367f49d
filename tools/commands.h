// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <CLI/CLI.hpp>

#include <functional>

namespace tools {

/// What the command that was chosen does; returns the exit code.
using Run = std::function<int()>;

// Each adds a group of commands, one of which sets `run` when it is chosen.
void add_node_commands(CLI::App& app, Run& run);    // node, id
void add_lookup_commands(CLI::App& app, Run& run);  // lookup, find-node
void add_ping_command(CLI::App& app, Run& run);
void add_record_commands(CLI::App& app, Run& run);  // get, put
void add_item_commands(CLI::App& app, Run& run);    // get-item, put-item
void add_crawl_command(CLI::App& app, Run& run);
void add_federation_commands(CLI::App& app, Run& run);  // init, admit, revoke, show

}  // namespace tools
