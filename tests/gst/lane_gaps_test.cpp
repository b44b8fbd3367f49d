// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/lane_gaps.h"

#include <functional>
#include <map>
#include <memory>
#include <random>

#include "gst/sent_packets.h"
#include "tests/check.h"

using namespace std::chrono_literals;
using gst::LaneGaps;
using Arrival = LaneGaps::Arrival;
using Numbers = std::vector<std::uint16_t>;

namespace {

constexpr dht::Duration rtt = 40ms;
const dht::Time start{1h};

/// A lane of 250 packets a second over a path that loses both ways.
struct Lane {
    double loss = 0.01;
    dht::Duration jitter = 0ms;
    double copies = 0;

    LaneGaps gaps{};
    std::unique_ptr<gst::SentPackets> sent = std::make_unique<gst::SentPackets>();
    std::mt19937 chance{11};
    std::multimap<dht::Time, std::function<void()>> events{};
    dht::Time now = start;
    int delivered = 0, late = 0, resent = 0;

    bool hits(double share) { return std::uniform_real_distribution{}(chance) < share; }
    void travel(std::function<void()> what) {
        for (int copy = hits(copies) ? 2 : 1; copy > 0; --copy) {
            if (hits(loss)) continue;
            const auto extra =
                jitter.count() ? dht::Duration{static_cast<long>(chance()) % jitter.count()} : 0ms;
            events.emplace(now + rtt / 2 + extra, what);
        }
    }
    void arrive(std::uint16_t number) {
        const auto arrival = gaps.received(number, rtt, now);
        if (arrival != Arrival::stale) ++delivered;
        if (arrival == Arrival::late) ++late;
        for (const auto wanted : gaps.due(rtt, now))
            travel([this, wanted] {
                gst::SentPackets::Packet packet;
                if (!sent->again(wanted, now, packet)) return;
                ++resent;
                travel([this, wanted] { arrive(wanted); });
            });
    }
    void run(int packets) {
        for (int i = 0; i < packets; ++i)
            events.emplace(start + i * 4ms, [this] {
                const std::uint8_t octet = 1;
                const auto header = sent->keep({}, {&octet, 1}, now);
                travel([this, number = header.sequence] { arrive(number); });
            });
        while (!events.empty()) {
            now = events.begin()->first;
            const auto what = std::move(events.begin()->second);
            events.erase(events.begin());
            what();
        }
    }
};

}  // namespace

START_TEST(gaps_are_counted_until_they_are_filled) {
    LaneGaps gaps;
    for (const std::uint16_t number : {65534, 65535, 2})  // 0 and 1 are missing, across the wrap
        ck_assert(gaps.received(number, rtt, start) == Arrival::next);
    ck_assert_uint_eq(gaps.lost(), 2);
    ck_assert(gaps.received(0, rtt, start) == Arrival::late);
    ck_assert_uint_eq(gaps.lost(), 1);
    ck_assert(gaps.received(3, rtt, start) == Arrival::next);
    ck_assert_uint_eq(gaps.lost(), 1);
    ck_assert_uint_eq(gaps.missed(), 2);
}
END_TEST

START_TEST(the_first_packet_may_be_overtaken) {
    LaneGaps gaps;
    ck_assert(gaps.received(2, rtt, start) == Arrival::next);
    ck_assert(gaps.received(0, rtt, start + 1ms) == Arrival::late);
    ck_assert((gaps.due(rtt, start + 2ms) == Numbers{1}));
    ck_assert(gaps.received(1, rtt, start + 30ms) == Arrival::late);
    ck_assert(gaps.received(0, rtt, start + 31ms) == Arrival::stale);
}
END_TEST

START_TEST(who_joins_late_asks_for_nothing_from_before) {
    LaneGaps gaps;
    ck_assert(gaps.received(1000, rtt, start) == Arrival::next);
    ck_assert(gaps.due(rtt, start).empty());
    ck_assert_uint_eq(gaps.lost(), 0);
}
END_TEST

START_TEST(copies_are_of_no_use) {
    LaneGaps gaps;
    for (const std::uint16_t number : {0, 1, 3, 2}) gaps.received(number, rtt, start);
    for (const std::uint16_t number : {3, 2, 1, 0, 65535})
        ck_assert(gaps.received(number, rtt, start) == Arrival::stale);
    ck_assert_uint_eq(gaps.lost(), 0);
}
END_TEST

START_TEST(what_is_missing_is_asked_for_at_once_and_again_while_it_is_useful) {
    LaneGaps gaps;
    gaps.received(0, rtt, start);
    gaps.received(3, rtt, start);
    ck_assert((gaps.due(rtt, start) == Numbers{1, 2}));
    ck_assert(gaps.due(rtt, start + rtt).empty());
    ck_assert((gaps.due(rtt, start + 51ms) == Numbers{1, 2}));
    ck_assert(gaps.received(2, rtt, start + 95ms) == Arrival::late);
    ck_assert((gaps.due(rtt, start + 110ms) == Numbers{1}));
    ck_assert_uint_eq(gaps.repaired(), 1);
    unsigned more = 0;
    for (auto after = 110ms; after < 2s; after += 1ms)
        more += static_cast<unsigned>(gaps.due(rtt, start + after).size());
    ck_assert_uint_eq(more + 3, LaneGaps::tries_max);
    ck_assert(gaps.received(1, rtt, start + LaneGaps::accepted) == Arrival::stale);
    ck_assert_uint_eq(gaps.lost(), 1);
    ck_assert_uint_eq(gaps.asked(), LaneGaps::tries_max + 2);
}
END_TEST

