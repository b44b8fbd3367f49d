// SPDX-License-Identifier: LGPL-2.1-or-later
// 64 nodes on the loopback, of one kind: what a put and a get take, and a get when half of them are gone.
#include <cstdio>
#include <string_view>

#include "bench/net_swarms.h"

int main(int argc, char** argv) {
    const std::string_view who = argc > 1 ? argv[1] : "";
    if (who == "viaduct") bench::drive("viaduct", 17'500, bench::viaduct_swarm);
#ifdef WITH_LIBTORRENT
    if (who == "libtorrent") bench::drive("libtorrent", 17'600, bench::libtorrent_swarm);
#endif
    std::fprintf(stderr, "usage: dht-net viaduct | libtorrent\n");
    return 2;
}
