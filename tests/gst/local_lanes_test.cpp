// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/local_lanes.h"

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "tests/check.h"

using gst::LocalLanes;
using gst::PacketKind;

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
    void receive_data(const gst::DataMessage& message) override {
        data.push_back(std::string{message.label} + "/" + std::string{message.protocol} +
                       (message.binary ? " binary " : " text ") +
                       std::string{message.bytes.begin(), message.bytes.end()});
        data_bytes += message.bytes.size();
    }
    void data_drained() override { ++drained; }
    std::vector<std::string> data;
    std::size_t data_bytes = 0;
    int drained = 0;
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

gst::DataMessage text(std::string_view bytes) {
    return {"chat", "p", false, {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}};
}

START_TEST(data_is_handed_over_once_it_is_accepted) {
    LocalLanes lanes;
    const auto alice = std::make_shared<Receiver>(), bob = std::make_shared<Receiver>();
    const auto at_alice = lanes.open(2, alice);
    ck_assert(at_alice->send_data(text("one")) == gst::DataVerdict::taken);  // bob's end is not open yet
    const auto at_bob = lanes.open(2, bob);
    ck_assert(at_alice->send_data(text("two")) == gst::DataVerdict::taken);
    ck_assert_uint_eq(bob->data.size(), 0);
    ck_assert_uint_gt(at_alice->data_buffered(), 6);

    at_bob->accept_data();
    ck_assert(at_alice->send_data(text("three")) == gst::DataVerdict::taken);
    ck_assert(
        (bob->data == std::vector<std::string>{"chat/p text one", "chat/p text two", "chat/p text three"}));
    ck_assert_uint_eq(at_alice->data_buffered(), 0);
    ck_assert_int_eq(alice->drained, 0);  // it never was above the mark
}
END_TEST

START_TEST(data_that_does_not_fit_is_refused_with_a_verdict) {
    LocalLanes lanes;
    const auto alice = std::make_shared<Receiver>(), bob = std::make_shared<Receiver>();
    const auto at_alice = lanes.open(2, alice);
    auto at_bob = lanes.open(2, bob);
    const std::string greatest(gst::data_message_bytes_max, 'x'), label(gst::data_label_bytes_max + 1, 'l');
    ck_assert(at_alice->send_data(text(greatest + "x")) == gst::DataVerdict::too_big);
    ck_assert(at_alice->send_data({.label = label}) == gst::DataVerdict::too_big);
    std::size_t taken = 0;
    while (at_alice->send_data(text(greatest)) == gst::DataVerdict::taken) ++taken;
    ck_assert(at_alice->send_data(text(greatest)) == gst::DataVerdict::full);
    ck_assert_uint_ge(taken * greatest.size(), 10'000'000);
    ck_assert_uint_le(at_alice->data_buffered(), gst::data_buffered_max);

    at_bob->accept_data();
    ck_assert_uint_eq(bob->data_bytes, taken * greatest.size());
    ck_assert_int_eq(alice->drained, 1);
    at_bob.reset();
    ck_assert(at_alice->send_data(text("late")) == gst::DataVerdict::closed);
}
END_TEST

}  // namespace

int main() {
    return run_suite("local_lanes",
                     {what_one_end_sends_the_other_receives, a_third_end_is_refused,
                      without_the_other_end_packets_are_dropped_and_counted, what_an_end_received_is_counted,
                      a_lane_counts_while_an_end_is_open, a_closed_end_lets_its_receiver_go,
                      a_receiver_may_close_its_own_end, an_end_outlives_the_table,
                      after_closing_the_receiver_is_not_called_again, data_is_handed_over_once_it_is_accepted,
                      data_that_does_not_fit_is_refused_with_a_verdict});
}
