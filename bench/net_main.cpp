// SPDX-License-Identifier: LGPL-2.1-or-later
// 64 nodes on the loopback, of one kind: what a put and a get take, and a get when half of them are gone.
#include <cstdio>
#include <string_view>

#include "bench/net_swarms.h"

int main(int argc, char** argv) {
    const std::string_view who = argc > 2 ? argv[1] : "";
    const auto what = bench::what_of(argc > 2 ? argv[2] : "");
    const auto drive = [&](const char* name, std::uint16_t port, auto make) {
        bench::drive(name, port,
                     [&](std::uint16_t own, std::uint16_t first) { return make(*what, own, first); });
    };
    if (who == "viaduct" && what) drive("viaduct", 17'500, bench::viaduct_swarm);
#ifdef WITH_LIBTORRENT
    if (who == "libtorrent" && what) drive("libtorrent", 17'600, bench::libtorrent_swarm);
#endif
    std::fprintf(stderr, "usage: dht-net viaduct | libtorrent  items | first | all\n");
    return 2;
}
