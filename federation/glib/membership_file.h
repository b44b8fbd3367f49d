// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>

#include "federation/membership.h"

namespace glib {

/// A short text file; nothing when there is none. Throws std::runtime_error when it cannot be read, or
/// is longer than any membership.
std::optional<std::string> read_membership_text(const std::string& path);

/// `self`'s membership of the closed federation `federation`, valid now. Throws std::runtime_error that
/// says what is wrong and what to do.
federation::Membership load_membership(const std::string& path, const dht::FederationName& federation,
                                       const dht::NodeId& self);

/// Where it is when the operator names no place.
std::string membership_file_beside(const std::string& identity_file);

}  // namespace glib
