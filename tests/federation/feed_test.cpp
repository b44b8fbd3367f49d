// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/feed.h"

#include <chrono>

#include "tests/check.h"

namespace {

using namespace std::chrono_literals;
using namespace federation;
using State = Feed::State;

const Config config;
const dht::Time start{1s};
const SubscriptionId id(32, 'c');
const auto peer = *dht::NodeId::from_hex(std::string(40, 'b'));
const auto self = *dht::NodeId::from_hex(std::string(40, 'a'));

Feed begun(bool link_up) {
    FeedOutput output;
    return Feed::outgoing(id, {peer, "demo", "7"}, 4, "{}", link_up, config, start, output);
}

Feed reaching() {
    return begun(false);
}
Feed asking() {
    return begun(true);
}

Feed offered() {
    FeedOutput output;
    return Feed::incoming({id, "demo", "7", 5, "{}"}, peer, self, config, start, output);
}

/// A feed that this has happened to.
Feed after(Feed feed, const FeedInput& input) {
    (void)feed.step(input, start);
    return feed;
}

Feed watching() {
    return after(asking(), Subscribed{id, "{}"});
}
Feed watched() {
    return after(offered(), AcceptFeed{"{}"});
}

template <class T>
const T* sent(const FeedOutput& output) {
    return output.send.size() == 1 ? std::get_if<T>(&output.send.front()) : nullptr;
}
template <class T>
const T* told(const FeedOutput& output) {
    return output.tell.size() == 1 ? std::get_if<T>(&output.tell.front()) : nullptr;
}
bool nothing(const FeedOutput& output) {
    return output.send.empty() && output.tell.empty();
}
bool ends_with(Feed feed, const FeedInput& input, Reason reason, dht::Time now = start) {
    const auto output = feed.step(input, now);
    const auto* ended = told<SubscriptionEnded>(output);
    return feed.over() && !feed.deadline() && ended && ended->reason == reason;
}

START_TEST(a_subscriber_opens_its_lane_and_asks) {
    FeedOutput output;
    const auto feed = Feed::outgoing(id, {peer, "demo", "7"}, 4, R"({"a":1})", true, config, start, output);
    ck_assert(told<SubscriptionProceeding>(output)->lane == 4);
    const auto* request = sent<Subscribe>(output);
    ck_assert(request && request->room == "demo" && request->feed == "7" && request->lane == 4);
    ck_assert(request->wish == R"({"a":1})" && feed.state() == State::asking && feed.peer() == peer);
}
END_TEST

START_TEST(a_subscriber_asks_once_there_is_a_connection) {
    FeedOutput output;
    auto feed = Feed::outgoing(id, {peer, "", "cam"}, 4, "{}", false, config, start, output);
    ck_assert(told<SubscriptionProceeding>(output) && output.send.empty());
    ck_assert(nothing(feed.step(WishOther{R"({"a":2})"}, start)));
    ck_assert(sent<Subscribe>(feed.step(LinkUp{}, start))->wish == R"({"a":2})");
    ck_assert(nothing(feed.step(LinkUp{}, start)));
}
END_TEST

START_TEST(a_publisher_is_told_what_is_wanted_and_accepts) {
    FeedOutput output;
    auto feed = Feed::incoming({id, "demo", "7", 5, "{}"}, peer, self, config, start, output);
    const auto* wanted = told<FeedWanted>(output);
    ck_assert(wanted && wanted->peer == peer && wanted->lane == 5);
    ck_assert(wanted->feed == (FeedAddress{self, "demo", "7"}));
    ck_assert(sent<Subscribed>(feed.step(AcceptFeed{"{}"}, start)) && feed.state() == State::up);
    ck_assert(!feed.deadline());
}
END_TEST

START_TEST(what_is_said_once_it_is_up_reaches_the_other_side) {
    ck_assert(sent<FeedChanged>(watched().step(DescribeFeed{"{}"}, start)));
    ck_assert(sent<Wish>(watching().step(WishOther{"{}"}, start)));
    ck_assert(told<SubscriptionChanged>(watching().step(FeedChanged{id, "{}"}, start)));
    ck_assert(told<SubscriptionWish>(watched().step(Wish{id, "{}"}, start)));
}
END_TEST

START_TEST(a_wish_that_changes_too_early_is_said_when_it_can_be) {
    auto feed = after(after(asking(), WishOther{R"({"a":1})"}), WishOther{R"({"a":2})"});
    const auto output = feed.step(Subscribed{id, "{}"}, start);
    ck_assert(sent<Wish>(output) && sent<Wish>(output)->wish == R"({"a":2})");
}
END_TEST

START_TEST(what_the_other_role_says_changes_nothing) {
    ck_assert(nothing(asking().step(AcceptFeed{"{}"}, start)));
    ck_assert(nothing(offered().step(Subscribed{id, "{}"}, start)));
    ck_assert(nothing(watching().step(Wish{id, "{}"}, start)));
    ck_assert(nothing(watched().step(FeedChanged{id, "{}"}, start)));
    ck_assert(nothing(watching().step(DescribeFeed{"{}"}, start)));
    ck_assert(nothing(watched().step(WishOther{"{}"}, start)));
    ck_assert(nothing(watching().step(Subscribed{id, "{}"}, start)));
}
END_TEST

START_TEST(each_state_ends_with_the_connection_and_says_so_when_there_is_another) {
    for (auto feed : {reaching(), asking(), offered(), watching(), watched()}) {
        ck_assert(sent<Unsubscribe>(Feed{feed}.step(LinkDown{}, start)));
        ck_assert(ends_with(feed, LinkDown{}, Reason::server_unreachable));
        ck_assert(ends_with(feed, PeerExpelled{}, Reason::not_a_member));
        ck_assert(ends_with(feed, Unsubscribe{id, Reason::hangup}, Reason::hangup));
    }
    for (const auto& feed : {offered(), watching(), watched()}) {
        ck_assert(ends_with(feed, PeerRestarted{}, Reason::server_unreachable));
    }
    ck_assert(ends_with(reaching(), LinkFailed{Reason::server_unreachable}, Reason::server_unreachable));
    ck_assert(nothing(watched().step(LinkFailed{Reason::server_unreachable}, start)));
}
END_TEST

START_TEST(a_publisher_that_was_restarted_meanwhile_is_asked_again) {
    ck_assert(nothing(reaching().step(PeerRestarted{}, start)));
    const auto output = asking().step(PeerRestarted{}, start);
    ck_assert(sent<Subscribe>(output) && sent<Subscribe>(output)->wish == "{}" && output.tell.empty());
}
END_TEST

START_TEST(whoever_ends_it_tells_the_other_and_is_told_nothing) {
    for (auto feed : {asking(), offered(), watching(), watched()}) {
        const auto output = feed.step(EndFeed{Reason::hangup}, start);
        ck_assert(sent<Unsubscribe>(output) && output.tell.empty() && feed.over());
        ck_assert(nothing(feed.step(LinkDown{}, start)));
    }
}
END_TEST

START_TEST(nobody_is_waited_for_longer_than_the_limits_say) {
    const auto reach = config.lookup_timeout + config.dial_timeout;
    ck_assert(reaching().deadline() == start + reach);
    ck_assert(ends_with(reaching(), DeadlinePassed{}, Reason::server_unreachable, start + reach));
    ck_assert(asking().deadline() == start + config.answer_timeout);
    auto feed = reaching();
    (void)feed.step(LinkUp{}, start + 1s);
    ck_assert(feed.deadline() == start + 1s + config.answer_timeout);
    ck_assert(nothing(Feed{feed}.step(DeadlinePassed{}, start + 2s)));
    ck_assert(ends_with(feed, DeadlinePassed{}, Reason::timeout, start + 1s + config.answer_timeout));
    ck_assert(ends_with(offered(), DeadlinePassed{}, Reason::timeout, start + config.answer_timeout));
}
END_TEST

}  // namespace

int main() {
    return run_suite(
        "feed",
        {a_subscriber_opens_its_lane_and_asks, a_subscriber_asks_once_there_is_a_connection,
         a_publisher_is_told_what_is_wanted_and_accepts, what_is_said_once_it_is_up_reaches_the_other_side,
         a_wish_that_changes_too_early_is_said_when_it_can_be, what_the_other_role_says_changes_nothing,
         each_state_ends_with_the_connection_and_says_so_when_there_is_another,
         a_publisher_that_was_restarted_meanwhile_is_asked_again,
         whoever_ends_it_tells_the_other_and_is_told_nothing,
         nobody_is_waited_for_longer_than_the_limits_say});
}
