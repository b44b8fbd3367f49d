// SPDX-License-Identifier: LGPL-2.1-or-later
// Rooms between whole servers.
#include <chrono>
#include <string>

#include "federation/server.h"
#include "tests/check.h"
#include "tests/federation/meeting.h"

namespace {

using namespace std::chrono_literals;
using namespace federation;
using Host = World::Host;

const std::string rules = R"({"publishers":20,"videocodec":"vp8"})";

/// Servers that have all entered, with some participants each.
Meeting gathering(std::size_t servers, int each = 1) {
    Meeting m{servers};
    m.make({.about = rules});
    for (auto* host : m.hosts) m.enter(*host);
    for (auto* host : m.hosts) {
        for (int i = 0; i < each; ++i) m.join(*host, std::to_string(100 * host->number + i));
    }
    ck_assert(m.agree(m.hosts));
    return m;
}

START_TEST(five_servers_with_twenty_participants_see_each_other) {
    auto m = gathering(5, 4);
    for (auto* host : m.hosts) {
        ck_assert((*host)->room_peers("demo").size() == 4);
        for (auto* other : m.hosts) {
            const auto there = (*host)->participants("demo", (*other)->id());
            ck_assert(there.size() == 4);
            ck_assert(there.front() == Meeting::participant(std::to_string(100 * other->number)));
        }
    }
    ck_assert((*m.hosts[3])->room_rules("demo")->about == rules);
}
END_TEST

START_TEST(what_changes_is_told_everywhere_within_a_round_trip) {
    auto m = gathering(3);
    m.join(*m.hosts[1], "new");
    m.quit(*m.hosts[2], "300");
    ck_assert(m.agree(m.hosts, 10ms));
    auto changed = Meeting::participant("new");
    changed.display = "another";
    ck_assert((*m.hosts[1])->set_participant("demo", changed, m.world.now()));
    ck_assert(m.wait_for<ParticipantChanged>(*m.hosts[0]).participant == changed);
    ck_assert(m.agree(m.hosts, 10ms));
}
END_TEST

START_TEST(a_room_that_nobody_has_cannot_be_entered) {
    Meeting m{3};
    (*m.hosts[1])->enter_room("demo", {}, m.world.now());
    ck_assert(m.wait_for<RoomRefused>(*m.hosts[1], 1s).reason == Reason::unknown_room);
    ck_assert(!(*m.hosts[1])->has_room("demo"));
    (*m.hosts[1])->enter_room(" ", {}, m.world.now());
    ck_assert(m.wait_for<RoomRefused>(*m.hosts[1], 1s).reason == Reason::invalid_name);
}
END_TEST

START_TEST(a_lone_server_has_rooms_of_its_own) {
    Meeting m{1};
    m.make({.about = rules});
    m.enter(*m.hosts[0]);
    m.join(*m.hosts[0], "1");
    ck_assert((*m.hosts[0])->participants("demo", (*m.hosts[0])->id()).size() == 1);
    m.leave(*m.hosts[0]);
    ck_assert((*m.hosts[0])->has_room("demo"));
    (*m.hosts[0])->destroy_room("demo", m.world.now());
    ck_assert(!(*m.hosts[0])->has_room("demo"));
}
END_TEST

START_TEST(whoever_leaves_is_gone_and_the_room_outlives_its_maker) {
    auto m = gathering(4);
    const std::vector rest{m.hosts[1], m.hosts[2], m.hosts[3]};
    (*m.hosts[0])->leave_room("demo", m.world.now());
    m.kill(*m.hosts[0]);
    ck_assert(m.agree(rest));
    m.world.run(5min);
    auto& late = m.world.add();
    late->bootstrap({m.hosts[1]->udp}, m.world.now());
    m.world.run(1s);
    m.enter(late);
    ck_assert((*m.hosts[1])->room_rules("demo") == late->room_rules("demo"));
    m.join(late, "late");
    m.leave(*m.hosts[2]);
    ck_assert(m.agree({m.hosts[1], m.hosts[3], &late}));
    ck_assert(!(*m.hosts[2])->has_room("demo"));
}
END_TEST

START_TEST(two_who_enter_at_once_find_each_other) {
    for (int seed = 0; seed < 10; ++seed) {
        Meeting m{4};
        m.world.latency = std::chrono::milliseconds{1 + 7 * seed};
        m.make({.about = rules});
        for (auto* host : m.hosts) (*host)->enter_room("demo", {}, m.world.now());
        for (auto* host : m.hosts) m.wait_for<RoomEntered>(*host);
        for (auto* host : m.hosts) m.join(*host, std::to_string(host->number));
        ck_assert(m.agree(m.hosts, 16s));  // at the latest with the next look
    }
}
END_TEST

START_TEST(two_who_make_one_room_at_once_have_one_room) {
    Meeting m{4};
    for (auto* host : m.hosts) {
        const auto name = "{\"by\":" + std::to_string(host->number) + "}";
        (*host)->create_room("demo", {.about = name}, m.world.now());
        (*host)->enter_room("demo", {}, m.world.now());
    }
    for (auto* host : m.hosts) m.wait_for<RoomEntered>(*host);
    for (auto* host : m.hosts) m.join(*host, std::to_string(host->number));
    ck_assert(m.agree(m.hosts, 16s));
    for (auto* host : m.hosts) ck_assert((*host)->room_rules("demo") == (*m.hosts[0])->room_rules("demo"));
}
END_TEST

START_TEST(a_room_that_must_be_new_is_refused_if_it_is_not) {
    auto m = gathering(2);
    auto& late = m.world.add();
    late->bootstrap({m.hosts[1]->udp}, m.world.now());
    m.world.run(1s);
    late->create_room("demo", {.about = rules, .exclusive = true}, m.world.now());
    ck_assert(m.wait_for<RoomRefused>(late).reason == Reason::room_exists);
    late->create_room("demo", {.about = "{}"}, m.world.now());
    m.wait_for<RoomCreated>(late);
    ck_assert(late->room_rules("demo")->about == rules);
}
END_TEST

START_TEST(a_room_that_its_maker_edits_or_destroys_is_so_everywhere) {
    auto m = gathering(3);
    ck_assert(!(*m.hosts[1])->edit_room("demo", {.about = "{}"}, m.world.now()));
    ck_assert((*m.hosts[0])->edit_room("demo", {.about = R"({"bitrate":1})"}, m.world.now()));
    ck_assert(m.wait_for<RoomRulesChanged>(*m.hosts[2]).rules.about == R"({"bitrate":1})");
    (*m.hosts[0])->destroy_room("demo", m.world.now());
    m.wait_for<RoomDestroyed>(*m.hosts[1]);
    m.wait_for<RoomDestroyed>(*m.hosts[2]);
    for (auto* host : m.hosts) ck_assert(!(*host)->has_room("demo"));
    m.world.run(1s);
    (*m.hosts[1])->enter_room("demo", {}, m.world.now());
    ck_assert(m.wait_for<RoomRefused>(*m.hosts[1]).reason == Reason::unknown_room);
}
END_TEST

START_TEST(a_room_destroyed_while_a_server_was_cut_off_is_over_there_too) {
    for (const bool made_again : {false, true}) {
        auto m = gathering(3);
        auto& away = *m.hosts[2];
        away.silent = true;
        ck_assert(m.agree({m.hosts[0], m.hosts[1]}));
        (*m.hosts[0])->destroy_room("demo", m.world.now());
        m.wait_for<RoomDestroyed>(*m.hosts[1]);
        if (made_again) {
            (*m.hosts[1])->create_room("demo", {.about = "{}"}, m.world.now());
            m.wait_for<RoomCreated>(*m.hosts[1]);
        }
        m.world.run(20s);
        ck_assert(away->has_room("demo"));  // it cannot know
        away.silent = false;
        m.wait_for<RoomDestroyed>(away, 5s);
        m.world.run(20s);
        away->enter_room("demo", {}, m.world.now());
        if (made_again) {
            ck_assert(m.wait_for<RoomEntered>(away).rules.about == "{}");
            ck_assert((*m.hosts[1])->room_rules("demo")->about == "{}");
        } else {
            ck_assert(m.wait_for<RoomRefused>(away).reason == Reason::unknown_room);
        }
    }
}
END_TEST

START_TEST(a_room_is_made_again_by_its_token_after_a_restart) {
    Meeting m{3};
    (*m.hosts[0])->create_room("demo", {.about = rules}, m.world.now());
    const auto token = m.wait_for<RoomCreated>(*m.hosts[0]).token;
    m.enter(*m.hosts[1]);
    m.join(*m.hosts[1], "1");
    m.kill(*m.hosts[0]);
    m.world.run(5s);
    m.world.restart(*m.hosts[0]);
    (*m.hosts[0])->bootstrap({m.hosts[1]->udp}, m.world.now());
    (*m.hosts[0])->create_room("demo", {.about = "{}", .token = token}, m.world.now());
    m.wait_for<RoomCreated>(*m.hosts[0]);
    ck_assert(m.wait_for<RoomRulesChanged>(*m.hosts[1]).rules.about == "{}");
    ck_assert((*m.hosts[0])->edit_room("demo", {.about = rules}, m.world.now()));
    ck_assert(m.agree({m.hosts[0], m.hosts[1]}));
}
END_TEST

START_TEST(a_server_killed_is_gone_within_three_seconds_and_back_by_itself) {
    for (int seed = 0; seed < 50; ++seed) {
        auto m = gathering(4);
        m.world.run(std::chrono::milliseconds{137 * seed});
        auto& victim = *m.hosts[static_cast<std::size_t>(1 + seed % 3)];
        std::vector<Host*> rest;
        for (auto* host : m.hosts) {
            if (host != &victim) rest.push_back(host);
        }
        if (seed % 2 == 0) victim.silent = true;  // nobody says that it has gone
        m.kill(victim);
        ck_assert_msg(m.agree(rest, 3s), "seed %d", seed);
        m.world.run(std::chrono::seconds{seed % 5});
        m.world.restart(victim);
        victim->bootstrap({m.hosts[0]->udp}, m.world.now());
        m.enter(victim);
        m.join(victim, "again");
        ck_assert_msg(m.agree(m.hosts, 3s), "seed %d", seed);
    }
}
END_TEST

START_TEST(a_server_cut_off_is_gone_within_three_seconds_and_back_within_three) {
    for (int seed = 0; seed < 50; ++seed) {
        auto m = gathering(4);
        m.world.run(std::chrono::milliseconds{137 * seed});
        auto& victim = *m.hosts[static_cast<std::size_t>(seed % 4)];
        std::vector<Host*> rest;
        for (auto* host : m.hosts) {
            if (host != &victim) rest.push_back(host);
        }
        victim.silent = true;
        ck_assert_msg(m.agree(rest, 3s), "seed %d", seed);
        ck_assert_msg(m.agree({&victim}, 10ms), "seed %d", seed);
        m.join(*rest[0], "meanwhile");
        m.join(victim, "alone");
        m.world.run(7s);
        ck_assert(m.agreed(rest));
        victim.silent = false;
        ck_assert_msg(m.agree(m.hosts, 3s), "seed %d", seed);
    }
}
END_TEST

START_TEST(halves_of_a_network_go_on_and_become_one_room_again) {
    for (const auto duration : {10s, 100s, 600s}) {
        auto m = gathering(6);
        const auto half = [](const Host& host) { return host.number <= 3; };
        m.world.lost = [&](const Host& from, const Host& to) { return half(from) != half(to); };
        const std::vector left{m.hosts[0], m.hosts[1], m.hosts[2]};
        const std::vector right{m.hosts[3], m.hosts[4], m.hosts[5]};
        ck_assert(m.agree(left, 3s) && m.agree(right, 3s));
        m.join(*m.hosts[1], "left");
        m.join(*m.hosts[4], "right");
        m.world.run(duration);
        ck_assert(m.agreed(left) && m.agreed(right));
        m.world.lost = [](const Host&, const Host&) { return false; };
        ck_assert(m.agree(m.hosts, 30s));
    }
}
END_TEST

START_TEST(rooms_made_apart_in_two_halves_become_one_when_they_meet) {
    Meeting m{6};
    const auto half = [](const Host& host) { return host.number <= 3; };
    m.world.lost = [&](const Host& from, const Host& to) { return half(from) != half(to); };
    m.world.run(10s);
    (*m.hosts[0])->create_room("demo", {.about = R"({"by":"left"})"}, m.world.now());
    m.world.run(1s);
    (*m.hosts[3])->create_room("demo", {.about = R"({"by":"right"})"}, m.world.now());
    m.world.run(1s);
    for (auto* host : m.hosts) m.enter(*host);
    for (auto* host : m.hosts) m.join(*host, std::to_string(host->number));
    m.world.run(20s);
    m.world.lost = [](const Host&, const Host&) { return false; };
    ck_assert(m.agree(m.hosts, 60s));
    for (auto* host : m.hosts) ck_assert((*host)->room_rules("demo")->about == R"({"by":"left"})");
    ck_assert((*m.hosts[0])->edit_room("demo", {.about = "{}"}, m.world.now()));
    ck_assert(!(*m.hosts[3])->edit_room("demo", {.about = "{}"}, m.world.now()));
}
END_TEST

START_TEST(datagrams_lost_one_in_five_keep_nobody_out) {
    Meeting m{5};
    dht::SeededRandom random{5};
    m.world.datagram_lost = [&] { return random.below(5) == 0; };
    m.make({.about = rules});
    for (auto* host : m.hosts) m.enter(*host);
    for (auto* host : m.hosts) m.join(*host, std::to_string(host->number));
    ck_assert(m.agree(m.hosts, 16s));
}
END_TEST

START_TEST(a_drained_server_takes_nobody_in_and_is_found_no_more) {
    auto m = gathering(3);
    (*m.hosts[1])->drain(m.world.now());
    ck_assert(m.wait_for<RoomDraining>(*m.hosts[1]).room == "demo");
    ck_assert((*m.hosts[1])->room_servers("demo").size() == 2);
    (*m.hosts[1])->enter_room("other", {}, m.world.now());
    ck_assert(m.wait_for<RoomRefused>(*m.hosts[1]).reason == Reason::draining);
    ck_assert(m.agree(m.hosts, 100ms));  // who is there is there still
    m.world.run(1s);
    auto& late = m.world.add();
    late->bootstrap({m.hosts[0]->udp}, m.world.now());
    m.world.run(1s);
    late->lookup_room("demo", m.world.now());
    const auto found = m.wait_for<RoomFound>(late);
    ck_assert(found.servers.size() == 2 && found.rules.about == rules);
    for (const auto& server : found.servers) ck_assert(server.id != (*m.hosts[1])->id());
    m.leave(*m.hosts[1]);
    ck_assert(m.agree({m.hosts[0], m.hosts[2]}, 100ms));
}
END_TEST

START_TEST(a_server_that_is_drained_no_longer_is_found_again) {
    auto m = gathering(3);
    (*m.hosts[1])->drain(m.world.now());
    ck_assert(m.wait_for<RoomDraining>(*m.hosts[1]).draining);
    m.world.run(1s);
    (*m.hosts[1])->drain(m.world.now(), false);
    ck_assert(!m.wait_for<RoomDraining>(*m.hosts[1]).draining);
    ck_assert(!(*m.hosts[1])->draining());
    m.world.run(1s);
    (*m.hosts[0])->lookup_room("demo", m.world.now());
    ck_assert(m.wait_for<RoomFound>(*m.hosts[0]).servers.size() == 3);
    (*m.hosts[1])->create_room("other", {}, m.world.now());
    m.wait_for<RoomCreated>(*m.hosts[1]);
}
END_TEST

START_TEST(the_servers_of_all_rooms_are_neighbours) {
    auto m = gathering(3);
    (*m.hosts[1])->set_load(70, m.world.now());
    m.world.run(40s);
    const auto neighbours = (*m.hosts[0])->room_neighbours();
    ck_assert(neighbours.size() == 2);
    ck_assert(neighbours.front().id == (*m.hosts[2])->id());
    ck_assert(neighbours.back().id == (*m.hosts[1])->id() && neighbours.back().load == 70);
}
END_TEST

START_TEST(a_room_is_looked_up_with_its_servers_best_first) {
    Meeting m{3};
    m.make({.about = rules});
    for (auto* host : m.hosts) m.enter(*host);
    m.join(*m.hosts[0], "1");
    (*m.hosts[0])->set_load(90, m.world.now());
    (*m.hosts[1])->set_load(10, m.world.now());
    m.world.run(20s);
    auto& late = m.world.add();
    late->bootstrap({m.hosts[0]->udp}, m.world.now());
    m.world.run(1s);
    late->lookup_room("demo", m.world.now());
    const auto found = m.wait_for<RoomFound>(late);
    ck_assert(found.reason == Reason::none && found.servers.size() == 3);
    ck_assert(found.servers.back().id == (*m.hosts[0])->id());
    ck_assert(found.servers.back().load == 90 && found.servers.back().members == 1);
    const auto others = (*m.hosts[1])->room_servers("demo");
    ck_assert(others.size() == 2 && others.back().rtt == 2 * m.world.latency);
    late->lookup_room("none", m.world.now());
    ck_assert(m.wait_for<RoomFound>(late).reason == Reason::unknown_room);
}
END_TEST

START_TEST(a_feed_of_a_room_is_had_by_its_servers_and_by_nobody_else) {
    auto m = gathering(2);
    auto& publisher = *m.hosts[0];
    auto& watcher = *m.hosts[1];
    const FeedAddress feed{publisher->id(), "demo", "100"};
    const auto id = watcher->subscribe(feed, "{}", m.world.now());
    const auto wanted = m.wait_for<FeedWanted>(publisher);
    ck_assert(wanted.feed == feed && wanted.peer == watcher->id());
    publisher->accept_subscription(id, "{}", m.world.now());
    m.wait_for<SubscriptionAccepted>(watcher);

    auto& stranger = m.world.add();
    stranger->bootstrap({publisher.udp}, m.world.now());
    m.world.run(1s);
    stranger->subscribe(feed, "{}", m.world.now());
    ck_assert(m.wait_for<SubscriptionEnded>(stranger).reason == Reason::not_in_room);
    watcher->subscribe({publisher->id(), "demo", "nobody"}, "{}", m.world.now());
    ck_assert(m.wait_for<SubscriptionEnded>(watcher).reason == Reason::unknown_feed);

    m.quit(publisher, "100");
    ck_assert(m.wait_for<SubscriptionEnded>(watcher).subscription == id);
    ck_assert(m.wait_for<SubscriptionEnded>(publisher).subscription == id);
}
END_TEST

START_TEST(whoever_leaves_a_room_has_no_feed_of_it_any_more) {
    auto m = gathering(3);
    const auto id = (*m.hosts[1])->subscribe({(*m.hosts[2])->id(), "demo", "300"}, "{}", m.world.now());
    m.wait_for<FeedWanted>(*m.hosts[2]);
    (*m.hosts[2])->accept_subscription(id, "{}", m.world.now());
    m.wait_for<SubscriptionAccepted>(*m.hosts[1]);
    m.leave(*m.hosts[1]);
    ck_assert(m.wait_for<SubscriptionEnded>(*m.hosts[2]).subscription == id);
    ck_assert((*m.hosts[1])->subscriptions() == 0 && (*m.hosts[2])->subscriptions() == 0);
}
END_TEST

START_TEST(two_hundred_rooms_made_and_emptied_ten_times_leave_nothing) {
    Meeting m{3};
    const auto name = [](int i) { return "room" + std::to_string(i); };
    const auto records = [&] {
        std::size_t count = 0;
        for (auto* host : m.hosts) count += (*host)->node().records();
        return count;
    };
    m.world.run(10s);
    const auto before = records();
    for (int turn = 0; turn < 10; ++turn) {
        for (int i = 0; i < 200; ++i) {
            auto& host = *m.hosts[static_cast<std::size_t>(i % 3)];
            host->create_room(name(i), {.about = rules}, m.world.now());
        }
        m.world.run(1s);
        for (int i = 0; i < 200; ++i) {
            for (auto* host : m.hosts) (*host)->enter_room(name(i), {}, m.world.now());
        }
        m.world.run(1s);
        for (int i = 0; i < 200; ++i) {
            for (int p = 0; p < 5; ++p) {
                auto& host = *m.hosts[static_cast<std::size_t>((i + p) % 3)];
                const auto who = Meeting::participant(std::to_string(p));
                ck_assert(host->set_participant(name(i), who, m.world.now()));
            }
        }
        m.world.run(1s);
        for (int i = 0; i < 200; ++i) {
            std::size_t seen = 0;
            for (auto* host : m.hosts) seen += (*m.hosts[0])->participants(name(i), (*host)->id()).size();
            ck_assert_msg(seen == 5, "turn %d, room %d: %zu", turn, i, seen);
        }
        for (int i = 0; i < 200; ++i) {
            for (auto* host : m.hosts) (*host)->leave_room(name(i), m.world.now());
            (*m.hosts[static_cast<std::size_t>(i % 3)])->destroy_room(name(i), m.world.now());
        }
        m.world.run(1s);
        for (auto* host : m.hosts) {
            ck_assert((*host)->rooms().empty());
            host->events.clear();
        }
    }
    m.world.run(5min);  // tombstones live as long as what they withdraw
    ck_assert(records() <= before);
}
END_TEST

}  // namespace

