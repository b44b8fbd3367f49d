// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/layer_map.h"

#include "tests/check.h"
#include "tests/plugin/packets.h"

using plugin::LayerMap;
using plugin::SimulcastMedia;
using tests::Octets;
using tests::Rtp;

namespace {

const SimulcastMedia named{.mindex = 1, .rids = {"l", "m", "h"}, .ssrcs = {}, .rid_extension = 10};
const SimulcastMedia numbered{.mindex = 1, .rids = {}, .ssrcs = {100, 200, 300}, .rid_extension = 0};

std::optional<int> layer(LayerMap& map, int mindex, const Rtp& rtp) {
    const Octets packet = rtp.octets();
    return map.layer(mindex, *plugin::RtpPacket::parse(packet));
}

Octets rid(char name) {
    return {0xa0, static_cast<std::uint8_t>(name)};
}

START_TEST(a_layer_is_named_at_first_and_known_by_its_ssrc_afterwards) {
    LayerMap map;
    map.describe({named});
    ck_assert(!layer(map, 1, {.ssrc = 7}).has_value());
    ck_assert(layer(map, 1, {.ssrc = 7, .elements = rid('h')}) == 2);
    ck_assert(layer(map, 1, {.ssrc = 8, .elements = rid('l')}) == 0);
    ck_assert(layer(map, 1, {.ssrc = 7}) == 2);
    ck_assert(layer(map, 1, {.ssrc = 8}) == 0);
    ck_assert(!layer(map, 1, {.ssrc = 9, .elements = rid('x')}).has_value());
}
END_TEST

START_TEST(a_layer_may_change_its_ssrc) {
    LayerMap map;
    map.describe({named});
    ck_assert(layer(map, 1, {.ssrc = 7, .elements = rid('m')}) == 1);
    ck_assert(layer(map, 1, {.ssrc = 70, .elements = rid('m')}) == 1);
    ck_assert(layer(map, 1, {.ssrc = 70}) == 1);
    ck_assert(!layer(map, 1, {.ssrc = 7}).has_value());
}
END_TEST

START_TEST(layers_may_be_told_by_their_ssrcs) {
    LayerMap map;
    map.describe({numbered});
    ck_assert(layer(map, 1, {.ssrc = 100}) == 0);
    ck_assert(layer(map, 1, {.ssrc = 300}) == 2);
    ck_assert(!layer(map, 1, {.ssrc = 400}).has_value());
}
END_TEST

START_TEST(an_mline_without_simulcast_has_no_layers) {
    LayerMap map;
    ck_assert(map.empty());
    map.describe({named});
    ck_assert(!map.empty());
    ck_assert(map.simulcasts(1));
    ck_assert(!map.simulcasts(2));
    ck_assert(!layer(map, 2, {.ssrc = 7, .elements = rid('h')}).has_value());
    map.describe({});
    ck_assert(map.empty());
}
END_TEST

START_TEST(a_renegotiation_forgets_only_what_it_changes) {
    LayerMap map;
    map.describe({named});
    layer(map, 1, {.ssrc = 7, .elements = rid('h')});
    map.describe({named});
    ck_assert(layer(map, 1, {.ssrc = 7}) == 2);
    auto changed = named;
    changed.rids = {"h"};
    map.describe({changed});
    ck_assert(!layer(map, 1, {.ssrc = 7}).has_value());
    ck_assert(layer(map, 1, {.ssrc = 7, .elements = rid('h')}) == 0);
}
END_TEST

}  // namespace

int main() {
    return run_suite("layer_map",
                     {a_layer_is_named_at_first_and_known_by_its_ssrc_afterwards, a_layer_may_change_its_ssrc,
                      layers_may_be_told_by_their_ssrcs, an_mline_without_simulcast_has_no_layers,
                      a_renegotiation_forgets_only_what_it_changes});
}
