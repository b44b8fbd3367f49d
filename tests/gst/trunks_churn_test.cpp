// SPDX-License-Identifier: LGPL-2.1-or-later
// What is made and destroyed often, and from several threads, gives back what it took.
#include "gst/trunks.h"
#include "tests/check.h"
#include "tests/gst/servers.h"

using namespace tests;
using gst::PacketKind;

namespace {

bool both_up(Server& a, Server& b) {
    return eventually([&] { return a.is_up(b) && b.is_up(a); });
}

/// Sends on a lane from a thread of its own, as fast as it can, until it is destroyed.
class Pusher {
public:
    explicit Pusher(std::shared_ptr<gst::Lane> lane)
        : thread_([this, lane = std::move(lane)] {
              const Bytes packet = packet_of(1000, 1);
              while (!stop_) {
                  if (lane->send(PacketKind::rtp, 0, packet)) ++sent_;
                  std::this_thread::yield();
              }
          }) {}
    ~Pusher() {
        stop_ = true;
        thread_.join();
    }
    Pusher(const Pusher&) = delete;
    Pusher& operator=(const Pusher&) = delete;
    [[nodiscard]] int sent() const { return sent_; }

private:
    std::atomic<bool> stop_ = false;
    std::atomic<int> sent_ = 0;
    std::thread thread_;
};

/// Notices calls that come when there should be none.
class Witness final : public gst::LaneReceiver {
public:
    void receive(PacketKind, std::uint8_t, std::span<const std::uint8_t>) override {
        ++calls;
        if (closed) ++late_calls;
    }
    std::atomic<bool> closed = false;
    std::atomic<int> calls = 0, late_calls = 0;
};

/// Closes its own lane at the first packet.
class Suicidal final : public gst::LaneReceiver {
public:
    void receive(PacketKind, std::uint8_t, std::span<const std::uint8_t>) override {
        ++calls;
        const std::lock_guard lock{mutex};
        lane.reset();
    }
    std::mutex mutex;
    std::shared_ptr<gst::Lane> lane;
    std::atomic<int> calls = 0;
};

}  // namespace

START_TEST(a_thousand_lanes_leave_nothing_behind) {
    Server a{1}, b{2};
    const Joined joined{a, b};
    a.require(b);
    ck_assert(both_up(a, b));
    const auto threads_before = threads(), descriptors_before = descriptors();
    for (federation::LaneId id = 1; id <= 1000; ++id) {
        const auto lane = a.open(b, id, std::make_shared<Witness>());
        ck_assert(lane->send(PacketKind::rtp, 0, packet_of(100, id)));
    }
    ck_assert_uint_eq(a.stats().front().lanes, 0);
    ck_assert_uint_le(threads(), threads_before);
    ck_assert_uint_le(descriptors(), descriptors_before);
}
END_TEST

START_TEST(fifty_trunks_leave_nothing_behind) {
    Server a{1}, b{2};
    const Joined joined{a, b};
    std::size_t threads_before = 0, descriptors_before = 0;
    for (int round = 0; round < 51; ++round) {
        a.require(b);
        ck_assert(both_up(a, b));
        for (Server* server : {&a, &b}) server->stop();
        if (round == 0) {  // the first makes the pools of the process
            threads_before = threads();
            descriptors_before = descriptors();
        }
        for (Server* server : {&a, &b}) server->start();
    }
    for (Server* server : {&a, &b}) server->stop();
    ck_assert(eventually([&] { return threads() <= threads_before && descriptors() <= descriptors_before; }));
}
END_TEST

START_TEST(one_server_has_trunks_with_many) {
    constexpr std::size_t peers = 12;
    Server hub{1};
    std::vector<std::unique_ptr<Server>> others;
    std::vector<std::unique_ptr<Joined>> joins;
    for (std::size_t i = 0; i < peers; ++i) {
        others.push_back(std::make_unique<Server>(static_cast<std::uint8_t>(2 + i)));
        joins.push_back(std::make_unique<Joined>(hub, *others.back()));
    }
    for (const auto& other : others) hub.require(*other);
    for (const auto& other : others) ck_assert(both_up(hub, *other));
    ck_assert_uint_eq(hub.stats().size(), peers);
}
END_TEST

START_TEST(servers_stop_while_packets_are_sent) {
    for (int round = 0; round < 5; ++round) {
        Server a{1}, b{2};
        const Joined joined{a, b};
        const auto witness = std::make_shared<Witness>();
        auto of_b = b.open(a, 2, witness);
        const Pusher one{a.open(b, 2, std::make_shared<Witness>())};
        const Pusher other{a.open(b, 4, std::make_shared<Witness>())};
        const Pusher back{of_b};
        ck_assert(eventually([&] { return one.sent() > 100 && other.sent() > 100 && back.sent() > 100; }));
        (round % 2 ? a : b).stop();
        (round % 2 ? b : a).stop();
    }
}
END_TEST

START_TEST(a_closed_lane_receives_nothing) {
    Server a{1}, b{2};
    const Joined joined{a, b};
    const Pusher pusher{a.open(b, 2, std::make_shared<Witness>())};
    for (int round = 0; round < 50; ++round) {
        const auto witness = std::make_shared<Witness>();
        auto lane = b.open(a, 2, witness);
        ck_assert(eventually([&] { return witness->calls > 0; }));
        lane.reset();
        witness->closed = true;
        ck_assert_int_eq(witness->late_calls, 0);
    }
}
END_TEST

START_TEST(a_receiver_may_close_its_own_lane) {
    Server a{1}, b{2};
    const Joined joined{a, b};
    const auto receiver = std::make_shared<Suicidal>();
    {
        const std::lock_guard lock{receiver->mutex};
        receiver->lane = b.open(a, 2, receiver);
    }
    const Pusher pusher{a.open(b, 2, std::make_shared<Witness>())};
    ck_assert(eventually([&] { return receiver->calls > 0; }));
    ck_assert(eventually([&] { return b.stats().front().packets_unknown > 10; }));
    ck_assert_int_eq(receiver->calls, 1);
}
END_TEST

START_TEST(lanes_may_outlive_their_trunks) {
    std::shared_ptr<gst::Lane> lane;
    {
        Server a{1}, b{2};
        const Joined joined{a, b};
        lane = a.open(b, 2, std::make_shared<Witness>());
        ck_assert(both_up(a, b));
    }
    ck_assert(!lane->send(PacketKind::rtp, 0, packet_of(100, 1)));
    lane.reset();
}
END_TEST

int main() {
    return run_suite(
        "trunks churn",
        {a_thousand_lanes_leave_nothing_behind, fifty_trunks_leave_nothing_behind,
         one_server_has_trunks_with_many, servers_stop_while_packets_are_sent, a_closed_lane_receives_nothing,
         a_receiver_may_close_its_own_lane, lanes_may_outlive_their_trunks},
        30);
}
