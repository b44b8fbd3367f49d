// SPDX-License-Identifier: GPL-3.0-or-later
// On simulated paths to browsers that feed back, and ask again for what they miss.
#include "plugin/receiver_estimate.h"

#include <algorithm>
#include <map>
#include <random>

#include "tests/check.h"
#include "tests/plugin/feedback.h"

using namespace std::chrono_literals;
using plugin::ReceiverEstimate;

namespace {

constexpr std::size_t packet_bytes = 1000;
constexpr dht::Duration picture_every = 33ms, feedback_every = 100ms;

/// Pictures of `bits` per second through a bottleneck, and what the browser says of them. What is lost is
/// sent again once, under a number of its own.
struct World {
    double bits = 1e6, capacity = 1e9, loss = 0;
    dht::Duration delay = 30ms, queue_max = 300ms;
    bool rtx = true;
    /// How the browser's clock stands to ours.
    dht::Duration clock = plugin::TransportFeedback::clock_round - 2s;

    ReceiverEstimate estimate;
    std::uint32_t told = gst::no_bandwidth_limit;
    int reports = 0;
    dht::Time now{1h};

    void run(dht::Duration time) {
        for (const auto end = now + time; now < end; now += 1ms) {
            if (now >= picture_at) picture();
            for (; !again.empty() && again.begin()->first <= now; again.erase(again.begin()))
                for (int i = 0; i < again.begin()->second; ++i) send();
            if (now >= feedback_at) feed_back();
        }
    }

private:
    std::mt19937 chance{1};
    dht::Time picture_at{}, feedback_at{}, free_at{};
    double owed = 0;
    std::uint16_t number = 0;
    std::map<dht::Time, int> again;  ///< repetitions
    std::vector<std::pair<std::uint16_t, std::optional<dht::Time>>>
        fate;  ///< of each number, till it is told

