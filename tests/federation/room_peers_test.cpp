// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/federation/room_pair.h"

namespace {

using namespace std::chrono_literals;
using namespace federation;

Participant somebody(const std::string& id) {
    return {id, "Somebody", "{}"};
}

void join(RoomSide& side, const std::string& id) {
    side.change([&](Room& room, auto& output) { ck_assert(room.set_participant(somebody(id), output)); });
}

START_TEST(two_servers_that_meet_tell_each_other_who_is_in) {
    RoomPair p;
    p.make(p.a);
    join(p.a, "1");
    p.enter(p.b);
    p.found(p.b, {p.a.listing()});
    ck_assert(p.b.event<RoomEntered>().has_value());
    ck_assert(p.b.reached == std::vector{p.a.world.self});
    p.connect();
    p.deliver();
    ck_assert(p.a.event<RoomPeerUp>()->peer == p.b.world.self);
    ck_assert(p.b.event<RoomPeerUp>()->peer == p.a.world.self);
    ck_assert(p.b.event<ParticipantChanged>()->participant == somebody("1"));
    join(p.b, "2");
    p.deliver();
    ck_assert(p.a.event<ParticipantChanged>()->participant == somebody("2"));
    p.b.change([](Room& room, auto& output) { room.remove_participant("2", output); });
    p.deliver();
    ck_assert(p.a.event<ParticipantGone>()->id == "2");
    ck_assert_int_eq(p.a.uses, 1);
}
END_TEST

START_TEST(a_connection_that_breaks_takes_its_participants_and_brings_them_back) {
    RoomPair p;
    p.meet();
    join(p.a, "1");
    p.deliver();
    ck_assert(p.b.event<RoomPeerUp>() && p.b.event<ParticipantChanged>());
    p.cut();
    ck_assert(p.b.event<RoomPeerDown>()->reason == Reason::server_unreachable);
    ck_assert(p.b.room->participants(p.a.world.self).empty());
    ck_assert_int_eq(p.b.uses, 0);
    ck_assert(p.b.reached.size() == 2);  // at once
    p.pass(1s);
    p.connect();
    p.deliver();
    ck_assert(p.b.event<RoomPeerUp>() && p.b.event<ParticipantChanged>());
}
END_TEST

START_TEST(who_is_away_is_tried_ever_more_rarely_while_it_may_be_there) {
    RoomPair p;
    p.meet();
    p.cut();
    const auto tries = [&](dht::Duration time) {
        const auto before = p.b.reached.size();
        for (const auto end = p.now.time + time; p.now.time < end;) {
            p.pass(50ms);
            p.b.change([&](Room& room, auto& output) { room.advance(p.now, output); });
        }
        return p.b.reached.size() - before;
    };
    const auto soon = tries(3s), later = tries(30s);
    ck_assert_uint_ge(soon, 2);
    ck_assert_uint_le(soon, 5);
    ck_assert_uint_ge(later, 8);
    ck_assert_uint_le(later, 11);
}
END_TEST

START_TEST(a_roster_with_a_gap_is_said_again_from_the_beginning) {
    RoomPair p;
    p.meet();
    ck_assert(p.b.event<RoomPeerUp>().has_value());
    join(p.a, "1");
    p.a.mail.clear();  // lost
    join(p.a, "2");
    p.deliver();
    ck_assert(p.b.event<RoomPeerDown>()->reason == Reason::protocol_error);
    for (int i = 0; i < 100 && !p.b.room->has(p.a.world.self); ++i) {
        p.pass(100ms);
        for (auto* side : {&p.a, &p.b})
            side->change([&](Room& room, auto& output) { room.advance(p.now, output); });
        p.deliver();
    }
    ck_assert_uint_eq(p.b.room->participants(p.a.world.self).size(), 2);
}
END_TEST

START_TEST(a_stranger_says_nothing_of_who_is_in) {
    RoomPair p;
    p.make(p.a);
    p.hand(p.a, p.b.world.self, RoomRoster{"demo", 1, true, true, {somebody("9")}, {}});
    ck_assert(p.a.room->participants(p.b.world.self).empty() && !p.a.event<ParticipantChanged>());
}
END_TEST

START_TEST(who_is_greeted_and_silent_holds_no_place) {
    RoomPair p;
    p.make(p.a);
    p.enter(p.b);
    p.found(p.b, {p.a.listing()});
    p.connect();
    ck_assert(p.b.sends<RoomEnter>());
    ck_assert_int_eq(p.b.uses, 1);
    p.b.mail.clear();
    p.pass(6s);
    p.b.change([&](Room& room, auto& output) { room.advance(p.now, output); });
    ck_assert(p.b.sends<RoomLeave>());
    ck_assert_int_eq(p.b.uses, 0);
}
END_TEST

START_TEST(a_server_that_is_named_by_another_is_reached) {
    RoomPair p;
    p.meet();
    const auto third = *dht::NodeId::from_hex(std::string(40, 'c'));
    const auto policy = encode(p.a.room->policy());
    p.hand(p.b, p.a.world.self,
           RoomEnter{"demo",
                     "0123456789abcdef",
                     "",
                     policy,
                     true,
                     "",
                     {{third, dht::Endpoint::v4({10, 0, 0, 3}, 1)}, {p.b.world.self, {}}}});
    ck_assert(p.b.reached.back() == third);
}
END_TEST

}  // namespace

int main() {
    return run_suite(
        "room_peers",
        {two_servers_that_meet_tell_each_other_who_is_in,
         a_connection_that_breaks_takes_its_participants_and_brings_them_back,
         who_is_away_is_tried_ever_more_rarely_while_it_may_be_there,
         a_roster_with_a_gap_is_said_again_from_the_beginning, a_stranger_says_nothing_of_who_is_in,
         who_is_greeted_and_silent_holds_no_place, a_server_that_is_named_by_another_is_reached});
}
