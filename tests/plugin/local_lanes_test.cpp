// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/local_lanes.h"

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include "tests/check.h"

using gst::PacketKind;
using plugin::LocalLanes;

namespace {

class Receiver final : public gst::LaneReceiver {
public:
    explicit Receiver(std::function<void()> then = [] {}) : then_(std::move(then)) {}
    void receive(PacketKind kind, std::uint8_t stream, std::span<const std::uint8_t> packet) override {
        last_kind = kind;
        last_stream = stream;
        last.assign(packet.begin(), packet.end());
        ++received;
        then_();
    }
    PacketKind last_kind = PacketKind::control;
    std::uint8_t last_stream = 0;
    std::vector<std::uint8_t> last;
    std::atomic<int> received{0};

private:
    std::function<void()> then_;
};

const std::vector<std::uint8_t> packet = {1, 2, 3};

START_TEST(what_one_end_sends_the_other_receives) {
    LocalLanes lanes;
    const auto alice = std::make_shared<Receiver>(), bob = std::make_shared<Receiver>();
    const auto at_alice = lanes.open(2, alice), at_bob = lanes.open(2, bob);
    ck_assert(at_alice->send(PacketKind::rtp, 5, packet));
    ck_assert_int_eq(bob->received, 1);
    ck_assert(bob->last_kind == PacketKind::rtp);
    ck_assert_int_eq(bob->last_stream, 5);
    ck_assert(bob->last == packet);
    ck_assert_int_eq(alice->received, 0);
    ck_assert(at_bob->send(PacketKind::rtcp, 1, packet));
    ck_assert_int_eq(alice->received, 1);
    ck_assert(alice->last_kind == PacketKind::rtcp);
}
END_TEST

START_TEST(a_third_end_is_refused) {
    LocalLanes lanes;
    const auto first = lanes.open(2, std::make_shared<Receiver>()),
               second = lanes.open(2, std::make_shared<Receiver>());
    ck_assert(first && second);
    ck_assert(lanes.open(2, std::make_shared<Receiver>()) == nullptr);
    ck_assert(lanes.open(4, std::make_shared<Receiver>()) != nullptr);
    ck_assert(first->send(PacketKind::rtp, 0, packet));
}
END_TEST

START_TEST(without_the_other_end_packets_are_dropped_and_counted) {
    LocalLanes lanes;
    const auto lane = lanes.open(2, std::make_shared<Receiver>());
    ck_assert(!lane->send(PacketKind::rtp, 0, packet));
    auto other = lanes.open(2, std::make_shared<Receiver>());
    ck_assert(lane->send(PacketKind::rtp, 0, packet));
    other.reset();
    ck_assert(!lane->send(PacketKind::rtp, 0, packet));
    ck_assert_uint_eq(lane->stats().packets_sent, 1);
    ck_assert_uint_eq(lane->stats().packets_dropped, 2);
}
END_TEST

START_TEST(what_an_end_received_is_counted) {
    LocalLanes lanes;
    const auto lane = lanes.open(2, std::make_shared<Receiver>()),
               other = lanes.open(2, std::make_shared<Receiver>());
    for (int i = 0; i < 3; ++i) other->send(PacketKind::rtp, 0, packet);
    ck_assert_uint_eq(lane->stats().packets_received, 3);
    ck_assert_uint_eq(other->stats().packets_received, 0);
}
END_TEST

START_TEST(a_lane_counts_while_an_end_is_open) {
    LocalLanes lanes;
    auto first = lanes.open(2, std::make_shared<Receiver>()),
         second = lanes.open(2, std::make_shared<Receiver>());
    ck_assert_uint_eq(lanes.size(), 1);
    first.reset();
    ck_assert_uint_eq(lanes.size(), 1);
    second.reset();
    ck_assert_uint_eq(lanes.size(), 0);
}
END_TEST

START_TEST(a_closed_end_lets_its_receiver_go) {
    LocalLanes lanes;
    auto receiver = std::make_shared<Receiver>();
    const std::weak_ptr<Receiver> watch = receiver;
    auto lane = lanes.open(2, std::move(receiver));
    const auto other = lanes.open(2, std::make_shared<Receiver>());
    lane.reset();
    ck_assert(watch.expired());
}
END_TEST

START_TEST(a_receiver_may_close_its_own_end) {
    LocalLanes lanes;
    std::shared_ptr<gst::Lane> lane;
    lane = lanes.open(2, std::make_shared<Receiver>([&lane] { lane.reset(); }));
    const auto other = lanes.open(2, std::make_shared<Receiver>());
    other->send(PacketKind::rtp, 0, packet);
    ck_assert(lane == nullptr);
    ck_assert(!other->send(PacketKind::rtp, 0, packet));
}
END_TEST

START_TEST(an_end_outlives_the_table) {
    auto lanes = std::make_unique<LocalLanes>();
    const auto receiver = std::make_shared<Receiver>();
    const auto lane = lanes->open(2, std::make_shared<Receiver>()), other = lanes->open(2, receiver);
    lanes.reset();
    ck_assert(lane->send(PacketKind::rtp, 0, packet));
    ck_assert_int_eq(receiver->received, 1);
}
END_TEST

// The receiver takes its time, so that a close which does not wait for it would be caught.
START_TEST(after_closing_the_receiver_is_not_called_again) {
    constexpr int rounds = 200;
    LocalLanes lanes;
    std::atomic<int> late{0};
    for (int round = 0; round < rounds; ++round) {
        std::atomic<bool> closed{false}, stop{false};
        const auto receiver = std::make_shared<Receiver>([&] {
            for (int i = 0; i < 20; ++i) std::this_thread::yield();
            if (closed) ++late;
        });
        auto lane = lanes.open(2, receiver);
        const auto other = lanes.open(2, std::make_shared<Receiver>());
        std::thread sender{[&] {
            while (!stop) other->send(PacketKind::rtp, 0, packet);
        }};
        while (receiver->received < 3) std::this_thread::yield();
        lane.reset();
        closed = true;
        stop = true;
        sender.join();
    }
    ck_assert_int_eq(late, 0);
}
END_TEST

}  // namespace

int main() {
    return run_suite("local_lanes",
                     {what_one_end_sends_the_other_receives, a_third_end_is_refused,
                      without_the_other_end_packets_are_dropped_and_counted, what_an_end_received_is_counted,
                      a_lane_counts_while_an_end_is_open, a_closed_end_lets_its_receiver_go,
                      a_receiver_may_close_its_own_end, an_end_outlives_the_table,
                      after_closing_the_receiver_is_not_called_again});
}