START_TEST(what_comes_late_by_itself_is_passed_on) {
    LaneGaps gaps;
    gaps.received(0, rtt, start);
    gaps.received(2, rtt, start);
    for (auto after = 0ms; after < 1s; after += 10ms) gaps.due(rtt, start + after);
    ck_assert(gaps.received(1, rtt, start + 1s) == Arrival::late);
    ck_assert_uint_eq(gaps.lost(), 0);
}
END_TEST

START_TEST(over_a_path_that_is_too_long_nothing_is_asked) {
    LaneGaps gaps;
    gaps.received(0, 600ms, start);
    gaps.received(2, 600ms, start);
    ck_assert(gaps.due(600ms, start).empty());
}
END_TEST

START_TEST(of_a_long_gap_only_the_end_is_asked_for) {
    LaneGaps gaps;
    gaps.received(0, rtt, start);
    gaps.received(5000, rtt, start);
    const auto due = gaps.due(rtt, start);
    ck_assert_uint_eq(due.size(), LaneGaps::missing_max);
    ck_assert_uint_eq(due.front(), 5000 - LaneGaps::missing_max);
    ck_assert_uint_eq(due.back(), 4999);
    ck_assert_uint_eq(gaps.lost(), 4999);
    gaps.received(5002, rtt, start + 1ms);  // the newest gap takes the place of the oldest
    ck_assert((gaps.due(rtt, start + 1ms) == Numbers{5001}));
}
END_TEST

START_TEST(a_sender_that_begins_anew_is_followed) {
    LaneGaps gaps;
    for (std::uint16_t number = 0; number < 1000; ++number) gaps.received(number, rtt, start);
    std::uint16_t number = 0;
    const auto later = start + 1s;
    while (gaps.received(number, rtt, later) == Arrival::stale) ck_assert_uint_lt(++number, 20);
    ck_assert(gaps.received(static_cast<std::uint16_t>(number + 1), rtt, later) == Arrival::next);
    ck_assert_uint_eq(gaps.lost(), 0);
}
END_TEST

START_TEST(a_run_that_is_repaired_twice_is_no_other_sender) {
    LaneGaps gaps;
    gaps.received(0, rtt, start);
    gaps.received(40, rtt, start);
    for (std::uint16_t number = 1; number < 40; ++number)
        ck_assert(gaps.received(number, rtt, start + 50ms) == Arrival::late);
    for (std::uint16_t number = 1; number < 40; ++number)
        ck_assert(gaps.received(number, rtt, start + 100ms) == Arrival::stale);
    ck_assert(gaps.received(41, rtt, start + 101ms) == Arrival::next);
    ck_assert_uint_eq(gaps.missed(), 39);
}
END_TEST

START_TEST(one_percent_of_loss_is_repaired) {
    Lane lane;
    lane.run(100'000);
    ck_assert_uint_gt(lane.gaps.missed(), 800);
    ck_assert_int_ge(lane.delivered, 99'990);  // residual loss below 0.01 %
    ck_assert_int_lt(lane.resent, 1200);
    ck_assert_uint_ge(lane.gaps.repaired() + lane.gaps.lost(), lane.gaps.missed() - 5);
}
END_TEST

START_TEST(ten_percent_of_loss_is_repaired) {
    Lane lane{.loss = 0.1};
    lane.run(100'000);
    ck_assert_int_ge(lane.delivered, 99'900);
}
END_TEST

START_TEST(packets_that_overtake_each_other_are_soon_waited_for) {
    Lane lane{.loss = 0, .jitter = 15ms};
    lane.run(50'000);
    ck_assert_int_eq(lane.delivered, 50'000);
    ck_assert_int_gt(lane.late, 1000);
    ck_assert_int_lt(lane.resent, lane.late / 20);
}
END_TEST

START_TEST(copies_and_losses_together_deliver_each_packet_once) {
    Lane lane{.loss = 0.02, .jitter = 6ms, .copies = 0.3};
    lane.run(50'000);
    ck_assert_int_le(lane.delivered, 50'000);
    ck_assert_int_ge(lane.delivered, 49'990);
}
END_TEST

int main() {
    return run_suite("lane gaps",
                     {gaps_are_counted_until_they_are_filled, the_first_packet_may_be_overtaken,
                      who_joins_late_asks_for_nothing_from_before, copies_are_of_no_use,
                      what_is_missing_is_asked_for_at_once_and_again_while_it_is_useful,
                      what_comes_late_by_itself_is_passed_on, over_a_path_that_is_too_long_nothing_is_asked,
                      of_a_long_gap_only_the_end_is_asked_for, a_sender_that_begins_anew_is_followed,
                      a_run_that_is_repaired_twice_is_no_other_sender, one_percent_of_loss_is_repaired,
                      ten_percent_of_loss_is_repaired, packets_that_overtake_each_other_are_soon_waited_for,
                      copies_and_losses_together_deliver_each_packet_once});
}
