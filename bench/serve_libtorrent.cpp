// SPDX-License-Identifier: LGPL-2.1-or-later
#include <unistd.h>

#include <libtorrent/session.hpp>

#include "bench/crowd.h"
#include "bench/libtorrent_settings.h"
#include "bench/servers.h"

namespace bench {

namespace {

constexpr useconds_t until_the_crowd_is_there = 3'000'000;
constexpr useconds_t pause_between_contacts = 1000;

}  // namespace

void serve_libtorrent(std::uint16_t port, std::size_t contacts) {
    lt::session session{libtorrent_settings(port)};
    usleep(until_the_crowd_is_there);
    // By itself it would ping one of those that have asked it every few seconds.
    for (std::size_t i = 0; i < contacts; ++i) {
        session.add_dht_node({contact_address(i), contact_port});
        usleep(pause_between_contacts);
    }
    for (;;) pause();
}

}  // namespace bench
