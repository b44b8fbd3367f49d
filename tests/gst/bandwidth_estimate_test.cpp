// SPDX-License-Identifier: LGPL-2.1-or-later
// On simulated paths, with encoders that follow what is reported as browsers do.
#include "gst/bandwidth_estimate.h"

#include <algorithm>
#include <deque>
#include <random>

#include "tests/check.h"

using namespace std::chrono_literals;
using gst::BandwidthEstimate;

namespace {

constexpr std::size_t packet_bytes = 1000;

double seconds(dht::Duration time) {
    return std::chrono::duration<double>(time).count();
}

/// A bottleneck with a queue in front, and an encoder that would like to send `wanted` bits per second.
struct World {
    double capacity = 1e9, wanted = 2e6;
    double loss = 0;
    dht::Duration delay = 20ms, jitter = 0us, queue_max = 1s;
    bool data = false;           ///< a fifth of the packets belong to it
    bool obedient = true;        ///< otherwise the encoder does not care
    std::uint32_t clock = 0;     ///< the sender's, at first
    std::uint16_t sequence = 0;  ///< the first packet's

    BandwidthEstimate estimate;
    std::uint32_t told = gst::no_bandwidth_limit;
    double encoder = 300'000;  ///< what it sends now
    dht::Time now{1h};
    double delivered = 0;  ///< bits
    dht::Duration queue{}, queue_most{};
    int reports = 0;

    void run(dht::Duration time) {
        const auto end = now + time;
        delivered = 0;
        queue_most = {};
        while (now < end) {
            send();
            follow();
            now += std::chrono::microseconds{static_cast<std::int64_t>(8e6 * packet_bytes / encoder)};
            arrive();
        }
        delivered /= seconds(time);
    }

private:
    struct Flying {
        dht::Time arrives;
        gst::OuterPacket packet;
        bool yields = false;
    };
    std::mt19937 chance{1};
    std::deque<Flying> flying;
    dht::Time free_at{}, followed{};
    std::uint32_t count = 0;

    bool hits(double share) { return std::uniform_real_distribution{}(chance) < share; }

