// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>

namespace bench {

// Each serves on 127.0.0.1 with whatever limits the rate of queries lifted, and does not return.

/// Our node, in the driver that it has inside Janus.
void serve_viaduct(std::uint16_t port);

/// The ceiling: receives and sends in batches and looks at nothing but the first two octets, the size
/// of the reply that is wanted, the higher one first.
void serve_echo(std::uint16_t port);

#ifdef WITH_LIBTORRENT
void serve_libtorrent(std::uint16_t port, std::size_t contacts);
#endif

}  // namespace bench
