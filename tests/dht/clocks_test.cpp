// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/clocks.h"

#include <limits>
#include <optional>
#include <vector>

#include "dht/message.h"
#include "tests/dht/played_node.h"
#include "tests/dht/samples.h"

using namespace dht;
using namespace std::chrono_literals;
using std::chrono::seconds;

namespace {

NodeId node(std::uint8_t number) {
    return samples::identity(number).node_id();
}

struct Tested {
    Queue<Event> events;
    Clocks clocks{events};
    Now now = samples::now;

    /// Each node's clock is ahead of the true time by that, ours by `own`.
    void hear(const std::vector<seconds>& ahead, seconds own = 0s) {
        std::uint8_t number = 1;
        const Now ours{now.time, now.date + own};
        for (const auto each : ahead) clocks.heard(node(number++), now.date + each, ours);
    }
    void pass(seconds time, seconds own = 0s) {
        now.time += time;
        now.date += time;
        clocks.advance({now.time, now.date + own});
    }
    std::vector<ClockDiffers> told() {
        std::vector<ClockDiffers> out;
        for (const auto& event : events) out.push_back(std::get<ClockDiffers>(event));
        events.clear();
        return out;
    }
};

}  // namespace

START_TEST(clocks_that_agree_within_a_minute_are_nobodys_complaint) {
    Tested t;
    t.hear({-50s, 0s, 3s, 58s});
    t.pass(10s);
    ck_assert(t.told().empty());
    ck_assert(t.clocks.wrong().empty() && t.clocks.own_ahead() == 0s);
    ck_assert(!t.clocks.deadline());
}
END_TEST

START_TEST(the_one_whose_clock_is_wrong_is_told_of_itself_and_of_nobody_else) {
    for (const seconds own : {-600s, 600s}) {
        Tested t;
        t.hear({0s, 1s, 0s, -1s}, own);
        t.pass(10s, own);
        const auto told = t.told();
        ck_assert_uint_eq(told.size(), 1);
        ck_assert(!told[0].node && told[0].ahead / 10s == own / 10s);
        ck_assert(t.clocks.own_ahead() / 10s == own / 10s && t.clocks.wrong().empty());
    }
}
END_TEST

START_TEST(the_others_are_told_of_the_one_whose_clock_is_wrong) {
    Tested t;
    t.hear({0s, 600s, 0s});
    t.pass(10s);
    const auto told = t.told();
    ck_assert_uint_eq(told.size(), 1);
    ck_assert(told[0].node == node(2) && told[0].ahead == 600s);
    ck_assert((t.clocks.wrong() == Clocks::Wrong{{node(2), 600s}}));
    ck_assert(t.clocks.own_ahead() == 0s);
}
END_TEST

START_TEST(nothing_is_said_before_there_was_time_to_hear_the_others) {
    Tested t;
    t.hear({600s});
    ck_assert(t.clocks.deadline().has_value());
    t.pass(9s);
    ck_assert(t.told().empty());
    t.hear({600s, 600s, 600s});
    t.pass(1s);
    const auto told = t.told();
    ck_assert_uint_eq(told.size(), 1);
    ck_assert(!told[0].node && told[0].ahead == -600s);
}
END_TEST

START_TEST(of_two_nobody_can_tell_who_is_wrong_so_each_is_told_of_the_other) {
    Tested t;
    t.hear({600s});
    t.pass(10s);
    const auto told = t.told();
    ck_assert_uint_eq(told.size(), 1);
    ck_assert(told[0].node == node(1) && told[0].ahead == 600s);
}
END_TEST

START_TEST(half_of_the_others_do_not_outvote_us) {
    Tested t;
    t.hear({600s, 600s, 0s, 0s});
    t.pass(10s);
    ck_assert(t.clocks.own_ahead() == 0s);
    ck_assert_uint_eq(t.clocks.wrong().size(), 2);
    Tested scattered;
    scattered.hear({600s, -600s});
    scattered.pass(10s);
    ck_assert(scattered.clocks.own_ahead() == 0s);
}
END_TEST

START_TEST(beside_our_own_wrong_clock_another_one_is_noticed_by_what_most_say) {
    Tested t;
    t.hear({0s, 0s, 0s, 1200s}, 600s);
    t.pass(10s, 600s);
    ck_assert(t.clocks.own_ahead() == 600s);
    ck_assert((t.clocks.wrong() == Clocks::Wrong{{node(4), 1200s}}));
}
END_TEST