    void picture() {
        picture_at = now + picture_every;
        owed += bits * 0.033 / 8;
        for (; owed > 0; owed -= packet_bytes) {
            estimate.sent(true, packet_bytes, now);
            send();
        }
    }
    void send() {
        const auto queue = std::max(dht::Duration{}, free_at - now);
        const bool lost = queue > queue_max || std::uniform_real_distribution{}(chance) < loss;
        ++number;
        if (lost) {
            fate.emplace_back(number, std::nullopt);
            if (rtx) ++again[now + 2 * delay + queue];
            return;
        }
        free_at = std::max(now, free_at) +
                  std::chrono::microseconds{static_cast<std::int64_t>(8e6 * packet_bytes / capacity)};
        fate.emplace_back(number, free_at + delay);
    }
    /// Of all that has come by now, and what is missing before.
    void feed_back() {
        feedback_at = now + feedback_every;
        std::size_t count = 0;
        for (std::size_t i = 0; i < fate.size(); ++i)
            if (fate[i].second && *fate[i].second + delay <= now) count = i + 1;
        if (count == 0) return;
        std::vector<std::optional<dht::Duration>> came;
        for (std::size_t i = 0; i < count; ++i) {
            const auto& at = fate[i].second;
            came.push_back(at ? std::optional{*at - dht::Time{1h} + clock} : std::nullopt);
        }
        const auto packet = tests::transport_feedback(fate[0].first, came);
        fate.erase(fate.begin(), fate.begin() + static_cast<std::ptrdiff_t>(count));
        const auto bits_told = estimate.received(packet);
        if (bits_told) ++reports;
        told = bits_told.value_or(told);
    }
};

START_TEST(a_path_that_has_room_is_no_limit) {
    World world;
    world.run(60s);
    ck_assert_uint_eq(world.told, gst::no_bandwidth_limit);
    ck_assert_int_eq(world.reports, 0);
}
END_TEST

START_TEST(what_is_told_of_late_is_known) {
    // A thousand packets and more are under way.
    World world;
    world.bits = 10e6;
    world.delay = 400ms;
    world.run(20s);
    ck_assert_uint_eq(world.told, gst::no_bandwidth_limit);
    world.capacity = 4e6;
    world.run(3s);
    ck_assert_uint_lt(world.told, 4'400'000);
    ck_assert_uint_gt(world.told, 1'600'000);
}
END_TEST

START_TEST(a_loss_now_and_then_is_no_limit) {
    World world;
    world.loss = 0.03;
    world.run(60s);
    ck_assert_uint_eq(world.told, gst::no_bandwidth_limit);
}
END_TEST

START_TEST(a_browser_that_is_late_for_a_moment_is_no_limit) {
    World world;
    world.run(5s);
    world.delay += 80ms;
    world.run(300ms);
    world.delay -= 80ms;
    world.run(5s);
    ck_assert_uint_eq(world.told, gst::no_bandwidth_limit);
}
END_TEST

START_TEST(a_path_that_is_full_is_told_within_two_seconds) {
    for (const double capacity : {200e3, 600e3}) {
        World world;
        world.run(5s);
        ck_assert_uint_eq(world.told, gst::no_bandwidth_limit);
        world.capacity = capacity;
        world.run(2s);
        ck_assert_uint_lt(world.told, 1.1 * capacity);
        ck_assert_uint_gt(world.told, 0.4 * capacity);
    }
}
END_TEST

START_TEST(who_sends_what_fits_is_told_more_by_and_by) {
    World world;
    world.run(5s);
    world.capacity = 600e3;
    world.run(2s);
    world.bits = 300e3;
    const auto fell_to = world.told;
    world.run(30s);
    ck_assert_uint_gt(world.told, 600'000);
    ck_assert_uint_gt(world.told, fell_to);
}
END_TEST

START_TEST(repetitions_and_losses_leave_the_estimate_right) {
    for (const bool rtx : {false, true}) {
        World world;
        world.rtx = rtx;
        world.loss = 0.05;
        world.run(30s);
        ck_assert_uint_eq(world.told, gst::no_bandwidth_limit);
        // More at once through a path that is as wide as before.
        world.bits = 3e6;
        world.run(10s);
        ck_assert_uint_eq(world.told, gst::no_bandwidth_limit);
        world.loss = 0;
        world.capacity = 1e6;
        world.run(2s);
        ck_assert_uint_lt(world.told, 1'200'000);
    }
}
END_TEST

START_TEST(what_has_no_number_counts_with_the_next_that_has) {
    // Sound that takes most of the path: without it there would be nothing to fear.
    World world;
    world.capacity = 400e3;
    world.bits = 300e3;
    for (int i = 0; i < 100; ++i) {
        world.estimate.sent(false, 1250, world.now);  // a megabit per second
        world.run(10ms);
    }
    ck_assert_uint_eq(world.told, gst::no_bandwidth_limit);
    world.bits = 600e3;
    for (int i = 0; i < 200; ++i) {
        world.estimate.sent(false, 1250, world.now);
        world.run(10ms);
    }
    ck_assert_uint_gt(world.told, 700'000);
    ck_assert_uint_lt(world.told, gst::no_bandwidth_limit);
}
END_TEST

START_TEST(feedback_of_what_was_never_sent_does_no_harm) {
    ReceiverEstimate estimate;
    ck_assert(!estimate.received(tests::transport_feedback(40'000, {1s, 2s, 3s})));
    for (int i = 0; i < 1000; ++i) {
        const auto number = static_cast<std::uint16_t>(i * 31'000);
        estimate.received(tests::transport_feedback(number, {1s, {}, 900ms}));
        estimate.sent(true, packet_bytes, dht::Time{1h} + i * 1ms);
    }
    ck_assert(!estimate.received({}));
}
END_TEST

}  // namespace

int main() {
    return run_suite(
        "receiver_estimate",
        {a_path_that_has_room_is_no_limit, what_is_told_of_late_is_known, a_loss_now_and_then_is_no_limit,
         a_browser_that_is_late_for_a_moment_is_no_limit, a_path_that_is_full_is_told_within_two_seconds,
         who_sends_what_fits_is_told_more_by_and_by, repetitions_and_losses_leave_the_estimate_right,
         what_has_no_number_counts_with_the_next_that_has, feedback_of_what_was_never_sent_does_no_harm});
}
