// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/trunks.h"

#include "tests/check.h"
#include "tests/gst/servers.h"

using namespace tests;
using gst::PacketKind;

namespace {

constexpr federation::LaneId lane = 2;

std::shared_ptr<Collector> collector() {
    return std::make_shared<Collector>();
}

bool both_up(Server& a, Server& b) {
    return eventually([&] { return a.is_up(b) && b.is_up(a); });
}

gst::TrunkConfig impatient() {
    auto config = loopback_config();
    config.setup_timeout = std::chrono::milliseconds{600};
    config.interruption_max = std::chrono::milliseconds{2000};
    return config;
}

/// Sends until the other side has received something.
bool flows(gst::Lane& from, const Collector& to, double seconds = 5) {
    const auto before = to.count();
    const Bytes packet = packet_of(100, 1);
    return eventually(
        [&] {
            from.send(PacketKind::rtp, 0, packet);
            return to.count() > before;
        },
        seconds);
}

}  // namespace

START_TEST(a_trunk_comes_up_on_both_sides) {
    Server a{1}, b{2};
    const Joined joined{a, b};
    a.require(b);
    ck_assert(eventually([&] { return a.ups == 1 && b.ups == 1; }));
    ck_assert(a.is_up(b) && b.is_up(a));
    ck_assert_int_eq(a.failures + b.failures, 0);
}
END_TEST

START_TEST(packets_of_several_lanes_arrive_both_ways_unchanged) {
    constexpr int lanes = 4, packets = 100;
    Server a{1}, b{2};
    const Joined joined{a, b};
    std::vector<std::shared_ptr<Collector>> at_a, at_b;
    std::vector<std::shared_ptr<gst::Lane>> of_a, of_b;
    for (federation::LaneId id = 1; id <= lanes; ++id) {
        of_a.push_back(a.open(b, id, at_a.emplace_back(collector())));
        of_b.push_back(b.open(a, id, at_b.emplace_back(collector())));
    }
    ck_assert(both_up(a, b));

    std::vector<std::vector<Collector::Packet>> sent(lanes);
    for (std::uint32_t number = 0; number < packets; ++number)
        for (std::uint32_t index = 0; index < lanes; ++index) {
            // Sizes up to the greatest; the two ways carry the same.
            const auto bytes = packet_of(1 + number * 1399 / (packets - 1), number * lanes + index);
            const auto kind = number % 10 == 0 ? PacketKind::rtcp : PacketKind::rtp;
            const auto stream = static_cast<std::uint8_t>(number % 3);
            ck_assert(of_a[index]->send(kind, stream, bytes));
            ck_assert(of_b[index]->send(kind, stream, bytes));
            sent[index].push_back({kind, stream, bytes});
        }
    for (std::size_t index = 0; index < lanes; ++index) {
        ck_assert(
            eventually([&] { return at_a[index]->count() == packets && at_b[index]->count() == packets; }));
        ck_assert(at_a[index]->packets() == sent[index]);
        ck_assert(at_b[index]->packets() == sent[index]);
        ck_assert_uint_eq(of_a[index]->stats().packets_lost, 0);
        ck_assert_uint_eq(of_a[index]->stats().packets_received, packets);
        ck_assert_uint_eq(of_a[index]->stats().packets_sent, packets);
    }
}
END_TEST

START_TEST(packets_pass_without_the_tap_too) {
    auto plain = loopback_config();
    plain.tapped = false;
    Server a{1, plain}, b{2, plain};
    const Joined joined{a, b};
    const auto at_a = collector(), at_b = collector();
    const auto of_a = a.open(b, lane, at_a), of_b = b.open(a, lane, at_b);
    ck_assert(both_up(a, b));
    ck_assert(flows(*of_a, *at_b) && flows(*of_b, *at_a));
    ck_assert(at_b->packets().front().bytes == packet_of(100, 1));
}
END_TEST

START_TEST(offers_that_cross_make_one_trunk) {
    Server a{1}, b{2};
    const Joined joined{a, b};
    a.loop.post([&] { a.trunks->require(b.id); });
    b.loop.post([&] { b.trunks->require(a.id); });
    ck_assert(both_up(a, b));
    ck_assert_uint_eq(a.stats().size(), 1);
    const auto at_b = collector();
    const auto of_a = a.open(b, lane, collector()), of_b = b.open(a, lane, at_b);
    ck_assert(flows(*of_a, *at_b));
    ck_assert_int_eq(a.ups, 1);
    ck_assert_int_eq(b.ups, 1);
}
END_TEST

