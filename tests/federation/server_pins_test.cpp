// SPDX-License-Identifier: LGPL-2.1-or-later
// Rooms with a pin and a secret, and servers that mean no good.
#include <chrono>
#include <string>

#include "federation/room_policy.h"
#include "federation/server.h"
#include "tests/check.h"
#include "tests/federation/meeting.h"

namespace {

using namespace std::chrono_literals;
using namespace federation;
using Host = World::Host;

const std::string rules = R"({"publishers":6})";
const Server::RoomPlan plan{.about = rules, .pin = "1234", .secret = "swordfish"};
const std::string visit(16, '7');

/// A room with pin and secret on some servers, and one more server that is not in it.
struct Locked : Meeting {
    Host* stranger;

    explicit Locked(std::size_t servers = 3) : Meeting(servers + 1) {
        stranger = hosts.back();
        hosts.pop_back();
        make(plan);
        for (auto* host : hosts) enter(*host, "1234");
        for (auto* host : hosts) join(*host, std::to_string(100 * host->number));
        ck_assert(agree(hosts, 16s));
    }
    Reason try_to_enter(const std::optional<std::string>& pin) {
        (*stranger)->enter_room(room, pin, world.now());
        const auto reason = wait_for<RoomRefused>(*stranger).reason;
        ck_assert(!(*stranger)->has_room(room) && (*stranger)->room_peers(room).empty());
        return reason;
    }
    Reason ask(Host& from, Host& of, const std::string& secret) {
        const auto id = from->ask_room(room, of->id(), secret, R"({"kick":"1"})", world.now());
        const auto answered = wait_for<RoomAnswered>(from);
        ck_assert(answered.request == id);
        return answered.reason;
    }
};

START_TEST(a_room_with_a_pin_is_entered_with_it_at_every_server) {
    Locked l{4};
    for (auto* host : l.hosts) {
        ck_assert((*host)->pin_matches("demo", "1234") && !(*host)->pin_matches("demo", "4321"));
        ck_assert(!(*host)->pin_matches("demo", {}));
        ck_assert((*host)->room_rules("demo") == (RoomRules{rules, true, true}));
    }
    l.enter(*l.stranger, "1234");
    l.join(*l.stranger, "late");
    l.hosts.push_back(l.stranger);
    ck_assert(l.agree(l.hosts));
}
END_TEST

START_TEST(without_the_pin_or_with_a_wrong_one_nobody_is_let_in) {
    Locked l;
    ck_assert(l.try_to_enter({}) == Reason::pin_required);
    ck_assert(l.try_to_enter("4321") == Reason::wrong_pin);
    (*l.hosts[1])->enter_room("demo", "4321", l.world.now());
    ck_assert(l.wait_for<RoomRefused>(*l.hosts[1]).reason == Reason::wrong_pin);
    ck_assert(l.agreed(l.hosts));
}
END_TEST

START_TEST(wrong_guesses_are_limited_and_do_not_keep_out_whoever_belongs_in) {
    Locked l;
    Reason last = Reason::none;
    int wrong = 0;
    for (int i = 0; i < 20; ++i) {
        last = l.try_to_enter(std::to_string(5000 + i));
        wrong += last == Reason::wrong_pin;
        l.world.run(1s);
    }
    ck_assert(last == Reason::too_many_guesses);
    // Three at each of three servers, and no more.
    ck_assert_int_le(wrong, 9);
    ck_assert(l.try_to_enter("1234") == Reason::too_many_guesses);
    l.hosts[2]->silent = true;
    const std::vector rest{l.hosts[0], l.hosts[1]};
    ck_assert(l.agree(rest, 3s));
    l.hosts[2]->silent = false;
    ck_assert(l.agree(l.hosts, 3s));
}
END_TEST

START_TEST(two_with_the_same_wrong_pin_do_not_let_each_other_in) {
    Locked l{2};
    auto& other = l.world.add();
    other->bootstrap({l.hosts[0]->udp}, l.world.now());
    l.world.run(1s);
    (*l.stranger)->enter_room("demo", "4321", l.world.now());
    other->enter_room("demo", "4321", l.world.now());
    ck_assert(l.wait_for<RoomRefused>(*l.stranger).reason == Reason::wrong_pin);
    ck_assert(l.wait_for<RoomRefused>(other).reason == Reason::wrong_pin);
}
END_TEST

START_TEST(a_pin_that_is_changed_holds_for_those_who_come_and_whoever_is_in_stays) {
    Locked l;
    auto edited = plan;
    edited.pin = "9999";
    ck_assert((*l.hosts[0])->edit_room("demo", edited, l.world.now()));
    l.world.run(100ms);
    ck_assert(l.agreed(l.hosts));
    for (auto* host : l.hosts) ck_assert((*host)->pin_matches("demo", "9999"));
    ck_assert(l.try_to_enter("1234") == Reason::wrong_pin);
    l.enter(*l.stranger, "9999");
    l.hosts.push_back(l.stranger);
    ck_assert(l.agree(l.hosts));
}
END_TEST

START_TEST(rooms_configured_alike_at_several_servers_are_one) {
    Meeting m{3};
    for (auto* host : m.hosts) {
        (*host)->create_room("demo", plan, m.world.now());
        m.wait_for<RoomCreated>(*host);
    }
    for (auto* host : m.hosts) m.enter(*host, "1234");
    for (auto* host : m.hosts) m.join(*host, std::to_string(host->number));
    ck_assert(m.agree(m.hosts, 16s));
}
END_TEST

START_TEST(a_room_without_the_pin_is_another_room) {
    Locked l{2};
    (*l.stranger)->create_room("demo", {.about = rules}, l.world.now());
    ck_assert(l.wait_for<RoomRefused>(*l.stranger).reason == Reason::policy_conflict);
    ck_assert(l.agreed(l.hosts));
}
END_TEST

START_TEST(the_secret_is_proved_at_the_maker_and_grants_what_is_asked_elsewhere) {
    Locked l;
    auto& maker = *l.hosts[0];
    auto& admin = *l.hosts[1];
    auto& target = *l.hosts[2];
    ck_assert(maker->secret_matches("demo", "swordfish") && !maker->secret_matches("demo", "sword"));
    ck_assert(!admin->secret_matches("demo", "swordfish"));
    for (auto* from : {&maker, &admin}) {
        const auto id =
            (*from)->ask_room("demo", target->id(), "swordfish", R"({"kick":"1"})", l.world.now());
        const auto asked = l.wait_for<RoomRequested>(target);
        ck_assert(asked.request == id && asked.peer == (*from)->id() && asked.body == R"({"kick":"1"})");
        target->answer_room(id, R"({"done":true})", Reason::none, l.world.now());
        const auto answered = l.wait_for<RoomAnswered>(*from);
        ck_assert(answered.request == id && answered.body == R"({"done":true})");
        ck_assert(answered.reason == Reason::none);
    }
    // Of oneself, too.
    const auto id = admin->ask_room("demo", admin->id(), "swordfish", "{}", l.world.now());
    ck_assert(l.wait_for<RoomRequested>(admin).peer == admin->id());
    admin->answer_room(id, "{}", Reason::none, l.world.now());
    ck_assert(l.wait_for<RoomAnswered>(admin).request == id);
}
END_TEST

START_TEST(a_wrong_secret_asks_nothing_of_anybody_and_can_be_tried_a_few_times) {
    Locked l;
    for (int i = 0; i < 3; ++i) ck_assert(l.ask(*l.hosts[1], *l.hosts[2], "fish") == Reason::wrong_pin);
    ck_assert(l.ask(*l.hosts[1], *l.hosts[2], "fish") == Reason::too_many_guesses);
    ck_assert(l.ask(*l.hosts[0], *l.hosts[2], "fish") == Reason::wrong_pin);
    ck_assert(!l.take<RoomRequested>(*l.hosts[2]));
    ck_assert(l.ask(*l.stranger, *l.hosts[2], "swordfish") == Reason::unknown_room);
}
END_TEST

START_TEST(a_request_that_nobody_answers_or_can_grant_ends) {
    Locked l;
    ck_assert(l.ask(*l.hosts[1], *l.hosts[2], "swordfish") == Reason::timeout);
    l.kill(*l.hosts[0]);
    l.world.run(3s);
    ck_assert(l.ask(*l.hosts[1], *l.hosts[2], "swordfish") == Reason::server_unreachable);
}
END_TEST

// ---- Mallory, who is connected and says what she likes

struct Hostile : Locked {
    Hostile() {
        (*stranger)->subscribe({(*hosts[0])->id(), "", "nothing"}, "", world.now());
        wait_for<SubscriptionEnded>(*stranger);
    }
    void say(const Message& message) {
        world.forge(*stranger, *hosts[0], message);
        world.run(50ms);
    }
    RoomPolicy policy(bool pin, std::uint64_t created = 1) {
        RoomPolicy out{.created = created, .version = created, .rules = {rules, pin, true}};
        OwnerToken token{};
        token.fill(9);
        sign(out, "public", room, token);
        return out;
    }
    void unharmed() {
        ck_assert(agreed(hosts));
        ck_assert((*hosts[0])->room_peers(room).size() == hosts.size() - 1);
        ck_assert((*hosts[0])->room_rules(room) == (RoomRules{rules, true, true}));
    }
};

START_TEST(a_roster_of_who_has_not_proved_the_pin_counts_for_nothing) {
    Hostile h;
    const RoomRoster roster{.room = "demo",
                            .seq = 1,
                            .begin = true,
                            .end = true,
                            .set = {Meeting::participant("100")},
                            .gone = {}};
    h.say(roster);
    h.say(RoomEnter{.room = "demo",
                    .visit = visit,
                    .answer = {},
                    .policy = encode(h.policy(true)),
                    .clients = {},
                    .servers = {}});
    h.say(roster);
    h.say(RoomProof{.room = "demo", .run = visit, .share = {}, .confirm = std::string(32, 'x'), .grant = {}});
    h.say(roster);
    h.unharmed();
}
END_TEST

START_TEST(forged_and_older_policies_change_nothing) {
    Hostile h;
    for (const bool pin : {true, false}) {
        h.say(RoomEnter{.room = "demo",
                        .visit = visit,
                        .answer = {},
                        .policy = encode(h.policy(pin)),
                        .clients = {},
                        .servers = {}});
        h.say(RoomPolicyNews{"demo", encode(h.policy(pin)), "0000"});
    }
    h.say(RoomEnter{
        .room = "demo", .visit = visit, .answer = {}, .policy = "nonsense", .clients = {}, .servers = {}});
    h.unharmed();
    // From one who is in: signed by another key, an older date, and a signature that is not right.
    for (auto forged : {h.policy(true), h.policy(false)}) {
        h.world.forge(*h.hosts[1], *h.hosts[0], RoomPolicyNews{"demo", encode(forged), "0000"});
        h.world.run(50ms);
        ck_assert((*h.hosts[0])->pin_matches("demo", "1234"));
    }
    auto broken = h.policy(true);
    broken.version = 7;
    h.world.forge(*h.hosts[1], *h.hosts[0], RoomPolicyNews{"demo", encode(broken), "0000"});
    ck_assert((*h.hosts[0])->pin_matches("demo", "1234"));
    ck_assert((*h.hosts[0])->room_peers("demo").size() == 1);  // whoever sends that is not believed
    ck_assert(h.agree(h.hosts, 65s));
}
END_TEST

START_TEST(somebody_elses_participants_cannot_be_claimed) {
    Hostile h;
    h.enter(*h.stranger, "1234");
    ck_assert(h.world.run_until([&] { return (*h.stranger)->room_peers("demo").size() == 3; }));
    h.say(RoomRoster{.room = "demo", .seq = 2, .set = {Meeting::participant("200")}, .gone = {"300"}});
    // It is Mallory's own 200 and nobody's 300: those of the others are as they were.
    const auto there = (*h.hosts[0])->participants("demo", (*h.hosts[1])->id());
    ck_assert(there.size() == 1 && there.front() == Meeting::participant("200"));
    ck_assert((*h.hosts[0])->participants("demo", (*h.hosts[2])->id()).size() == 1);
    ck_assert((*h.hosts[0])->participants("demo", (*h.stranger)->id()).size() == 1);
}
END_TEST

START_TEST(a_flood_of_participants_ends_with_whoever_sends_it_turned_away) {
    Hostile h;
    h.enter(*h.stranger, "1234");
    ck_assert(h.world.run_until([&] { return (*h.stranger)->room_peers("demo").size() == 3; }));
    for (std::uint64_t i = 0; i < 1100 && (*h.hosts[0])->room_peers("demo").size() == 3; ++i) {
        h.say(RoomRoster{.room = "demo",
                         .seq = 2 + i,
                         .set = {Meeting::participant("m" + std::to_string(i))},
                         .gone = {}});
    }
    ck_assert((*h.hosts[0])->room_peers("demo").size() == 2);
    ck_assert((*h.hosts[0])->participants("demo", (*h.stranger)->id()).empty());
}
END_TEST

START_TEST(requests_without_a_grant_or_with_anothers_are_refused) {
    Hostile h;
    OwnerToken token{};
    token.fill(9);
    const auto forged = grant(token, "public", "demo", (*h.stranger)->id(), h.world.now().date);
    h.say(RoomRequest{std::string(32, 'a'), "demo", forged, "{}"});
    h.world.forge(*h.hosts[1], *h.hosts[0], RoomRequest{std::string(32, 'b'), "demo", forged, "{}"});
    h.world.forge(*h.hosts[1], *h.hosts[0], RoomRequest{std::string(32, 'c'), "demo", {}, "{}"});
    h.say(RoomProof{.room = "demo",
                    .run = visit,
                    .secret = true,
                    .share = std::string(32, '\0'),
                    .confirm = {},
                    .grant = {}});
    h.say(
        RoomProof{.room = "demo", .run = visit, .secret = true, .share = {}, .confirm = {}, .grant = forged});
    h.world.run(100ms);
    ck_assert(!h.take<RoomRequested>(*h.hosts[0]));
    h.unharmed();
}
END_TEST

START_TEST(lanes_of_the_wrong_parity_or_in_use_are_refused) {
    Hostile h;
    h.enter(*h.stranger, "1234");
    ck_assert(h.world.run_until([&] { return (*h.stranger)->room_peers("demo").size() == 3; }));
    auto& publisher = *h.hosts[0];
    const LaneId theirs = (*h.stranger)->id() > publisher->id() ? 101 : 100;
    const auto ask = [&](char id, LaneId lane) {
        h.say(Subscribe{std::string(32, id), "demo", "100", lane, "{}"});
        return h.take<FeedWanted>(publisher).has_value();
    };
    ck_assert(!ask('a', theirs ^ 1U));
    ck_assert(ask('b', theirs));
    ck_assert(!ask('c', theirs));
    ck_assert(!ask('b', theirs + 2));
    ck_assert(publisher->subscriptions() == 1);
}
END_TEST

}  // namespace

int main() {
    return run_suite(
        "server_pins",
        {a_room_with_a_pin_is_entered_with_it_at_every_server,
         without_the_pin_or_with_a_wrong_one_nobody_is_let_in,
         wrong_guesses_are_limited_and_do_not_keep_out_whoever_belongs_in,
         two_with_the_same_wrong_pin_do_not_let_each_other_in,
         a_pin_that_is_changed_holds_for_those_who_come_and_whoever_is_in_stays,
         rooms_configured_alike_at_several_servers_are_one, a_room_without_the_pin_is_another_room,
         the_secret_is_proved_at_the_maker_and_grants_what_is_asked_elsewhere,
         a_wrong_secret_asks_nothing_of_anybody_and_can_be_tried_a_few_times,
         a_request_that_nobody_answers_or_can_grant_ends,
         a_roster_of_who_has_not_proved_the_pin_counts_for_nothing, forged_and_older_policies_change_nothing,
         somebody_elses_participants_cannot_be_claimed,
         a_flood_of_participants_ends_with_whoever_sends_it_turned_away,
         requests_without_a_grant_or_with_anothers_are_refused,
         lanes_of_the_wrong_parity_or_in_use_are_refused},
        60);
}
