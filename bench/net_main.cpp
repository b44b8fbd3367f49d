// SPDX-License-Identifier: LGPL-2.1-or-later
// 64 nodes on the loopback, of one kind: what a put and a get take, and a get when half of them are gone, or
// when they come and go all the time.
#include <cstdio>
#include <string_view>

#include "bench/net_churn.h"
#include "bench/net_swarms.h"

int main(int argc, char** argv) {
    const std::string_view who = argc > 2 ? argv[1] : "";
    const auto what = bench::what_of(argc > 2 ? argv[2] : "");
    const auto run = [&](const char* name, std::uint16_t port, auto make) {
        bench::run({argv, argv + argc}, 3, name, port,
                   [&](const bench::Place& place) { return make(*what, place); });
    };
    if (who == "viaduct" && what) run("Viaduct", 17'000, bench::viaduct_swarm);
#ifdef WITH_LIBTORRENT
    if (who == "libtorrent" && what) run("libtorrent", 17'300, bench::libtorrent_swarm);
#endif
    std::fprintf(stderr, "usage: dht-net viaduct | libtorrent  items | first | all  [churn SECONDS]\n");
    return 2;
}
