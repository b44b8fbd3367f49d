// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/server.h"

#include <chrono>
#include <string>

#include "tests/federation/call_pair.h"

namespace {

using namespace std::chrono_literals;
using namespace tests;

START_TEST(a_name_is_taken_at_one_server_only) {
    Pair p;
    (*p.b)->register_user("alice", p.world.now());
    ck_assert(p.world.wait<UserRefused>(*p.b)->reason == Reason::name_taken);
    (*p.a)->unregister_user("alice", p.world.now());
    p.world.run(100ms);
    (*p.b)->register_user("alice", p.world.now());
    ck_assert(p.world.wait<UserRegistered>(*p.b, 1s));
}
END_TEST

START_TEST(of_two_who_register_at_once_one_keeps_the_name) {
    for (int offset = 0; offset < 12; ++offset) {
        Pair p;
        (*p.a)->register_user("carol", p.world.now());
        p.world.run(offset * 500us);
        (*p.b)->register_user("carol", p.world.now());
        p.world.run(5s);
        ck_assert_int_eq((*p.a)->has_user("carol") + (*p.b)->has_user("carol"), 1);
        (*p.a)->lookup("carol", p.world.now());
        const auto found = p.world.wait<UserFound>(*p.a);
        ck_assert(found->server == ((*p.a)->has_user("carol") ? *p.a : *p.b)->id());
    }
}
END_TEST

START_TEST(networks_that_meet_settle_who_has_a_name) {
    World world;
    auto& a = world.add();
    auto& b = world.add();
    a->bootstrap({}, world.now());
    b.silent = true;
    b->bootstrap({a.udp}, world.now());
    world.register_user(a, "alice");
    world.run(2s);
    world.register_user(b, "alice");
    ck_assert(a->has_user("alice") && b->has_user("alice"));
    b.silent = false;
    ck_assert(world.wait<UserRefused>(b, 2min)->reason == Reason::name_taken);
    ck_assert(a->has_user("alice") && !b->has_user("alice"));
}
END_TEST

START_TEST(registering_at_once_after_the_start_waits_for_the_network) {
    Pair p;
    auto& c = p.world.add();
    c->bootstrap({p.a->udp}, p.world.now());
    c->register_user("alice", p.world.now());
    ck_assert(p.world.wait<UserRefused>(c)->reason == Reason::name_taken);
}
END_TEST

START_TEST(giving_a_name_up_in_the_middle_of_registering_leaves_nothing) {
    for (int offset = 0; offset < 12; ++offset) {
        Pair p;
        (*p.a)->register_user("carol", p.world.now());
        p.world.run(offset * 1ms);
        (*p.a)->unregister_user("carol", p.world.now());
        p.world.run(1s);
        (*p.b)->lookup("carol", p.world.now());
        ck_assert(!p.world.wait<UserFound>(*p.b)->server);
        (*p.a)->register_user("carol", p.world.now());
        ck_assert(p.world.wait<UserRegistered>(*p.a));
    }
}
END_TEST

START_TEST(limits_are_kept) {
    Config config;
    config.caps.calls_max = 1;
    config.caps.users_max = 1;
    Pair p{config};
    (*p.a)->register_user("second", p.world.now());
    ck_assert(p.world.wait<UserRefused>(*p.a)->reason == Reason::too_many);
    (*p.a)->register_user("with@sign", p.world.now());
    ck_assert(p.world.wait<UserRefused>(*p.a)->reason == Reason::invalid_name);
    p.talk();
    (*p.a)->call("alice", "bob", offer, p.world.now());
    ck_assert(p.world.wait<CallEnded>(*p.a)->reason == Reason::too_many);
    auto& c = p.world.add();
    c->bootstrap({p.a->udp}, p.world.now());
    c->call("carol", "bob", offer, p.world.now());
    ck_assert(p.world.wait<CallEnded>(c)->reason == Reason::too_many);
}
END_TEST

START_TEST(a_server_that_shuts_down_says_goodbye) {
    Pair p;
    p.talk();
    (*p.b)->shut_down(p.world.now());
    ck_assert(p.world.wait<CallEnded>(*p.a)->reason == Reason::shutting_down);
    ck_assert(p.world.wait<CallEnded>(*p.b)->reason == Reason::shutting_down);
    p.world.run(200ms);
    (*p.a)->lookup("bob", p.world.now());
    ck_assert(!p.world.wait<UserFound>(*p.a)->server);
}
END_TEST

START_TEST(a_connection_without_calls_closes_after_a_while) {
    Pair p;
    p.talk();
    (*p.a)->bye(p.call, Reason::hangup, "", p.world.now());
    p.world.run(4min);
    ck_assert(p.world.links(*p.a).size() == 1);
    p.world.run(2min);
    ck_assert(p.world.links(*p.a).empty() && p.world.links(*p.b).empty());
    p.talk();
}
END_TEST

START_TEST(a_drained_server_takes_in_no_user_and_no_call_and_ends_none) {
    Pair p;
    p.talk();
    (*p.b)->drain(p.world.now());
    ck_assert((*p.b)->draining());
    p.world.run(5s);
    ck_assert((*p.a)->calls() == 1 && (*p.b)->calls() == 1);
    (*p.b)->register_user("carol", p.world.now());
    ck_assert(p.world.wait<UserRefused>(*p.b)->reason == Reason::draining);
    (*p.b)->call("bob", "alice", offer, p.world.now());
    ck_assert(p.world.wait<CallEnded>(*p.b)->reason == Reason::draining);
    // Her record is gone; who knows where he is is refused.
    (*p.a)->call("alice", "bob", offer, p.world.now());
    ck_assert(p.world.wait<CallEnded>(*p.a)->reason == Reason::unknown_user);
    (*p.a)->bye(p.call, Reason::hangup, "", p.world.now());
    ck_assert(p.world.wait<CallEnded>(*p.b)->reason == Reason::hangup);

    (*p.b)->drain(p.world.now(), false);
    p.world.run(1s);
    p.invite();
}
END_TEST

START_TEST(an_invite_to_a_drained_server_is_refused_with_the_reason) {
    Pair p;
    p.call = (*p.a)->call("alice", "bob", offer, p.world.now());
    ck_assert(p.world.wait<CallProceeding>(*p.a));
    (*p.b)->drain(p.world.now());
    ck_assert(p.world.wait<CallEnded>(*p.a)->reason == Reason::draining);
}
END_TEST

START_TEST(who_is_registered_while_a_server_is_drained_keeps_the_name) {
    Pair p;
    (*p.b)->drain(p.world.now());
    p.world.run(2s);
    p.world.register_user(*p.a, "bob");  // the name is free
    p.world.run(1s);
    (*p.b)->drain(p.world.now(), false);
    const auto refused = p.world.wait<UserRefused>(*p.b);
    ck_assert(refused && refused->user == "bob" && refused->reason == Reason::name_taken);
    p.world.run(10s);
    ck_assert((*p.a)->has_user("bob"));
}
END_TEST

START_TEST(a_registration_that_is_under_way_ends_when_the_server_is_drained) {
    Pair p;
    (*p.b)->register_user("carol", p.world.now());
    (*p.b)->drain(p.world.now());
    ck_assert(p.world.wait<UserRefused>(*p.b)->reason == Reason::draining);
    ck_assert((*p.b)->has_user("bob") && !(*p.b)->has_user("carol"));
}
END_TEST

/// It took long to answer as long as all were busy with their start, and would be waited for as long again.
START_TEST(a_server_that_has_just_died_hides_nobody_and_keeps_nobody_from_registering) {
    World world;
    world.latency = 900ms;
    const auto all = world.federate(5);
    world.run(10s);
    world.latency = 1ms;
    world.register_user(*all[1], "bob");
    world.kill(*all[4]);
    (*all[0])->call("alice", "bob", offer, world.now());
    ck_assert(world.wait<CallProceeding>(*all[0], 3s));
    (*all[2])->register_user("carol", world.now());
    ck_assert(world.wait<UserRegistered>(*all[2], 8s));
}
END_TEST

START_TEST(after_a_partition_of_any_length_everybody_is_found_within_ten_seconds) {
    for (const auto length : {5s, 18s, 40s, 100s, 1800s}) {
        World world;
        const auto all = world.federate(5);
        const auto side = [&](const World::Host& host) { return host.number > 3; };
        for (auto* host : all) world.register_user(*host, "before" + std::to_string(host->number));
        world.lost = [&](const auto& from, const auto& to) { return side(from) != side(to); };
        world.run(length - 3s);
        for (auto* host : all) world.register_user(*host, "during" + std::to_string(host->number));
        world.run(3s);
        world.lost = [](const auto&, const auto&) { return false; };
        world.run(10s);
        for (auto* from : all) {
            for (auto* to : all) {
                if (from == to) continue;
                for (const auto* name : {"before", "during"}) {
                    (*from)->lookup(name + std::to_string(to->number), world.now());
                    const auto found = world.wait<UserFound>(*from);
                    ck_assert_msg(found && found->server == (*to)->id(), "%s%d from %d after %d s", name,
                                  to->number, from->number, static_cast<int>(length.count()));
                }
            }
        }
    }
}
END_TEST

}  // namespace

int main() {
    return run_suite(
        "server",
        {a_name_is_taken_at_one_server_only, of_two_who_register_at_once_one_keeps_the_name,
         networks_that_meet_settle_who_has_a_name, registering_at_once_after_the_start_waits_for_the_network,
         giving_a_name_up_in_the_middle_of_registering_leaves_nothing, limits_are_kept,
         a_server_that_shuts_down_says_goodbye, a_connection_without_calls_closes_after_a_while,
         a_drained_server_takes_in_no_user_and_no_call_and_ends_none,
         an_invite_to_a_drained_server_is_refused_with_the_reason,
         who_is_registered_while_a_server_is_drained_keeps_the_name,
         a_registration_that_is_under_way_ends_when_the_server_is_drained,
         a_server_that_has_just_died_hides_nobody_and_keeps_nobody_from_registering,
         after_a_partition_of_any_length_everybody_is_found_within_ten_seconds});
}
