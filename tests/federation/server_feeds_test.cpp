// SPDX-License-Identifier: LGPL-2.1-or-later
// Streams and feeds between whole servers.
#include <chrono>
#include <string>

#include "federation/server.h"
#include "tests/check.h"
#include "tests/federation/world.h"

namespace {

using namespace std::chrono_literals;
using namespace federation;

const std::string wish = R"({"streams":[{"mid":"0"}]})";
const std::string about = R"({"streams":[{"mid":"0","codec":"vp8"}]})";

struct Pair {
    World world;
    World::Host* a = nullptr;  ///< watches
    World::Host* b = nullptr;  ///< offers "cam"
    SubscriptionId id;

    explicit Pair(const Config& config = {}) {
        const auto all = world.federate(3, config);
        a = all[1];
        b = all[2];
        (*b)->offer_stream("cam", world.now());
        ck_assert(world.wait<StreamOffered>(*b)->stream == "cam");
    }
    SubscriptionId ask(const std::string& stream = "cam") {
        return (*a)->subscribe({(*b)->id(), "", stream}, wish, world.now());
    }
    void watch() {
        id = ask();
        ck_assert(world.wait<FeedWanted>(*b));
        (*b)->accept_subscription(id, about, world.now());
        ck_assert(world.wait<SubscriptionAccepted>(*a));
    }
};

START_TEST(a_stream_is_watched_by_the_nodeid_of_its_server) {
    Pair p;
    p.id = p.ask();
    const auto proceeding = p.world.wait<SubscriptionProceeding>(*p.a);
    ck_assert(proceeding->subscription == p.id && proceeding->peer == (*p.b)->id());
    const auto wanted = p.world.wait<FeedWanted>(*p.b);
    ck_assert(wanted->subscription == p.id && wanted->peer == (*p.a)->id() && wanted->wish == wish);
    ck_assert(wanted->lane == proceeding->lane && wanted->feed.feed == "cam" && wanted->feed.room.empty());
    (*p.b)->accept_subscription(p.id, about, p.world.now());
    ck_assert(p.world.wait<SubscriptionAccepted>(*p.a)->about == about);
    (*p.a)->change_wish(p.id, "{}", p.world.now());
    ck_assert(p.world.wait<SubscriptionWish>(*p.b)->wish == "{}");
    (*p.b)->change_feed(p.id, "{}", p.world.now());
    ck_assert(p.world.wait<SubscriptionChanged>(*p.a)->about == "{}");
    (*p.a)->end_subscription(p.id, Reason::none, p.world.now());
    ck_assert(p.world.wait<SubscriptionEnded>(*p.b)->subscription == p.id);
    ck_assert((*p.a)->subscriptions() == 0 && (*p.b)->subscriptions() == 0);
}
END_TEST

START_TEST(a_stream_is_found_by_its_name_the_earliest_first) {
    Pair p;
    p.world.run(1s);
    (*p.a)->offer_stream("cam", p.world.now());
    ck_assert(p.world.wait<StreamOffered>(*p.a));
    auto& third = p.world.add();
    third->bootstrap({p.a->udp}, p.world.now());
    p.world.run(1s);
    third->lookup_stream("cam", p.world.now());
    const auto found = p.world.wait<StreamFound>(third);
    ck_assert(found->servers == (std::vector{(*p.b)->id(), (*p.a)->id()}) && found->reason == Reason::none);
    third->lookup_stream("none", p.world.now());
    ck_assert(p.world.wait<StreamFound>(third)->reason == Reason::unknown_feed);
}
END_TEST

START_TEST(a_stream_that_is_withdrawn_ends_at_both_sides_and_is_found_no_more) {
    Pair p;
    p.watch();
    (*p.b)->withdraw_stream("cam", p.world.now());
    ck_assert(p.world.wait<SubscriptionEnded>(*p.a)->reason == Reason::unknown_feed);
    ck_assert(p.world.wait<SubscriptionEnded>(*p.b)->reason == Reason::unknown_feed);
    p.ask();
    ck_assert(p.world.wait<SubscriptionEnded>(*p.a)->reason == Reason::unknown_feed);
    p.world.run(1s);
    (*p.a)->lookup_stream("cam", p.world.now());
    ck_assert(p.world.wait<StreamFound>(*p.a)->servers.empty());
}
END_TEST

START_TEST(what_is_not_offered_cannot_be_had) {
    Pair p;
    p.ask("cellar");
    ck_assert(p.world.wait<SubscriptionEnded>(*p.a)->reason == Reason::unknown_feed);
    (*p.a)->subscribe({(*p.b)->id(), "demo", "cam"}, wish, p.world.now());
    const auto reason = p.world.wait<SubscriptionEnded>(*p.a)->reason;
    ck_assert(reason == Reason::unknown_feed || reason == Reason::not_in_room);
    (*p.a)->subscribe({(*p.b)->id(), "", ""}, wish, p.world.now());
    ck_assert(p.world.wait<SubscriptionEnded>(*p.a)->reason == Reason::unknown_feed);
    (*p.a)->subscribe({(*p.b)->id(), "", "cam"}, "no object", p.world.now());
    ck_assert(p.world.wait<SubscriptionEnded>(*p.a)->reason == Reason::protocol_error);
    ck_assert((*p.b)->subscriptions() == 0);
}
END_TEST

START_TEST(a_publisher_may_say_no) {
    Pair p;
    p.id = p.ask();
    ck_assert(p.world.wait<FeedWanted>(*p.b));
    (*p.b)->end_subscription(p.id, Reason::declined, p.world.now());
    ck_assert(p.world.wait<SubscriptionEnded>(*p.a)->reason == Reason::declined);
}
END_TEST

START_TEST(a_publisher_that_says_nothing_is_not_waited_for) {
    Pair p;
    p.ask();
    ck_assert(p.world.wait<SubscriptionEnded>(*p.a, 6s)->reason == Reason::timeout);
    p.world.run(100ms);
    ck_assert((*p.b)->subscriptions() == 0);
}
END_TEST

START_TEST(within_one_server_the_two_ends_have_two_ids) {
    Pair p;
    p.id = (*p.b)->subscribe({(*p.b)->id(), "", "cam"}, wish, p.world.now());
    const auto proceeding = p.world.wait<SubscriptionProceeding>(*p.b);
    const auto wanted = p.world.wait<FeedWanted>(*p.b);
    ck_assert(wanted->subscription != p.id && wanted->lane == proceeding->lane);
    ck_assert(wanted->peer == (*p.b)->id());
    (*p.b)->accept_subscription(wanted->subscription, about, p.world.now());
    ck_assert(p.world.wait<SubscriptionAccepted>(*p.b)->subscription == p.id);
    (*p.b)->end_subscription(wanted->subscription, Reason::hangup, p.world.now());
    ck_assert(p.world.wait<SubscriptionEnded>(*p.b)->subscription == p.id);
    ck_assert((*p.b)->subscriptions() == 0);
}
END_TEST

START_TEST(a_publisher_killed_or_cut_off_is_reported_within_three_seconds) {
    for (const bool killed : {true, false}) {
        Pair p;
        p.watch();
        p.world.run(700ms);
        const auto begun = p.world.now().time;
        if (killed) p.world.kill(*p.b);
        p.b->silent = true;
        ck_assert(p.world.wait<SubscriptionEnded>(*p.a, 3s)->reason == Reason::server_unreachable);
        ck_assert(p.world.now().time - begun < 3s && (*p.a)->subscriptions() == 0);
    }
}
END_TEST

START_TEST(a_break_that_one_side_alone_has_seen_ends_it_at_the_other_too) {
    Pair p;
    p.watch();
    p.world.run(500ms);
    // What `a` hears is lost, so it gives up; `b` goes on hearing until a new connection says it.
    p.world.lost = [&](const World::Host& from, const World::Host& to) { return &from == p.b && &to == p.a; };
    ck_assert(p.world.wait<SubscriptionEnded>(*p.a, 3s));
    p.world.lost = [](const World::Host&, const World::Host&) { return false; };
    p.ask();
    ck_assert(p.world.wait<SubscriptionEnded>(*p.b, 3s)->subscription == p.id);
    ck_assert(p.world.wait<FeedWanted>(*p.b, 3s));
    ck_assert((*p.b)->subscriptions() == 1);
}
END_TEST

START_TEST(a_stranger_ends_nobodys_subscription_and_too_many_are_refused) {
    Config config;
    config.caps.subscriptions_of_peer_max = 2;
    Pair p{config};
    p.watch();
    auto& third = p.world.add();
    third->bootstrap({p.a->udp}, p.world.now());
    p.world.run(1s);
    third->subscribe({(*p.b)->id(), "", "cam"}, wish, p.world.now());
    ck_assert(p.world.wait<FeedWanted>(*p.b)->peer == third->id());
    third->end_subscription(p.id, Reason::none, p.world.now());
    p.world.run(100ms);
    ck_assert((*p.b)->subscriptions() == 2);
    p.ask();
    ck_assert(p.world.wait<FeedWanted>(*p.b));
    p.ask();
    ck_assert(p.world.wait<SubscriptionEnded>(*p.a)->reason == Reason::too_many);
}
END_TEST

START_TEST(a_server_that_shuts_down_ends_its_feeds) {
    Pair p;
    p.watch();
    (*p.b)->shut_down(p.world.now());
    ck_assert(p.world.wait<SubscriptionEnded>(*p.a)->reason == Reason::shutting_down);
    ck_assert((*p.b)->subscriptions() == 0);
}
END_TEST

START_TEST(a_publisher_that_was_restarted_is_watched_again_at_the_same_address) {
    Pair p;
    p.watch();
    p.world.kill(*p.b);
    ck_assert(p.world.wait<SubscriptionEnded>(*p.a, 3s));
    p.world.restart(*p.b);
    (*p.b)->bootstrap({p.a->udp}, p.world.now());
    (*p.b)->offer_stream("cam", p.world.now());
    p.id = p.ask();
    ck_assert(p.world.wait<FeedWanted>(*p.b, 3s));
    (*p.b)->accept_subscription(p.id, about, p.world.now());
    ck_assert(p.world.wait<SubscriptionAccepted>(*p.a));
}
END_TEST

}  // namespace

int main() {
    return run_suite(
        "server_feeds",
        {a_stream_is_watched_by_the_nodeid_of_its_server, a_stream_is_found_by_its_name_the_earliest_first,
         a_stream_that_is_withdrawn_ends_at_both_sides_and_is_found_no_more,
         what_is_not_offered_cannot_be_had, a_publisher_may_say_no,
         a_publisher_that_says_nothing_is_not_waited_for, within_one_server_the_two_ends_have_two_ids,
         a_publisher_killed_or_cut_off_is_reported_within_three_seconds,
         a_break_that_one_side_alone_has_seen_ends_it_at_the_other_too,
         a_stranger_ends_nobodys_subscription_and_too_many_are_refused,
         a_server_that_shuts_down_ends_its_feeds,
         a_publisher_that_was_restarted_is_watched_again_at_the_same_address});
}
