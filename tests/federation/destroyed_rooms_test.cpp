// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/destroyed_rooms.h"

#include "tests/check.h"

namespace {

using namespace std::chrono_literals;
using namespace federation;

dht::Now at(dht::Duration passed) {
    return {dht::Time{1h} + passed, dht::Date{1'700'000'000s}};
}

RoomPolicy policy(std::uint64_t version, bool destroyed = false) {
    RoomPolicy made{.created = 1000, .version = version, .destroyed = destroyed, .rules = {}};
    sign(made, "public", "demo", OwnerToken{7});
    return made;
}

START_TEST(the_last_word_is_about_what_was_before_it_of_the_same_key) {
    DestroyedRooms rooms;
    rooms.keep("demo", policy(5, true), at(0s));
    ck_assert(*rooms.last_of("demo", policy(4)) == policy(5, true));
    ck_assert(!rooms.last_of("demo", policy(6)));  // its maker has made it again
    ck_assert(!rooms.last_of("other", policy(4)));
    auto another = policy(4);
    sign(another, "public", "demo", OwnerToken{8});
    ck_assert(!rooms.last_of("demo", another));
}
END_TEST

START_TEST(it_is_kept_for_a_while_and_of_so_many_rooms) {
    DestroyedRooms rooms;
    rooms.keep("demo", policy(5, true), at(0s));
    rooms.keep("demo", policy(7, true), at(1s));  // destroyed once more
    ck_assert(rooms.size() == 1 && rooms.last_of("demo", policy(6)));
    rooms.forget_old(at(DestroyedRooms::memory - 1s));
    ck_assert(!rooms.empty());
    rooms.forget_old(at(DestroyedRooms::memory));
    ck_assert(rooms.empty());
    for (std::size_t i = 0; i <= DestroyedRooms::kept_max; ++i)
        rooms.keep(std::to_string(i), policy(5, true), at(0s));
    ck_assert_uint_eq(rooms.size(), DestroyedRooms::kept_max);
    ck_assert(!rooms.last_of("0", policy(4)) && rooms.last_of("1", policy(4)));
}
END_TEST

}  // namespace

int main() {
    return run_suite("destroyed_rooms", {the_last_word_is_about_what_was_before_it_of_the_same_key,
                                         it_is_kept_for_a_while_and_of_so_many_rooms});
}
