// SPDX-License-Identifier: LGPL-2.1-or-later
// Trunks between two servers in one process, on the loopback: what packets cost, and how bad networks are
// borne.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string_view>

#include "bench/trunk_calls.h"

int main(int argc, char** argv) try {
    const std::string_view what = argc > 1 ? argv[1] : "";
    const auto number = [&](int at) { return argc > at ? std::atoi(argv[at]) : 0; };
    if (what != "plain") gst::Trunks::warm_up();
    if (what == "load" && argc > 4) {
        std::vector<std::uint32_t> lanes;
        for (int at = 4; at < argc; ++at) lanes.push_back(static_cast<std::uint32_t>(number(at)));
        bench::load(number(2), number(3), lanes);
    } else if (what == "plain" && argc > 4) {
        std::vector<std::uint16_t> ports;
        for (int at = 4; at < argc; ++at) ports.push_back(static_cast<std::uint16_t>(number(at)));
        bench::plain(number(2), static_cast<std::uint16_t>(number(3)), ports);
    } else if (what == "ageing" && argc == 3)
        bench::ageing(number(2));
    else if (what == "soak" && argc == 4)
        bench::soak(static_cast<std::uint32_t>(number(2)), number(3));
    else if (what == "interruptions" && argc == 3)
        bench::interruptions(number(2));
    else {
        std::fprintf(stderr,
                     "usage: trunk-calls load SECONDS ROUNDS LANES… | plain SECONDS PASSED_ON_TO PORTS… | "
                     "ageing SECONDS | soak CALLS SECONDS | interruptions CUTS\n");
        return 2;
    }
    return 0;
} catch (const std::exception& error) {
    std::fprintf(stderr, "trunk-calls: %s\n", error.what());
    return 1;
}