START_TEST(a_dead_trunk_is_noticed_and_replaced) {
    Server a{1}, b{2};
    const Joined joined{a, b};
    const auto at_a = collector();
    const auto of_a = a.open(b, lane, at_a);
    auto at_b = collector();
    auto of_b = b.open(a, lane, at_b);
    ck_assert(flows(*of_a, *at_b));

    b.signalling = false;  // and it has a lane: no close leaves it
    b.stop();
    const auto died = std::chrono::steady_clock::now();
    ck_assert(eventually([&] { return !a.is_up(b); }));
    const std::chrono::duration<double> noticed = std::chrono::steady_clock::now() - died;
    ck_assert_double_lt(noticed.count(), 3);
    ck_assert(a.stats().front().state == "lost");
    ck_assert(!of_a->send(PacketKind::rtp, 0, packet_of(10, 1)));

    b.start();
    b.signalling = true;
    at_b = collector();
    of_b = b.open(a, lane, at_b);
    ck_assert(flows(*of_a, *at_b));  // the lane of before
    ck_assert(flows(*of_b, *at_a));
    ck_assert_int_eq(a.ups, 2);
    ck_assert_int_eq(a.failures, 0);
}
END_TEST

START_TEST(a_peer_that_restarts_takes_the_lane_over) {
    Server a{1}, b{2};
    const Joined joined{a, b};
    const auto at_a = collector();
    const auto of_a = a.open(b, lane, at_a);
    auto of_b = b.open(a, lane, collector());
    ck_assert(flows(*of_b, *at_a));
    b.stop();
    b.start();
    of_b = b.open(a, lane, collector());  // long before a could notice
    ck_assert(flows(*of_b, *at_a, 1));
    ck_assert_int_eq(a.failures, 0);
}
END_TEST

START_TEST(a_peer_that_never_answers_fails_after_the_longest_interruption) {
    gst::Trunks::warm_up();  // the certificate is not among what is timed
    Server a{1, impatient()}, b{2};
    const auto begun = std::chrono::steady_clock::now();
    const auto of_a = a.open(b, lane, collector());
    ck_assert(eventually([&] { return a.failures == 1; }));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    ck_assert_double_gt(took.count(), 1.99);
    ck_assert(a.last_reason == federation::Reason::trunk_failed);
    ck_assert(!of_a->send(PacketKind::rtp, 0, packet_of(10, 1)));
    ck_assert_uint_eq(a.stats().size(), 0);

    // And the next call tries anew, past the dead lane of the same number.
    const Joined joined{a, b};
    const auto again = a.open(b, lane, collector());
    ck_assert(both_up(a, b));
}
END_TEST

START_TEST(an_attempt_that_nobody_waits_for_is_given_up) {
    Server a{1}, b{2};  // their signals do not reach each other
    a.require(b);
    ck_assert(eventually([&] { return a.signals > 0; }));
    a.release(b);
    ck_assert_uint_eq(a.stats().size(), 0);
    ck_assert_int_eq(a.failures, 0);

    // A lane is somebody who waits, and what is up stays warm.
    const Joined joined{a, b};
    const auto of_a = a.open(b, lane, collector());
    a.release(b);
    ck_assert(both_up(a, b));
    a.release(b);
    ck_assert(a.is_up(b));
}
END_TEST

START_TEST(an_idle_trunk_is_closed_on_both_sides) {
    auto config = loopback_config();
    config.idle = std::chrono::milliseconds{300};
    config.heartbeat = std::chrono::milliseconds{50};
    Server a{1, config}, b{2};
    const Joined joined{a, b};
    auto of_a = a.open(b, lane, collector());
    ck_assert(both_up(a, b));
    of_a.reset();
    ck_assert(eventually([&] { return a.stats().empty() && b.stats().empty(); }, 1));
    ck_assert_int_eq(a.failures + b.failures, 0);
}
END_TEST

START_TEST(a_server_that_stops_tells_its_idle_peers) {
    Server a{1}, b{2};
    const Joined joined{a, b};
    a.require(b);
    ck_assert(both_up(a, b));
    a.signalling = b.signalling = false;
    a.stop();
    ck_assert(eventually([&] { return b.stats().empty(); }, 1));
}
END_TEST

