// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/room.h"

#include "tests/federation/room_pair.h"

namespace {

using namespace std::chrono_literals;
using namespace federation;

START_TEST(a_room_that_nobody_has_is_looked_for_twice_and_refused) {
    RoomPair p;
    p.enter(p.a);
    ck_assert_int_eq(p.a.looks, 1);
    p.found(p.a, {});
    ck_assert_int_eq(p.a.looks, 2);
    ck_assert(p.a.room->state() == Room::State::looking);
    p.found(p.a, {});
    ck_assert(p.a.event<RoomRefused>()->reason == Reason::unknown_room);
    ck_assert(p.a.room->over());
}
END_TEST

START_TEST(a_look_that_takes_too_long_is_not_a_room_that_is_not_there) {
    RoomPair p;
    p.enter(p.a);
    for (int i = 0; i < 2; ++i)
        p.a.change([&](Room& room, auto& output) { room.found(nullptr, p.now, output); });
    ck_assert(p.a.event<RoomRefused>()->reason == Reason::server_unreachable);
}
END_TEST

START_TEST(a_room_that_is_made_is_told_when_others_can_find_it) {
    RoomPair p;
    p.make(p.a);
    ck_assert(p.a.room->here() && p.a.room->listing().has_value());
    ck_assert(!p.a.event<RoomCreated>());
    p.a.change([](Room& room, auto& output) { room.held(output); });
    ck_assert(p.a.event<RoomCreated>()->token == to_text(RoomPair::token()));
    p.a.change([](Room& room, auto& output) { room.held(output); });
    ck_assert(!p.a.event<RoomCreated>());
}
END_TEST

START_TEST(a_room_whose_record_nobody_keeps_is_told_nevertheless) {
    RoomPair p;
    p.make(p.a);
    ck_assert(p.a.room->deadline().has_value());
    p.pass(2s);
    p.a.change([&](Room& room, auto& output) { room.advance(p.now, output); });
    ck_assert(p.a.event<RoomCreated>().has_value());
}
END_TEST

START_TEST(of_a_drained_server_nothing_is_published) {
    RoomPair p;
    p.make(p.a);
    p.a.world.draining = true;
    ck_assert(!p.a.room->listing());
    p.a.world.draining = false;
    ck_assert(p.a.room->listing()->signalling == p.a.config.signalling);
}
END_TEST

START_TEST(a_name_that_must_be_new_is_refused_where_others_have_it) {
    RoomPair p;
    p.make(p.b, {}, 1000, 8);
    RoomOutput output;
    p.a.room =
        Room::made("demo", RoomPair::policy(), RoomPair::token(), {}, {}, true, p.a.world, p.now, output);
    p.found(p.a, {p.b.listing()});
    ck_assert(p.a.event<RoomRefused>()->reason == Reason::room_exists);
}
END_TEST

START_TEST(a_room_without_a_pin_is_not_made_beside_one_that_has_one) {
    RoomPair p;
    p.make(p.b, "open", 1000, 8);
    RoomOutput output;
    p.a.room =
        Room::made("demo", RoomPair::policy(), RoomPair::token(), {}, {}, false, p.a.world, p.now, output);
    p.found(p.a, {p.b.listing()});
    ck_assert(p.a.event<RoomRefused>()->reason == Reason::policy_conflict);
}
END_TEST

START_TEST(who_enters_without_the_pin_is_told_that_there_is_one) {
    RoomPair p;
    p.make(p.a, "open");
    p.enter(p.b);
    for (int i = 0; i < 2; ++i) p.found(p.b, {p.a.listing()});
    const auto refused = p.b.event<RoomRefused>();
    ck_assert(refused->reason == Reason::pin_required || refused->reason == Reason::unknown_room);
    p.a.change([&](Room& room, auto& output) { room.enter("shut", p.now, output); });
    ck_assert(p.a.event<RoomRefused>()->reason == Reason::wrong_pin);
    p.a.change([&](Room& room, auto& output) { room.enter("open", p.now, output); });
    ck_assert(p.a.event<RoomEntered>().has_value());
}
END_TEST

START_TEST(the_last_member_takes_the_room_along_unless_it_was_made_here) {
    RoomPair p;
    p.meet();
    p.a.change([&](Room& room, auto& output) { room.leave(output); });
    p.b.change([&](Room& room, auto& output) { room.leave(output); });
    ck_assert(p.a.room->here() && p.b.room->over());
    p.deliver();
    ck_assert(p.a.room->peers().empty());
    ck_assert_int_eq(p.a.uses, 0);
    ck_assert_int_eq(p.b.uses, 0);
}
END_TEST

START_TEST(while_there_are_members_others_are_looked_for_again_and_again) {
    RoomPair p;
    p.meet();
    const int looks = p.b.looks;
    for (int i = 0; i < 60; ++i) {
        p.pass(1s);
        p.b.change([&](Room& room, auto& output) { room.advance(p.now, output); });
    }
    ck_assert_int_ge(p.b.looks - looks, 4);
    ck_assert_int_le(p.b.looks - looks, 6);
}
END_TEST

}  // namespace

int main() {
    return run_suite("room", {a_room_that_nobody_has_is_looked_for_twice_and_refused,
                              a_look_that_takes_too_long_is_not_a_room_that_is_not_there,
                              a_room_that_is_made_is_told_when_others_can_find_it,
                              a_room_whose_record_nobody_keeps_is_told_nevertheless,
                              of_a_drained_server_nothing_is_published,
                              a_name_that_must_be_new_is_refused_where_others_have_it,
                              a_room_without_a_pin_is_not_made_beside_one_that_has_one,
                              who_enters_without_the_pin_is_told_that_there_is_one,
                              the_last_member_takes_the_room_along_unless_it_was_made_here,
                              while_there_are_members_others_are_looked_for_again_and_again});
}
