// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/elements/fanout.h"

#include <atomic>

#include "tests/check.h"
#include "tests/gst/servers.h"

using elements::Fanout;
using gst::PacketKind;
using tests::eventually;

namespace {

/// Counts what goes into it; may stand still.
class CountingLane final : public gst::Lane {
public:
    bool send(PacketKind /*kind*/, std::uint8_t /*stream*/, std::span<const std::uint8_t> packet) override {
        while (stuck) std::this_thread::sleep_for(std::chrono::milliseconds{1});
        last = packet.empty() ? 0 : packet[0];
        ++sent;
        return true;
    }
    gst::DataVerdict send_data(const gst::DataMessage& /*message*/) override {
        return gst::DataVerdict::closed;
    }
    void accept_data() override {}
    [[nodiscard]] std::size_t data_buffered() const override { return 0; }
    [[nodiscard]] gst::LaneStats stats() const override { return {.packets_sent = sent}; }
    std::atomic<std::uint64_t> sent = 0;
    std::atomic<bool> stuck = false;
    std::atomic<int> last = -1;
};

START_TEST(every_viewer_gets_every_packet_in_order) {
    Fanout fanout;
    const auto one = std::make_shared<CountingLane>(), other = std::make_shared<CountingLane>();
    fanout.add("one", one);
    fanout.add("other", other);
    for (std::uint8_t i = 0; i < 100; ++i) fanout.push(PacketKind::rtp, 0, {i});
    ck_assert(eventually([&] { return one->sent == 100 && other->sent == 100; }));
    ck_assert_int_eq(one->last, 99);
    ck_assert_uint_eq(fanout.lane_stats("one").packets_sent, 100);
}
END_TEST

START_TEST(without_viewers_nothing_is_kept) {
    Fanout fanout;
    for (int i = 0; i < 5000; ++i) fanout.push(PacketKind::rtp, 0, {1, 2});
    const auto lane = std::make_shared<CountingLane>();
    fanout.add("late", lane);
    fanout.push(PacketKind::rtp, 0, {7});
    ck_assert(eventually([&] { return lane->last == 7; }));
    ck_assert_uint_eq(lane->sent, 1);
    ck_assert_uint_eq(fanout.stats().packets, 5001);
    ck_assert_uint_eq(fanout.stats().dropped, 0);
}
END_TEST

START_TEST(who_has_left_gets_nothing_more) {
    Fanout fanout;
    const auto lane = std::make_shared<CountingLane>(), stays = std::make_shared<CountingLane>();
    fanout.add("leaves", lane);
    fanout.add("stays", stays);
    fanout.remove("leaves");
    fanout.push(PacketKind::rtp, 0, {1});
    ck_assert(eventually([&] { return stays->sent == 1; }));
    ck_assert_uint_eq(lane->sent, 0);
    ck_assert_int_eq(static_cast<int>(fanout.viewers()), 1);
}
END_TEST

START_TEST(a_way_that_is_stuck_holds_up_nobody_who_pushes) {
    Fanout fanout;
    const auto lane = std::make_shared<CountingLane>();
    lane->stuck = true;
    fanout.add("stuck", lane);
    for (int i = 0; i < 5000; ++i) fanout.push(PacketKind::rtp, 0, {1});
    ck_assert_uint_ge(fanout.stats().dropped, Fanout::packets_max);
    lane->stuck = false;
    fanout.push(PacketKind::rtp, 0, {9});
    ck_assert(eventually([&] { return lane->last == 9; }));
    ck_assert_uint_le(lane->sent, 2 * Fanout::packets_max + 2);
}
END_TEST

START_TEST(viewers_come_and_go_while_packets_flow) {
    Fanout fanout;
    std::atomic<bool> over = false;
    std::thread pusher{[&] {
        while (!over) fanout.push(PacketKind::rtp, 1, {1, 2, 3});
    }};
    for (int i = 0; i < 500; ++i) {
        const auto name = std::to_string(i % 7);
        fanout.add(name, std::make_shared<CountingLane>());
        if (i % 3 == 0) fanout.remove(name);
    }
    over = true;
    pusher.join();
}
END_TEST

}  // namespace

int main() {
    return run_suite("fanout",
                     {every_viewer_gets_every_packet_in_order, without_viewers_nothing_is_kept,
                      who_has_left_gets_nothing_more, a_way_that_is_stuck_holds_up_nobody_who_pushes,
                      viewers_come_and_go_while_packets_flow});
}
