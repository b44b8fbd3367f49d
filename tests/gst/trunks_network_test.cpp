// SPDX-License-Identifier: LGPL-2.1-or-later
// Trunks over networks that lose, delay, disorder, double, and break down.
#include "gst/trunks.h"
#include "tests/check.h"
#include "tests/gst/relay.h"

using namespace std::chrono_literals;
using namespace tests;
using gst::DataVerdict;
using gst::PacketKind;

namespace {

constexpr federation::LaneId lane = 2;

gst::TrunkConfig quick() {
    auto config = loopback_config();
    config.heartbeat = 100ms;  // the round trip is known soon
    config.dead_after = 500ms;
    config.interruption_max = 4s;
    return config;
}

struct Call {
    Server a{1, quick()}, b{2, quick()};
    Relay relay{a, b};
    std::shared_ptr<Collector> at_a = std::make_shared<Collector>(), at_b = std::make_shared<Collector>();
    std::shared_ptr<gst::Lane> of_a = a.open(b, lane, at_a), of_b = b.open(a, lane, at_b);

    Call() {
        ck_assert(eventually([&] { return a.is_up(b) && b.is_up(a); }));
        of_a->accept_data();
        of_b->accept_data();
    }
    /// Until both sides have received something that was sent from now on; how long that took, in seconds.
    double flows_again(double seconds) {
        const auto begun = std::chrono::steady_clock::now();
        const auto before_a = at_a->count(), before_b = at_b->count();
        const auto flows = [&] {
            of_a->send(PacketKind::rtp, 0, packet_of(100, 1));
            of_b->send(PacketKind::rtp, 0, packet_of(100, 1));
            return at_a->count() > before_a && at_b->count() > before_b;
        };
        if (!eventually(flows, seconds)) return -1;
        return std::chrono::duration<double>{std::chrono::steady_clock::now() - begun}.count();
    }
    [[nodiscard]] bool up() { return a.is_up(b) && b.is_up(a); }
};

void pause(std::chrono::milliseconds time) {
    std::this_thread::sleep_for(time);
}

}  // namespace

START_TEST(lost_packets_are_repaired) {
    constexpr std::uint32_t packets = 1500;
    Call call;
    call.relay.set({.loss = 0.02, .delay = 10ms});
    pause(500ms);  // the round trip is another now
    for (std::uint32_t number = 0; number < packets; ++number) {
        ck_assert(call.of_a->send(PacketKind::rtp, 0, packet_of(500, number)));
        pause(2ms);
    }
    // Some more, so that the last gaps are noticed.
    for (int i = 0; i < 50; ++i) {
        call.of_a->send(PacketKind::rtp, 0, packet_of(10, 1));
        pause(4ms);
    }
    ck_assert(eventually([&] { return call.at_b->count() >= packets + 40; }));
    const auto stats = call.of_b->stats();
    ck_assert_uint_gt(stats.packets_missed, 5);
    ck_assert_uint_gt(stats.packets_repaired, 5);
    ck_assert_uint_le(stats.packets_lost, 3);
    ck_assert_uint_gt(call.of_a->stats().repairs_sent, 5);
}
END_TEST

START_TEST(copies_and_disorder_deliver_each_packet_once) {
    constexpr std::uint32_t packets = 600;
    Call call;
    call.relay.set({.copies = 0.2, .reorder = 0.1, .delay = 5ms, .jitter = 4ms});
    pause(300ms);
    for (std::uint32_t number = 0; number < packets; ++number) {
        ck_assert(call.of_a->send(PacketKind::rtp, 0, packet_of(100, number)));
        pause(2ms);
    }
    ck_assert(eventually([&] { return call.at_b->count() >= packets; }));
    pause(200ms);
    ck_assert_uint_eq(call.at_b->count(), packets);
}
END_TEST

START_TEST(data_passes_a_bad_network_in_order) {
    constexpr std::uint32_t messages = 300;
    Call call;
    call.relay.set({.loss = 0.02, .copies = 0.02, .reorder = 0.02, .delay = 10ms, .jitter = 2ms});
    for (std::uint32_t number = 0; number < messages; ++number) {
        const auto bytes = packet_of(4000, number);
        ck_assert(call.of_a->send_data({"l", "", true, bytes}) == DataVerdict::taken);
    }
    ck_assert(eventually([&] { return call.at_b->data_count() == messages; }));
    const auto all = call.at_b->data();
    for (std::uint32_t number = 0; number < messages; ++number)
        ck_assert(all[number].bytes == packet_of(4000, number));
}
END_TEST

