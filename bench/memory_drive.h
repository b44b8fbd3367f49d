// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "bench/net_drive.h"

namespace bench {

/// Of this process, as the kernel counts it.
double resident_kib();

/// What further nodes in this process add when all have been put to and asked; prints a line of JSON.
void measure_memory(const char* name, std::uint16_t port, const MakeSwarm& make);

}  // namespace bench