    void send() {
        const gst::OuterPacket packet{sequence++, clock + timestamp(), packet_bytes};
        queue = std::max(dht::Duration{0}, free_at - now);
        queue_most = std::max(queue_most, queue);
        if (queue > queue_max || hits(loss)) return;
        free_at = std::max(now, free_at) +
                  std::chrono::microseconds{static_cast<std::int64_t>(8e6 * packet_bytes / capacity)};
        auto late = delay;
        if (jitter > 0us) late += dht::Duration{static_cast<std::int64_t>(chance()) % jitter.count()};
        flying.push_back({free_at + late, packet, data && ++count % 5 == 0});
    }
    [[nodiscard]] std::uint32_t timestamp() const {
        return static_cast<std::uint32_t>(
            static_cast<std::uint64_t>(seconds(now - dht::Time{1h}) * 90'000.0));
    }
    void arrive() {
        std::sort(flying.begin(), flying.end(),
                  [](const Flying& a, const Flying& b) { return a.arrives < b.arrives; });
        for (; !flying.empty() && flying.front().arrives <= now; flying.pop_front()) {
            const auto& first = flying.front();
            delivered += 8 * packet_bytes;
            const auto report = estimate.received(first.packet, first.yields, first.arrives);
            if (report) ++reports;
            told = report.value_or(told);
        }
    }
    /// Encoders take some tenths of a second to follow, down at once and up slowly.
    void follow() {
        if (now < followed + 200ms) return;
        followed = now;
        const double aim = obedient ? std::min(wanted, static_cast<double>(told)) : wanted;
        encoder = std::clamp(aim, encoder / 2, encoder * 1.1);
    }
};

}  // namespace

START_TEST(a_path_that_has_room_has_no_limit) {
    World world;
    world.run(60s);
    ck_assert_uint_eq(world.estimate.bits_per_second(), gst::no_bandwidth_limit);
    ck_assert_int_eq(world.reports, 0);
    ck_assert_double_gt(world.delivered, 1.8e6);
}
END_TEST

START_TEST(a_path_that_is_too_narrow_is_used_and_not_filled) {
    World world;
    world.capacity = 1e6;
    world.run(15s);
    ck_assert_uint_lt(world.told, 1'200'000);
    world.run(60s);
    ck_assert_double_gt(world.delivered, 0.8e6);
    ck_assert(world.queue_most < 250ms);
    ck_assert_double_lt(world.estimate.loss(), 0.01);
}
END_TEST

START_TEST(a_short_queue_that_loses_is_seen_too) {
    World world;
    world.capacity = 1e6;
    world.queue_max = 30ms;  // shorter than what counts as a queue
    world.run(20s);
    world.run(40s);
    ck_assert_uint_ne(world.told, gst::no_bandwidth_limit);
    ck_assert_double_gt(world.delivered, 0.7e6);
    ck_assert_double_lt(world.estimate.loss(), 0.25);
}
END_TEST

START_TEST(when_the_path_narrows_the_queue_is_soon_gone) {
    World world;
    world.run(20s);
    world.capacity = 0.6e6;
    world.run(4s);
    world.run(4s);
    ck_assert(world.queue_most < 300ms);
    ck_assert_double_gt(world.delivered, 0.4e6);
}
END_TEST

START_TEST(when_the_path_widens_it_is_used_again) {
    World world;
    world.capacity = 0.6e6;
    world.run(20s);
    world.capacity = 5e6;
    world.run(30s);
    world.run(5s);
    ck_assert_double_gt(world.delivered, 1.8e6);
    // In the end the limit is forgotten, and the sender told so.
    world.run(60s);
    ck_assert_uint_eq(world.told, gst::no_bandwidth_limit);
}
END_TEST

START_TEST(what_was_full_for_a_moment_is_soon_no_limit) {
    World world;
    world.wanted = 5e6;
    world.run(30s);
    world.loss = 0.4;
    world.run(5s);
    ck_assert_uint_lt(world.told, 1'000'000);
    world.loss = 0;
    world.run(20s);
    ck_assert_uint_gt(world.told, 5'000'000);
}
END_TEST

START_TEST(what_comes_through_unhindered_has_room) {
    World world;
    world.obedient = false;
    world.run(30s);
    world.loss = 0.4;
    world.run(3s);
    ck_assert_uint_lt(world.told, 1'200'000);
    world.loss = 0;
    world.run(4s);
    ck_assert_uint_gt(world.told, 1'600'000);
}
END_TEST

START_TEST(loss_by_chance_is_no_limit) {
    for (const double loss : {0.01, 0.05}) {
        World world;
        world.loss = loss;
        world.run(60s);
        ck_assert_uint_eq(world.told, gst::no_bandwidth_limit);
    }
}
END_TEST

START_TEST(much_loss_is_one_but_never_below_what_a_voice_needs) {
    World world;
    world.loss = 0.25;
    world.run(60s);
    ck_assert_uint_lt(world.told, 2'000'000);
    ck_assert_uint_ge(world.told, static_cast<std::uint32_t>(BandwidthEstimate::bits_min));
}
END_TEST

START_TEST(packets_that_dance_are_no_queue) {
    World world;
    world.jitter = 30ms;
    world.run(60s);
    ck_assert_uint_eq(world.told, gst::no_bandwidth_limit);
}
END_TEST

START_TEST(an_interruption_is_neither_loss_nor_queue) {
    World world;
    world.run(10s);
    for (int cut = 0; cut < 5; ++cut) {
        world.sequence = static_cast<std::uint16_t>(world.sequence + 3000);  // all lost
        world.now += 12s;
        world.run(3s);
    }
    ck_assert_uint_eq(world.told, gst::no_bandwidth_limit);
}
END_TEST

START_TEST(a_queue_that_data_makes_is_left_to_data) {
    World world;
    world.data = true;
    world.obedient = false;
    world.capacity = 2.02e6;
    world.wanted = 2e6;
    world.run(20s);
    world.delay = 100ms;  // a standing queue of 80 ms
    world.run(20s);
    ck_assert_uint_eq(world.told, gst::no_bandwidth_limit);
    world.data = false;
    world.run(2s);
    ck_assert_uint_ne(world.told, gst::no_bandwidth_limit);
}
END_TEST

START_TEST(a_longer_path_is_not_taken_for_a_queue_for_ever) {
    World world;
    world.run(10s);
    world.delay = 120ms;
    world.run(30s);
    world.run(5s);
    ck_assert_double_gt(world.delivered, 1e6);
}
END_TEST

START_TEST(counters_may_wrap) {
    World world;
    world.sequence = 65'000;
    world.clock = 0xffff'fff0U - 90'000 * 5;
    world.run(30s);
    ck_assert_uint_eq(world.told, gst::no_bandwidth_limit);
    ck_assert_double_lt(world.estimate.loss(), 0.001);
}
END_TEST

START_TEST(a_limit_is_told_twice_a_second_and_its_end_three_times) {
    World world;
    world.capacity = 0.5e6;
    world.run(10s);
    world.reports = 0;
    world.run(10s);
    ck_assert_int_ge(world.reports, 15);
    ck_assert_int_le(world.reports, 40);
    world.capacity = 1e9;
    world.run(120s);
    ck_assert_uint_eq(world.told, gst::no_bandwidth_limit);
    world.reports = 0;
    world.run(10s);
    ck_assert_int_eq(world.reports, 0);
}
END_TEST

int main() {
    return run_suite("bandwidth_estimate",
                     {a_path_that_has_room_has_no_limit, a_path_that_is_too_narrow_is_used_and_not_filled,
                      a_short_queue_that_loses_is_seen_too, when_the_path_narrows_the_queue_is_soon_gone,
                      when_the_path_widens_it_is_used_again, what_was_full_for_a_moment_is_soon_no_limit,
                      what_comes_through_unhindered_has_room, loss_by_chance_is_no_limit,
                      much_loss_is_one_but_never_below_what_a_voice_needs, packets_that_dance_are_no_queue,
                      an_interruption_is_neither_loss_nor_queue, a_queue_that_data_makes_is_left_to_data,
                      a_longer_path_is_not_taken_for_a_queue_for_ever, counters_may_wrap,
                      a_limit_is_told_twice_a_second_and_its_end_three_times});
}