START_TEST(a_call_goes_on_after_an_interruption) {
    for (const auto gap : {200ms, 1500ms, 3000ms}) {
        Call call;
        const auto bytes = packet_of(4000, 7);
        call.relay.cut(true);
        ck_assert(call.of_a->send_data({"l", "", true, bytes}) == DataVerdict::taken);
        pause(gap);
        if (gap > 1s) ck_assert(!call.a.is_up(call.b) && !call.b.is_up(call.a));
        call.relay.cut(false);
        const double took = call.flows_again(3);
        ck_assert_msg(took >= 0 && took < 1, "after %d ms: %f s", static_cast<int>(gap.count()), took);
        ck_assert(eventually([&] { return call.at_b->data_count() == 1; }, 3));
        ck_assert_int_eq(call.a.failures + call.b.failures, 0);
    }
}
END_TEST

START_TEST(media_is_back_before_signalling_is) {
    Call call;
    call.relay.cut(true);
    call.a.signalling = call.b.signalling = false;
    pause(1500ms);
    ck_assert(!call.a.is_up(call.b));
    call.relay.cut(false);
    const double took = call.flows_again(3);
    ck_assert_msg(took >= 0 && took < 1, "%f s", took);
    ck_assert(call.up());
}
END_TEST

START_TEST(an_interruption_of_one_way_is_overcome_too) {
    Call call;
    call.relay.set({}, {.cut = true});
    ck_assert(eventually([&] { return !call.a.is_up(call.b); }, 3));
    pause(1s);
    call.relay.set({});
    const double took = call.flows_again(3);
    ck_assert_msg(took >= 0 && took < 1, "%f s", took);
    ck_assert_int_eq(call.a.failures + call.b.failures, 0);
}
END_TEST

START_TEST(an_interruption_without_end_is_a_failure_at_both_ends) {
    Call call;
    call.relay.cut(true);
    ck_assert(eventually([&] { return call.a.failures == 1 && call.b.failures == 1; }, 8));
    ck_assert(call.a.last_reason == federation::Reason::trunk_failed);
    ck_assert(call.b.last_reason == federation::Reason::trunk_failed);
    const auto bytes = packet_of(10, 7);
    ck_assert(call.of_a->send_data({"l", "", true, bytes}) == DataVerdict::closed);
}
END_TEST

START_TEST(a_path_that_is_too_narrow_is_told_to_who_sends) {
    constexpr double narrow = 1e6;
    Call call;
    const auto voice_at_b = std::make_shared<Collector>();
    const auto of_b = call.b.open(call.a, lane + 2, voice_at_b);
    const auto voice = call.a.open(call.b, lane + 2, std::make_shared<Collector>());
    ck_assert_uint_eq(call.of_a->available(), gst::unlimited);
    call.relay.set({.delay = 10ms, .bits_per_second = narrow}, {.delay = 10ms});
    // For five seconds 2 Mbit/s of pictures or what is available, and 50 packets of voice a second.
    double owed = 0;
    std::uint32_t voices = 0;
    std::uint64_t least = gst::unlimited;
    for (int tick = 0; tick < 1000; ++tick) {
        least = std::min(least, call.of_a->available());
        owed += static_cast<double>(std::min<std::uint64_t>(2'000'000, call.of_a->available())) / 8 / 200;
        for (; owed >= 1000; owed -= 1000) call.of_a->send(PacketKind::rtp, 0, packet_of(1000, 1));
        if (tick % 4 == 0) voices += voice->send(PacketKind::rtp, 0, packet_of(80, 1)) ? 1 : 0;
        pause(5ms);
    }
    ck_assert_uint_lt(least, 1'000'000);
    ck_assert_uint_gt(least, 300'000);
    ck_assert_uint_lt(call.a.stats().front().carries_out, 1'300'000);
    ck_assert_uint_lt(call.b.stats().front().carries_in, 1'300'000);
    ck_assert_uint_eq(call.b.stats().front().carries_out, gst::unlimited);
    ck_assert_msg(eventually([&] { return voice_at_b->count() >= voices - 5; }, 3), "%zu of %u",
                  voice_at_b->count(), voices);
    ck_assert_uint_gt(call.at_b->count(), 400);
    ck_assert_uint_gt(call.at_a->limits, 0);
    ck_assert_uint_eq(call.at_b->limits, 0);
}
END_TEST

int main() {
    return run_suite("trunks network",
                     {lost_packets_are_repaired, copies_and_disorder_deliver_each_packet_once,
                      data_passes_a_bad_network_in_order, a_call_goes_on_after_an_interruption,
                      media_is_back_before_signalling_is, an_interruption_of_one_way_is_overcome_too,
                      an_interruption_without_end_is_a_failure_at_both_ends,
                      a_path_that_is_too_narrow_is_told_to_who_sends},
                     60);
}
