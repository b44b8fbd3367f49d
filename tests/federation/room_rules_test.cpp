// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/federation/room_pair.h"

namespace {

using namespace std::chrono_literals;
using namespace federation;

START_TEST(who_knows_the_pin_is_let_in_once_it_is_proved) {
    RoomPair p;
    p.make(p.a, "open");
    p.enter(p.b, "open");
    p.found(p.b, {p.a.listing()});
    ck_assert(p.b.room->state() == Room::State::proving);
    p.connect();
    p.deliver();
    ck_assert(p.b.event<RoomEntered>().has_value());
    ck_assert(p.a.room->has(p.b.world.self) && p.b.room->has(p.a.world.self));
}
END_TEST

START_TEST(who_does_not_is_turned_away_and_told_why) {
    RoomPair p;
    p.meet("open");
    RoomPair q;
    q.make(q.a, "open");
    q.enter(q.b, "shut");
    q.found(q.b, {q.a.listing()});
    q.connect();
    q.deliver();
    ck_assert(!q.a.room->has(q.b.world.self) && !q.b.room->here());
    q.pass(10s);
    q.b.change([&](Room& room, auto& output) { room.advance(q.now, output); });
    ck_assert(q.b.event<RoomRefused>()->reason == Reason::wrong_pin);
}
END_TEST

START_TEST(a_roster_before_the_proof_is_not_heard) {
    RoomPair p;
    p.make(p.a, "open");
    p.hand(p.a, p.b.world.self,
           RoomEnter{"demo", "0123456789abcdef", "", encode(p.a.room->policy()), false, "", {}});
    p.hand(p.a, p.b.world.self, RoomRoster{"demo", 1, true, true, {{"9", "", "{}"}}, {}});
    ck_assert(!p.a.room->has(p.b.world.self) && p.a.room->participants(p.b.world.self).empty());
}
END_TEST

START_TEST(of_two_rooms_without_a_pin_the_older_ones_rules_hold) {
    RoomPair p;
    p.make(p.a, {}, 1000, 7);
    p.make(p.b, {}, 2000, 8);
    p.found(p.b, {p.a.listing()});
    p.connect();
    p.deliver();
    ck_assert(p.b.room->policy() == p.a.room->policy());
    ck_assert(p.a.room->is_keyholder() && !p.b.room->is_keyholder());
    ck_assert(p.b.room->keyholder() == p.a.world.self);
}
END_TEST

START_TEST(who_holds_the_key_of_two_rooms_with_one_pin_is_known_to_both) {
    RoomPair p;
    p.make(p.a, "open", 1000, 7);
    p.make(p.b, "open", 2000, 8);
    p.found(p.b, {p.a.listing()});
    p.connect();
    p.deliver();
    ck_assert(p.b.room->policy() == p.a.room->policy());
    ck_assert(p.b.room->keyholder() == p.a.world.self && !p.a.room->keyholder());
}
END_TEST

START_TEST(a_policy_that_is_forged_is_refused) {
    RoomPair p;
    p.meet();
    auto forged = p.a.room->policy();
    forged.version += 1;
    forged.rules.about = R"({"bitrate":1})";
    p.hand(p.a, p.b.world.self, RoomPolicyNews{"demo", encode(forged), ""});
    ck_assert(p.a.room->policy().rules.about == "{}");
    ck_assert(!p.a.room->has(p.b.world.self));
    p.hand(p.a, p.b.world.self, RoomEnter{"demo", "0123456789abcdef", "", encode(forged), true, "", {}});
    ck_assert(!p.a.room->has(p.b.world.self));
    ck_assert(p.a.sends<RoomLeave>());
}
END_TEST

START_TEST(a_newer_version_of_the_rules_reaches_everybody) {
    RoomPair p;
    p.meet("open");
    auto edited = p.a.room->policy();
    ++edited.version;
    edited.rules.about = R"({"bitrate":1})";
    sign(edited, Config{}.node.federation, "demo", RoomPair::token());
    p.a.change([&](Room& room, auto& output) { room.edit(edited, "closed", {}, output); });
    p.deliver();
    ck_assert(p.b.room->policy() == edited && p.b.room->pin() == "closed");
    ck_assert(p.b.event<RoomRulesChanged>()->rules == edited.rules);
    ck_assert(p.a.room->has(p.b.world.self));  // whoever is in stays
    // The one before is old.
    p.hand(p.b, p.a.world.self, RoomPolicyNews{"demo", encode(RoomPair::policy("open")), ""});
    ck_assert(p.b.room->policy() == edited);
}
END_TEST

/// The rules of the room in `p`, which has a pin, edited by who made it.
RoomPolicy edited_rules(const RoomPair& p) {
    auto edited = p.a.room->policy();
    ++edited.version;
    edited.rules.about = R"({"bitrate":1})";
    sign(edited, Config{}.node.federation, "demo", RoomPair::token());
    return edited;
}

START_TEST(a_pin_that_the_rooms_key_has_not_signed_is_not_taken) {
    RoomPair p;
    p.meet("open");
    const auto edited = edited_rules(p);
    // Whoever is in, and quicker than the maker, has the policy from it and makes up a pin.
    p.hand(p.b, p.a.world.self, RoomPolicyNews{"demo", encode(edited), "evil"});
    ck_assert(p.b.room->pin() == "open");
    p.a.change([&](Room& room, auto& output) { room.edit(edited, "closed", {}, output); });
    p.deliver();
    ck_assert(p.b.room->policy() == edited && p.b.room->pin() == "closed");
}
END_TEST

START_TEST(a_pin_of_another_version_or_room_is_forged) {
    RoomPair p;
    p.meet("open");
    const auto edited = edited_rules(p);
    const auto news = [&](std::uint64_t version, const char* room) {
        const auto signature = sign_pin("old", version, Config{}.node.federation, room, RoomPair::token());
        return RoomPolicyNews{"demo", encode(edited), "old", dht::Bytes{dht::text(signature)}};
    };
    for (const auto& forged : {news(edited.version - 1, "demo"), news(edited.version, "other")}) {
        RoomPair q;
        q.meet("open");
        q.hand(q.b, q.a.world.self, forged);
        ck_assert(q.b.room->pin() == "open" && !q.b.room->has(q.a.world.self));
    }
    p.hand(p.b, p.a.world.self, news(edited.version, "demo"));
    ck_assert(p.b.room->pin() == "old");
}
END_TEST

START_TEST(who_was_cut_off_when_a_room_was_destroyed_hears_it_from_whoever_knows) {
    RoomPair p;
    p.meet();
    p.cut();
    auto last = p.b.room->policy();
    ++last.version;
    last.destroyed = true;
    auto forged = last;
    forged.signature.fill(0);
    p.hand(p.b, p.a.world.self, RoomPolicyNews{"demo", encode(forged), ""});
    auto alive = last;
    alive.destroyed = false;
    sign(alive, Config{}.node.federation, "demo", RoomPair::token());
    p.hand(p.b, p.a.world.self, RoomPolicyNews{"demo", encode(alive), ""});
    ck_assert(p.b.room->here() && p.b.room->policy().version < last.version);
    sign(last, Config{}.node.federation, "demo", RoomPair::token());
    p.hand(p.b, p.a.world.self, RoomPolicyNews{"demo", encode(last), ""});
    ck_assert(p.b.room->over() && p.b.event<RoomDestroyed>().has_value());
}
END_TEST

START_TEST(a_room_that_its_maker_destroys_is_over_everywhere) {
    RoomPair p;
    p.meet();
    p.a.change([](Room& room, auto& output) { room.destroy(output); });
    p.deliver();
    ck_assert(p.a.room->over() && p.b.room->over());
    ck_assert(p.b.event<RoomDestroyed>().has_value());
    ck_assert_int_eq(p.b.uses, 0);
}
END_TEST

}  // namespace

int main() {
    return run_suite(
        "room_rules",
        {who_knows_the_pin_is_let_in_once_it_is_proved, who_does_not_is_turned_away_and_told_why,
         a_roster_before_the_proof_is_not_heard, of_two_rooms_without_a_pin_the_older_ones_rules_hold,
         who_holds_the_key_of_two_rooms_with_one_pin_is_known_to_both, a_policy_that_is_forged_is_refused,
         a_newer_version_of_the_rules_reaches_everybody, a_pin_that_the_rooms_key_has_not_signed_is_not_taken,
         a_pin_of_another_version_or_room_is_forged,
         who_was_cut_off_when_a_room_was_destroyed_hears_it_from_whoever_knows,
         a_room_that_its_maker_destroys_is_over_everywhere});
}
