// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "bench/net_drive.h"

namespace bench {

/// What the command says from its argument `at` on: nothing is `drive`; `churn SECONDS` kills and replaces
/// nodes for so long; `nodes PORT COUNT KNOWN` is how that starts those who come, by the same command. Does
/// not return unless it is none of these.
void run(const std::vector<std::string>& command, std::size_t at, const char* name, std::uint16_t port,
         const MakeSwarm& make);

}  // namespace bench
