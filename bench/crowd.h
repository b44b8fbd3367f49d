// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace bench {

/// Where each of them lives: 127.1.x.y, where nobody else on the loopback does.
constexpr std::uint16_t contact_port = 17'400;
std::string contact_address(std::size_t number);

/// So many contacts that a server's routing table is as full as in a network of that size: each has an
/// address and a key of its own, asks the server once, and from then on answers what it is asked.
/// Does not return.
void be_crowd(std::size_t contacts, std::uint16_t server);

}  // namespace bench
