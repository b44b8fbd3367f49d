// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/heartbeat.h"

#include "tests/check.h"
#include "tests/gst/servers.h"

using namespace tests;

namespace {

Bytes packet(gst::LaneHeader header, const Bytes& body) {
    const auto encoded = encode(header);
    Bytes out{encoded.begin(), encoded.end()};
    for (const std::uint8_t octet : body) out.push_back(octet);
    return out;
}

Bytes control(const Bytes& body) {
    return packet({gst::PacketKind::control, 0, 0, gst::control_lane}, body);
}

struct Link {
    std::shared_ptr<gst::LaneTable> lanes = std::make_shared<gst::LaneTable>(4, 1400);
    int closes = 0;
    gst::Heartbeat heartbeat{lanes, 0, [this] { ++closes; }};
    void hears(const Bytes& payload) { heartbeat.received(payload, {}); }
};

}  // namespace

START_TEST(whatever_arrives_is_a_sign_of_life) {
    Link link;
    for (const Bytes& payload :
         {Bytes{1, 2, 3}, control({1}), packet({gst::PacketKind::rtp, 0, 0, 9}, {1})}) {
        const auto before = glib::now().time;
        link.hears(payload);
        ck_assert(link.heartbeat.heard() >= before);
    }
    ck_assert_uint_eq(link.lanes->packets_unknown, 2);  // no lane packet, and no lane 9
}
END_TEST

START_TEST(a_close_is_told_once) {
    Link link;
    for (int i = 0; i < 3; ++i) link.hears(control(encode(gst::Close{})));
    ck_assert_int_eq(link.closes, 1);
}
END_TEST

START_TEST(a_pong_tells_the_round_trip_time) {
    Link link;
    const auto stamp = static_cast<std::uint64_t>(glib::now().time.time_since_epoch().count());
    link.hears(control(encode(gst::Pong{stamp - 20'000})));
    ck_assert_double_ge(link.heartbeat.rtt_ms(), 20);
    ck_assert_double_lt(link.heartbeat.rtt_ms(), 1000);
}
END_TEST

START_TEST(stamps_that_were_never_sent_count_for_nothing) {
    Link link;
    for (const std::uint64_t stamp : {std::uint64_t{0}, UINT64_MAX, std::uint64_t{1} << 63})
        link.hears(control(encode(gst::Pong{stamp})));
    ck_assert_double_eq(link.heartbeat.rtt_ms(), 0);
}
END_TEST

START_TEST(packets_go_to_their_lane) {
    Link link;
    const auto received = std::make_shared<Collector>();
    const auto lane = link.lanes->open(2, received).lane;
    link.hears(packet({gst::PacketKind::rtcp, 5, 0, 2}, {1, 2, 3}));
    ck_assert_uint_eq(received->count(), 1);
    ck_assert((received->packets().front() == Collector::Packet{gst::PacketKind::rtcp, 5, {1, 2, 3}}));
    ck_assert_uint_eq(lane->stats().packets_received, 1);
}
END_TEST

int main() {
    return run_suite("heartbeat", {whatever_arrives_is_a_sign_of_life, a_close_is_told_once,
                                   a_pong_tells_the_round_trip_time,
                                   stamps_that_were_never_sent_count_for_nothing, packets_go_to_their_lane});
}