START_TEST(what_is_complained_of_once_is_told_again_only_when_it_is_right) {
    Tested t;
    t.hear({0s, 600s, 0s});
    t.pass(10s);
    t.told();
    for (int minute = 0; minute < 5; ++minute) {
        t.hear({0s, minute % 2 == 0 ? 50s : 600s, 0s});  // better, but not clearly
        t.pass(60s);
    }
    ck_assert(t.told().empty());
    t.hear({0s, 1s, 0s});
    t.pass(10s);
    const auto told = t.told();
    ck_assert_uint_eq(told.size(), 1);
    ck_assert(told[0].node == node(2) && told[0].ahead == 0s);
    ck_assert(t.clocks.wrong().empty());
}
END_TEST

START_TEST(a_step_of_our_own_clock_is_seen_without_anybody_answering_again) {
    Tested t;
    t.hear({0s, 0s, 0s}, 600s);
    t.pass(10s, 600s);
    ck_assert(t.clocks.own_ahead() == 600s);
    t.told();
    t.pass(10s);  // somebody has set it right
    ck_assert(t.clocks.own_ahead() == 0s);
    const auto told = t.told();
    ck_assert_uint_eq(told.size(), 1);
    ck_assert(!told[0].node && told[0].ahead == 0s);
}
END_TEST

START_TEST(who_has_gone_is_forgotten_and_no_clock_of_ours_ticks_for_it) {
    Tested t;
    t.hear({0s, 600s, 0s});
    t.pass(10s);
    t.told();
    t.pass(601s);
    ck_assert(t.clocks.wrong().empty());
    ck_assert(t.told().empty());  // it has not been set right
    ck_assert(!t.clocks.deadline());
}
END_TEST

START_TEST(no_more_are_remembered_than_are_needed_and_the_gone_make_room) {
    Tested t;
    t.hear(std::vector<seconds>(32, 0s));
    t.clocks.heard(node(200), t.now.date + 600s, t.now);
    t.pass(10s);
    ck_assert(t.clocks.wrong().empty());
    t.pass(601s);
    t.clocks.heard(node(200), t.now.date + 600s, t.now);
    t.pass(10s);
    ck_assert_uint_eq(t.clocks.wrong().size(), 1);
}
END_TEST

START_TEST(the_ends_of_time_do_no_harm) {
    Tested t;
    t.clocks.heard(node(1), Date{0s}, t.now);
    t.clocks.heard(node(2), Date{seconds{date_max}}, t.now);
    t.clocks.heard(node(3), t.now.date, t.now);
    t.pass(10s);
    ck_assert(t.clocks.own_ahead() == 0s);
    ck_assert_uint_eq(t.clocks.wrong().size(), 2);
}
END_TEST

START_TEST(a_node_tells_the_date_to_its_own_kind_and_hears_theirs) {
    samples::PlayedNode t;
    const Query ping{.method = Method::ping, .id = node(9)};
    const auto answer = t.answer(ping);
    const auto date = std::get<Response>(decode(answer)->body).date;
    ck_assert(date == t.now.date.time_since_epoch().count());
    // One that knows the BEPs alone is answered as they say.
    t.receive("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe", samples::stranger);
    const auto sent = t.sent();
    ck_assert(!std::get<Response>(decode(sent.front().payload)->body).date);

    t.dates = -10min;
    t.befriend(3);
    t.befriend(4);
    t.now.time += 10s;
    t.now.date += 10s;
    t.node.advance(t.now);
    ck_assert(t.node.clocks().own_ahead() / 10s == 60);
    std::optional<ClockDiffers> told;
    while (const auto event = t.node.poll_event()) {
        if (const auto* differs = std::get_if<ClockDiffers>(&*event)) told = *differs;
    }
    ck_assert(told && !told->node && told->ahead / 10s == 60);
}
END_TEST

int main() {
    return run_suite(
        "clocks", {clocks_that_agree_within_a_minute_are_nobodys_complaint,
                   the_one_whose_clock_is_wrong_is_told_of_itself_and_of_nobody_else,
                   the_others_are_told_of_the_one_whose_clock_is_wrong,
                   nothing_is_said_before_there_was_time_to_hear_the_others,
                   of_two_nobody_can_tell_who_is_wrong_so_each_is_told_of_the_other,
                   half_of_the_others_do_not_outvote_us,
                   beside_our_own_wrong_clock_another_one_is_noticed_by_what_most_say,
                   what_is_complained_of_once_is_told_again_only_when_it_is_right,
                   a_step_of_our_own_clock_is_seen_without_anybody_answering_again,
                   who_has_gone_is_forgotten_and_no_clock_of_ours_ticks_for_it,
                   no_more_are_remembered_than_are_needed_and_the_gone_make_room, the_ends_of_time_do_no_harm,
                   a_node_tells_the_date_to_its_own_kind_and_hears_theirs});
}
