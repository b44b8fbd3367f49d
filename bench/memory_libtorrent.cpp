// SPDX-License-Identifier: LGPL-2.1-or-later
// The same of libtorrent's nodes.
#include <unistd.h>

#include <cstdio>
#include <libtorrent/session.hpp>
#include <string_view>

#include "bench/libtorrent_settings.h"
#include "bench/memory_drive.h"
#include "bench/net_swarms.h"

int main(int argc, char** argv) {
    const std::string_view what = argc > 1 ? argv[1] : "";
    if (what == "nodes")
        bench::measure_memory("libtorrent", 17'800, [](const bench::Place& place) {
            return bench::libtorrent_swarm(bench::What::first, place);
        });
    if (what == "idle") {
        const lt::session session{bench::libtorrent_settings(17'990)};
        pause();
    }
    std::fprintf(stderr, "usage: dht-memory-libtorrent nodes | idle\n");
    return 2;
}