int main() {
    return run_suite("server_rooms",
                     {five_servers_with_twenty_participants_see_each_other,
                      what_changes_is_told_everywhere_within_a_round_trip,
                      a_room_that_nobody_has_cannot_be_entered,
                      a_lone_server_has_rooms_of_its_own,
                      whoever_leaves_is_gone_and_the_room_outlives_its_maker,
                      two_who_enter_at_once_find_each_other,
                      two_who_make_one_room_at_once_have_one_room,
                      a_room_that_must_be_new_is_refused_if_it_is_not,
                      a_room_that_its_maker_edits_or_destroys_is_so_everywhere,
                      a_room_destroyed_while_a_server_was_cut_off_is_over_there_too,
                      a_room_is_made_again_by_its_token_after_a_restart,
                      a_server_killed_is_gone_within_three_seconds_and_back_by_itself,
                      a_server_cut_off_is_gone_within_three_seconds_and_back_within_three,
                      halves_of_a_network_go_on_and_become_one_room_again,
                      rooms_made_apart_in_two_halves_become_one_when_they_meet,
                      datagrams_lost_one_in_five_keep_nobody_out,
                      a_drained_server_takes_nobody_in_and_is_found_no_more,
                      a_server_that_is_drained_no_longer_is_found_again,
                      the_servers_of_all_rooms_are_neighbours,
                      a_room_is_looked_up_with_its_servers_best_first,
                      a_feed_of_a_room_is_had_by_its_servers_and_by_nobody_else,
                      whoever_leaves_a_room_has_no_feed_of_it_any_more,
                      two_hundred_rooms_made_and_emptied_ten_times_leave_nothing},
                     // What is done ten times with two hundred rooms takes long under sanitizers.
                     240);
}