START_TEST(hostile_signals_are_refused) {
    gst::Trunks::warm_up();  // the certificate is not among what is timed
    Server a{1, impatient()}, b{2};
    const std::string id = "0123456789abcdef";
    for (const char* kind : {"offer", "answer", "candidate", "close", "", "nonsense"})
        for (const std::string& body : {std::string{}, std::string{"v=0\r\n"}, std::string(100'000, 'a'),
                                        std::string("v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 100\r\n")})
            for (const std::string& trunk : {id, std::string{}, std::string(1000, 'f')})
                a.signalled(b, {trunk, kind, body});
    ck_assert(eventually([&] { return a.stats().empty(); }));
    ck_assert_int_eq(a.failures, 0);
    ck_assert_int_eq(a.signals, 0);

    // Then the honest peer is served as ever.
    const Joined joined{a, b};
    b.require(a);
    ck_assert(both_up(a, b));
}
END_TEST

START_TEST(a_wrong_certificate_is_not_trusted) {
    Server a{1, impatient()}, b{2, impatient()};
    const Joined joined{a, b};
    const auto honest = a.wires[b.id];
    a.wires[b.id] =
        [&](federation::TrunkSignal signal) {  // somebody in between shows a certificate of its own
            const auto at = signal.body.find("a=fingerprint:sha-256 ");
            if (at != std::string::npos) {
                char& digit = signal.body[at + 22];
                digit = digit == 'A' ? 'B' : 'A';
            }
            honest(signal);
        };
    const auto at_b = collector();
    const auto of_b = b.open(a, lane, at_b);
    const auto of_a = a.open(b, lane, collector());
    ck_assert(eventually([&] {
        of_a->send(PacketKind::rtp, 0, packet_of(100, 1));
        return b.failures > 0;
    }));
    ck_assert_int_eq(b.ups, 0);
    ck_assert_uint_eq(at_b->count(), 0);
}
END_TEST

START_TEST(stale_signals_change_nothing) {
    Server a{1}, b{2};
    const Joined joined{a, b};
    std::vector<federation::TrunkSignal> old;
    const auto honest = b.wires[a.id];
    b.wires[a.id] = [&](federation::TrunkSignal signal) {
        old.push_back(signal);
        honest(signal);
    };
    b.require(a);
    ck_assert(both_up(a, b));
    std::vector<federation::TrunkSignal> copies;
    b.loop.run([&] { copies = old; });
    ck_assert(!copies.empty());
    for (auto signal : copies) {
        a.signalled(b, signal);
        signal.kind = "answer";
        a.signalled(b, signal);
    }
    a.signalled(b, {"0123456789abcdef", "close", {}});
    ck_assert(a.is_up(b));
    ck_assert_int_eq(a.ups, 1);
}
END_TEST

START_TEST(packets_for_unknown_lanes_are_counted) {
    Server a{1}, b{2};
    const Joined joined{a, b};
    const auto of_a = a.open(b, lane, collector());
    ck_assert(both_up(a, b));
    ck_assert(eventually([&] {
        of_a->send(PacketKind::rtp, 0, packet_of(100, 1));
        return b.stats().front().packets_unknown > 0;
    }));
}
END_TEST

START_TEST(what_does_not_fit_is_refused) {
    auto config = loopback_config();
    config.lanes_max = 2;
    config.peers_max = 1;
    Server a{1, config}, b{2}, c{3};
    const Joined joined{a, b};
    const auto one = a.open(b, 2, collector());
    ck_assert_ptr_nonnull(one.get());
    ck_assert_ptr_null(a.open(b, 0, collector()).get());
    ck_assert_ptr_null(a.open(b, 2, collector()).get());
    const auto two = a.open(b, 4, collector());
    ck_assert_ptr_nonnull(two.get());
    ck_assert_ptr_null(a.open(b, 6, collector()).get());
    ck_assert_ptr_null(a.open(c, 2, collector()).get());
    a.require(c);
    ck_assert(eventually([&] { return a.last_reason == federation::Reason::too_many; }));

    ck_assert(!one->send(PacketKind::rtp, 0, packet_of(100, 1)));  // not up yet
    ck_assert(both_up(a, b));
    ck_assert(!one->send(PacketKind::rtp, 0, packet_of(1401, 1)));
    ck_assert(!one->send(PacketKind::rtp, 0, {}));
    ck_assert(!one->send(PacketKind::control, 0, packet_of(100, 1)));
    ck_assert_uint_eq(one->stats().packets_dropped, 4);
}
END_TEST

int main() {
    return run_suite("trunks",
                     {a_trunk_comes_up_on_both_sides, packets_of_several_lanes_arrive_both_ways_unchanged,
                      packets_pass_without_the_tap_too, offers_that_cross_make_one_trunk,
                      a_dead_trunk_is_noticed_and_replaced, a_peer_that_restarts_takes_the_lane_over,
                      a_peer_that_never_answers_fails_after_the_longest_interruption,
                      an_attempt_that_nobody_waits_for_is_given_up, an_idle_trunk_is_closed_on_both_sides,
                      a_server_that_stops_tells_its_idle_peers, hostile_signals_are_refused,
                      a_wrong_certificate_is_not_trusted, stale_signals_change_nothing,
                      packets_for_unknown_lanes_are_counted, what_does_not_fit_is_refused});
}
