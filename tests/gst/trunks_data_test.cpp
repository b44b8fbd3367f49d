// SPDX-License-Identifier: LGPL-2.1-or-later
// Data channels' messages in real trunks.
#include "gst/trunks.h"
#include "tests/check.h"
#include "tests/gst/servers.h"

using namespace tests;
using gst::DataVerdict;
using gst::PacketKind;

namespace {

constexpr federation::LaneId lane = 2;

struct Call {
    Server a{1}, b{2};
    Joined joined{a, b};
    std::shared_ptr<Collector> at_a = std::make_shared<Collector>(), at_b = std::make_shared<Collector>();
    std::shared_ptr<gst::Lane> of_a = a.open(b, lane, at_a), of_b = b.open(a, lane, at_b);
    std::string trunk;  ///< the name of the last attempt

    Call() {
        of_a->accept_data();
        of_b->accept_data();
    }
    [[nodiscard]] bool up() {
        return eventually([&] { return a.is_up(b) && b.is_up(a); });
    }
};

Collector::Data numbered(std::uint32_t number, std::size_t size) {
    return {"chat", "p", number % 2 == 0, packet_of(size, number)};
}

}  // namespace

START_TEST(data_arrives_both_ways_as_it_was_sent) {
    Call call;
    std::vector<Collector::Data> sent;
    for (const std::size_t size : {0, 1, 100, 1391, 16 * 1024, 256 * 1024})
        sent.push_back(numbered(static_cast<std::uint32_t>(size), size));
    // What is sent before the trunk is up waits for it.
    for (const auto& message : sent) ck_assert(call.of_a->send_data(message.view()) == DataVerdict::taken);
    ck_assert(call.up());
    for (const auto& message : sent) ck_assert(call.of_b->send_data(message.view()) == DataVerdict::taken);
    ck_assert(eventually(
        [&] { return call.at_a->data_count() == sent.size() && call.at_b->data_count() == sent.size(); }));
    ck_assert(call.at_a->data() == sent && call.at_b->data() == sent);
    ck_assert(eventually([&] { return call.of_a->data_buffered() + call.of_b->data_buffered() == 0; }));
    ck_assert_int_eq(call.at_a->drained, 1);  // 272 KB were above the mark
}
END_TEST

START_TEST(ten_megabytes_each_way_leave_a_calls_audio_alone) {
    constexpr std::uint32_t messages = 160;
    constexpr std::size_t size = 65536;
    Call call;
    ck_assert(call.up());
    for (std::uint32_t number = 0; number < messages; ++number) {
        ck_assert(call.of_a->send_data(numbered(number, size).view()) == DataVerdict::taken);
        ck_assert(call.of_b->send_data(numbered(number, size).view()) == DataVerdict::taken);
    }
    std::size_t audio = 0;
    const auto done = [&] {
        return call.at_a->data_count() == messages && call.at_b->data_count() == messages;
    };
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{40};
    while (!done() && std::chrono::steady_clock::now() < deadline) {
        ck_assert(call.of_a->send(PacketKind::rtp, 0, packet_of(160, 1)));
        ++audio;
        std::this_thread::sleep_for(std::chrono::milliseconds{20});  // as audio comes
    }
    ck_assert(done());
    ck_assert(eventually([&] { return call.at_b->count() == audio; }));
    ck_assert_uint_eq(call.of_b->stats().packets_lost, 0);
    const auto at_a = call.at_a->data(), at_b = call.at_b->data();
    for (std::uint32_t number = 0; number < messages; ++number) {
        ck_assert(at_a[number] == numbered(number, size));
        ck_assert(at_b[number] == numbered(number, size));
    }
}
END_TEST

START_TEST(data_survives_the_replacement_of_its_trunk) {
    constexpr std::uint32_t messages = 400;
    Call call;
    std::string trunk;
    const auto honest = call.a.wires[call.b.id];
    call.a.loop.run([&] {
        call.a.wires[call.b.id] = [&](federation::TrunkSignal signal) {
            trunk = signal.trunk;
            honest(std::move(signal));
        };
    });
    ck_assert(call.up());
    for (std::uint32_t number = 0; number < messages; ++number) {
        ck_assert(call.of_a->send_data(numbered(number, 5000).view()) == DataVerdict::taken);
        ck_assert(call.of_b->send_data(numbered(number, 5000).view()) == DataVerdict::taken);
        if (number % 100 != 50) continue;
        // The peer says that it has left the connection; the lanes go on through another one.
        const int before = call.b.ups;
        std::string name;
        call.a.loop.run([&] { name = trunk; });
        call.b.signalled(call.a, {name, "close", {}});
        ck_assert(eventually([&] { return call.b.ups > before; }));
    }
    ck_assert(eventually(
        [&] { return call.at_a->data_count() >= messages && call.at_b->data_count() >= messages; }));
    const auto at_a = call.at_a->data(), at_b = call.at_b->data();
    ck_assert_uint_eq(at_a.size(), messages);
    ck_assert_uint_eq(at_b.size(), messages);
    for (std::uint32_t number = 0; number < messages; ++number)
        ck_assert(at_a[number] == numbered(number, 5000) && at_b[number] == at_a[number]);
    ck_assert_int_ge(call.b.ups, 5);
}
END_TEST

START_TEST(data_waits_until_the_other_side_accepts_it) {
    Server a{1}, b{2};
    const Joined joined{a, b};
    const auto at_b = std::make_shared<Collector>();
    const auto of_a = a.open(b, lane, std::make_shared<Collector>());
    ck_assert(of_a->send_data(numbered(1, 10).view()) == DataVerdict::taken);
    ck_assert(eventually([&] { return a.is_up(b) && b.is_up(a); }));
    // The lane of the other side is not even open yet: unknown, until it is.
    ck_assert(eventually([&] { return b.stats().front().packets_unknown > 0; }));
    const auto of_b = b.open(a, lane, at_b);
    ck_assert(eventually([&] {
        const bool sent = of_a->send(PacketKind::rtp, 0, packet_of(10, 1));
        return sent && at_b->count() > 10;
    }));
    ck_assert_uint_eq(at_b->data_count(), 0);
    of_b->accept_data();
    ck_assert(eventually([&] { return at_b->data_count() == 1; }));
}
END_TEST

START_TEST(a_dead_lane_takes_no_data) {
    Server a{1}, b{2};
    const Joined joined{a, b};
    const auto of_a = a.open(b, lane, std::make_shared<Collector>());
    ck_assert(of_a->send_data(numbered(1, gst::data_message_bytes_max + 1).view()) == DataVerdict::too_big);
    a.stop();
    ck_assert(of_a->send_data(numbered(1, 10).view()) == DataVerdict::closed);
}
END_TEST

int main() {
    return run_suite("trunks data",
                     {data_arrives_both_ways_as_it_was_sent, ten_megabytes_each_way_leave_a_calls_audio_alone,
                      data_survives_the_replacement_of_its_trunk, data_waits_until_the_other_side_accepts_it,
                      a_dead_lane_takes_no_data},
                     60);
}
