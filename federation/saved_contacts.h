// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dht/contact.h"

namespace federation {

/// Enough that somebody of them is still there after a long night, and few enough to ping at once.
constexpr std::size_t saved_contacts_max = 128;
/// Of the text below, with room for the longest addresses.
constexpr std::size_t saved_contacts_bytes_max = 64 + saved_contacts_max * 96;

/// A node's verified contacts as text for a file: a line that says what it is, then one line of NodeID
/// and endpoint for each. Of more than may be, some from all over the table.
std::string encode_contacts(const std::vector<dht::Contact>& contacts);
/// Whatever a file may hold: nothing unless every line is sound.
std::optional<std::vector<dht::Contact>> decode_contacts(std::string_view text);

}  // namespace federation
