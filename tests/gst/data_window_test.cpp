// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/data_window.h"

#include "tests/check.h"

using namespace std::chrono_literals;
using gst::DataWindow;

namespace {

constexpr std::size_t packet = 1400;
const dht::Time start{1h};

/// As much as the window holds is acknowledged, one packet after the other.
void round(DataWindow& window, dht::Duration round_trip, dht::Time now) {
    for (std::size_t left = window.bytes(); left >= packet; left -= packet)
        window.acknowledged(packet, round_trip, true, now);
}

}  // namespace

START_TEST(a_window_opens_quickly_where_nothing_queues) {
    DataWindow window;
    for (int i = 0; i < 7; ++i) round(window, 40ms, start + i * 40ms);
    ck_assert_uint_eq(window.bytes(), DataWindow::bytes_max);
}
END_TEST

START_TEST(a_window_gives_way_when_packets_queue) {
    DataWindow window;
    for (int i = 0; i < 7; ++i) round(window, 40ms, start + i * 40ms);
    for (int i = 0; i < 10; ++i) round(window, 200ms, start + 1s + i * 200ms);
    ck_assert_uint_eq(window.bytes(), DataWindow::bytes_min);
}
END_TEST

START_TEST(a_single_late_packet_is_no_queue) {
    DataWindow window;
    round(window, 40ms, start);
    round(window, 40ms, start);
    const auto before = window.bytes();
    window.acknowledged(packet, 500ms, true, start);
    ck_assert_uint_ge(window.bytes(), before);
}
END_TEST

START_TEST(a_loss_cuts_once_a_round_trip_and_deeper_when_packets_queue) {
    DataWindow calm, queueing;
    for (int i = 0; i < 7; ++i) {
        round(calm, 40ms, start);
        round(queueing, 40ms, start);
    }
    for (int i = 0; i < 4; ++i) queueing.acknowledged(packet, 60ms, true, start);
    calm.lost(start);
    calm.lost(start + 10ms);
    ck_assert_uint_eq(calm.bytes(), DataWindow::bytes_max / 8 * 7);
    queueing.lost(start);
    ck_assert_uint_le(queueing.bytes(), DataWindow::bytes_max / 2 + packet);
    calm.lost(start + 1s);
    ck_assert_uint_lt(calm.bytes(), DataWindow::bytes_max / 8 * 7);
}
END_TEST

START_TEST(a_window_that_is_not_filled_does_not_grow) {
    DataWindow window;
    for (int i = 0; i < 1000; ++i) window.acknowledged(packet, 40ms, false, start);
    ck_assert_uint_eq(window.bytes(), DataWindow::bytes_first);
}
END_TEST

START_TEST(timeouts_follow_the_round_trip_and_double) {
    DataWindow window;
    ck_assert(window.timeout() == 1s);
    for (int i = 0; i < 100; ++i) window.acknowledged(packet, 40ms, true, start);
    ck_assert(window.timeout() == 100ms);
    window.timed_out();
    ck_assert(window.timeout() == 200ms);
    for (int i = 0; i < 10; ++i) window.timed_out();
    ck_assert(window.timeout() == 1s);
    ck_assert_uint_eq(window.bytes(), DataWindow::bytes_min);
    window.acknowledged(packet, 40ms, true, start);
    ck_assert(window.timeout() == 100ms);
}
END_TEST

int main() {
    return run_suite(
        "data window",
        {a_window_opens_quickly_where_nothing_queues, a_window_gives_way_when_packets_queue,
         a_single_late_packet_is_no_queue, a_loss_cuts_once_a_round_trip_and_deeper_when_packets_queue,
         a_window_that_is_not_filled_does_not_grow, timeouts_follow_the_round_trip_and_double});
}
