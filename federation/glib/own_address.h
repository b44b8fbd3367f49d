// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace glib {

/// The addresses of this machine that others may reach: of interfaces that are up, not loopback and not
/// link-local, IPv4 before IPv6.
std::vector<std::string> own_addresses();
/// The first. Nothing if there is none.
std::optional<std::string> own_address();

}  // namespace glib
