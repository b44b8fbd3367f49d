// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/layer_meter.h"

#include "tests/check.h"

using namespace std::chrono_literals;
using plugin::LayerMeter;
using plugin::LayerRates;

namespace {

constexpr dht::Time start{1h};

START_TEST(a_rate_is_what_came_since_it_was_asked_last) {
    LayerMeter meter;
    meter.count(0, 0, 5'000);
    ck_assert(meter.rates(start) == LayerRates{});  // since when is not known
    meter.count(0, 0, 1'000);
    meter.count(2, 0, 500);
    meter.count(2, 0, 500);
    meter.count(2, 1, 250);
    ck_assert(meter.rates(start + 2s) == (LayerRates{{4'000, 0, 0, 0, 0, 0, 4'000, 1'000, 0}}));
}
END_TEST

START_TEST(a_layer_that_stays_away_is_told_as_it_was) {
    LayerMeter meter;
    meter.rates(start);
    meter.count(1, 0, 1'000);
    meter.rates(start + 1s);
    ck_assert(meter.rates(start + 60s) == (LayerRates{{0, 0, 0, 8'000}}));
}
END_TEST

START_TEST(who_asks_at_once_again_gets_the_same) {
    LayerMeter meter;
    meter.rates(start);
    meter.count(0, 0, 1'000);
    meter.rates(start + 1s);
    meter.count(0, 0, 1'000);
    ck_assert(meter.rates(start + 1s + 100ms) == (LayerRates{{8'000}}));
    ck_assert(meter.rates(start + 2s) == (LayerRates{{8'000}}));
}
END_TEST

START_TEST(layers_beyond_the_last_count_with_it) {
    LayerMeter meter;
    meter.rates(start);
    meter.count(7, 63, 1'000);
    meter.count(-1, -1, 1'000);
    ck_assert(meter.rates(start + 1s) == (LayerRates{{8'000, 0, 0, 0, 0, 0, 0, 0, 8'000}}));
}
END_TEST

}  // namespace

int main() {
    return run_suite("layer_meter",
                     {a_rate_is_what_came_since_it_was_asked_last, a_layer_that_stays_away_is_told_as_it_was,
                      who_asks_at_once_again_gets_the_same, layers_beyond_the_last_count_with_it});
}
