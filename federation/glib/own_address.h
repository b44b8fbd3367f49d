// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>

namespace glib {

/// An address of this machine that others may reach: the first of an interface that is up, not
/// loopback and not link-local, IPv4 before IPv6. Nothing if there is none.
std::optional<std::string> own_address();

}  // namespace glib
