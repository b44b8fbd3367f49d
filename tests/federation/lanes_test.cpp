// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/lanes.h"

#include <string>

#include "tests/check.h"

namespace {

const auto self = *dht::NodeId::from_hex(std::string(40, '5'));
const auto greater = *dht::NodeId::from_hex(std::string(40, '9'));
const auto lesser = *dht::NodeId::from_hex(std::string(40, '1'));

START_TEST(each_server_of_a_pair_has_numbers_of_its_own) {
    federation::Lanes lanes{self};
    const auto even = lanes.allocate(greater);
    const auto odd = lanes.allocate(lesser);
    ck_assert(even % 2 == 0 && even >= 2 && odd % 2 == 1 && odd >= 3);
    ck_assert(lanes.allocate(greater) != even);
    ck_assert(lanes.take(greater, 7) && !lanes.take(greater, 8));
    ck_assert(lanes.take(lesser, 8) && !lanes.take(lesser, 7));
}
END_TEST

START_TEST(a_lane_is_used_once_until_it_is_released) {
    federation::Lanes lanes{self};
    ck_assert(lanes.take(greater, 7) && !lanes.take(greater, 7));
    lanes.release(greater, 7);
    ck_assert(lanes.used() == 0 && lanes.take(greater, 7));
}
END_TEST

START_TEST(within_one_server_both_ends_have_the_same_lane) {
    federation::Lanes lanes{self};
    const auto lane = lanes.allocate(self);
    ck_assert(lanes.take(self, lane));
    lanes.release(self, lane);
    lanes.release(self, lane);
    ck_assert(lanes.used() == 0);
}
END_TEST

}  // namespace

int main() {
    return run_suite("lanes",
                     {each_server_of_a_pair_has_numbers_of_its_own, a_lane_is_used_once_until_it_is_released,
                      within_one_server_both_ends_have_the_same_lane});
}
