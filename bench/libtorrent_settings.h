// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <libtorrent/alert.hpp>
#include <libtorrent/session_params.hpp>
#include <libtorrent/settings_pack.hpp>
#include <string>

namespace bench {

/// A DHT on the loopback and nothing else, with no limit that a benchmark would run into.
inline lt::session_params libtorrent_settings(std::uint16_t port) {
    using Pack = lt::settings_pack;
    constexpr int plenty = 100'000'000;
    lt::session_params out;
    Pack& pack = out.settings;
    pack.set_str(Pack::listen_interfaces, "127.0.0.1:" + std::to_string(port));
    pack.set_str(Pack::dht_bootstrap_nodes, "");
    pack.set_int(Pack::alert_mask, lt::alert_category::dht);
    for (const auto off : {Pack::enable_lsd, Pack::enable_upnp, Pack::enable_natpmp,
                           Pack::dht_restrict_routing_ips, Pack::dht_restrict_search_ips,
                           Pack::dht_prefer_verified_node_ids, Pack::dht_ignore_dark_internet}) {
        pack.set_bool(off, false);
    }
    pack.set_bool(Pack::enable_dht, true);
    pack.set_int(Pack::dht_block_ratelimit, plenty);
    pack.set_int(Pack::dht_upload_rate_limit, plenty);
    pack.set_int(Pack::dht_max_dht_items, 100'000);
    return out;
}

}  // namespace bench
