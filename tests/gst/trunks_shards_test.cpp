// SPDX-License-Identifier: LGPL-2.1-or-later
// More lanes than one connection should carry.
#include <algorithm>
#include <mutex>

#include "gst/trunks.h"
#include "tests/check.h"
#include "tests/gst/servers.h"

using namespace std::chrono_literals;
using namespace tests;
using gst::PacketKind;

namespace {

constexpr std::size_t per_shard = 4;

gst::TrunkConfig small(unsigned shards = 2) {
    auto config = loopback_config();
    config.lanes_per_shard = per_shard;
    config.shards_max = shards;
    config.setup_timeout = 20s;  // one attempt is enough on any machine
    return config;
}

std::size_t shards(Server& server) {
    const auto all = server.stats();
    return all.empty() ? 0 : all.front().shards;
}

struct Calls {
    Server a, b;
    std::mutex mutex;
    std::vector<std::string> offers;  ///< the names of a's, as far as b was to hear of them
    std::vector<std::shared_ptr<Collector>> at_a, at_b;
    std::vector<std::shared_ptr<gst::Lane>> of_a, of_b;

    explicit Calls(gst::TrunkConfig config_a = small(), gst::TrunkConfig config_b = small())
        : a{1, std::move(config_a)}, b{2, std::move(config_b)} {
        join(a, b);
        a.loop.run([this] {
            const auto to_b = a.wires[b.id];
            a.wires[b.id] = [this, to_b](federation::TrunkSignal signal) {
                if (signal.kind == "offer") {
                    const std::lock_guard lock{mutex};
                    offers.push_back(signal.trunk);
                }
                to_b(std::move(signal));
            };
        });
        add(1);
        ck_assert(eventually([this] { return a.is_up(b) && b.is_up(a); }));
    }
    ~Calls() { a.signalling = b.signalling = false; }

    void add(std::size_t count) {
        for (; count > 0; --count) {
            const auto id = static_cast<federation::LaneId>(2 + of_a.size());
            of_a.push_back(a.open(b, id, at_a.emplace_back(std::make_shared<Collector>())));
            of_b.push_back(b.open(a, id, at_b.emplace_back(std::make_shared<Collector>())));
            ck_assert(of_a.back() && of_b.back());
        }
    }
    [[nodiscard]] std::vector<std::string> offers_of(const std::string& suffix) {
        const std::lock_guard lock{mutex};
        std::vector<std::string> found;
        for (const auto& name : offers)
            if (name.substr(16) == suffix) found.push_back(name);
        return found;
    }
    /// Whether all lanes carry packets both ways.
    [[nodiscard]] bool all_flow(double seconds = 5) {
        std::vector<std::size_t> before;
        for (const auto* side : {&at_a, &at_b})
            for (const auto& each : *side) before.push_back(each->count());
        return eventually(
            [&] {
                const auto packet = packet_of(100, 1);
                for (auto* side : {&of_a, &of_b})
                    for (const auto& lane : *side) lane->send(PacketKind::rtp, 0, packet);
                std::size_t at = 0;
                bool all = true;
                for (const auto* side : {&at_a, &at_b})
                    for (const auto& each : *side) all = each->count() > before[at++] && all;
                return all;
            },
            seconds);
    }
    void crowd() {
        add(per_shard);
        ck_assert(eventually([this] { return shards(a) == 2 && shards(b) == 2; }));
        add(per_shard);
    }
};

}  // namespace

START_TEST(more_lanes_than_fit_get_a_second_connection) {
    Calls calls;
    calls.add(per_shard - 1);
    std::this_thread::sleep_for(100ms);
    ck_assert_uint_eq(shards(calls.a), 1);
    calls.add(1);
    ck_assert(eventually([&] { return shards(calls.a) == 2 && shards(calls.b) == 2; }));
    calls.add(per_shard);
    ck_assert(calls.all_flow());
    ck_assert_uint_eq(calls.a.stats().front().lanes, 2 * per_shard + 1);
    ck_assert_uint_eq(calls.offers_of(".1").size(), 1);
    // Beyond what all of them should have they are spread, and no third is made.
    calls.add(3 * per_shard);
    ck_assert(calls.all_flow());
    ck_assert_uint_eq(shards(calls.a), 2);
    ck_assert_int_eq(calls.a.failures + calls.b.failures, 0);
}
END_TEST

START_TEST(data_goes_the_way_of_its_lane) {
    Calls calls;
    calls.crowd();
    for (const auto* side : {&calls.of_a, &calls.of_b})
        for (const auto& lane : *side) lane->accept_data();
    const auto bytes = packet_of(20'000, 7);
    for (const auto& lane : calls.of_a)
        ck_assert(lane->send_data({"l", "", true, bytes}) == gst::DataVerdict::taken);
    for (const auto& at : calls.at_b) ck_assert(eventually([&] { return at->data_count() == 1; }));
    for (const auto& lane : calls.of_a) ck_assert(eventually([&] { return lane->data_buffered() == 0; }));
}
END_TEST

START_TEST(one_that_breaks_is_replaced_and_the_other_does_not_notice) {
    Calls calls;
    calls.crowd();
    ck_assert(calls.all_flow());
    const auto first = calls.offers_of("").size();
    // Only the end of the second is told, though both ends still have lanes in it.
    for (const auto& name : calls.offers_of(".1")) {
        calls.a.signalled(calls.b, {name, "close", {}});
        calls.b.signalled(calls.a, {name, "close", {}});
    }
    ck_assert(calls.of_a.front()->send(PacketKind::rtp, 0, packet_of(100, 1)));
    ck_assert_uint_eq(shards(calls.a), 1);
    ck_assert(calls.all_flow());
    ck_assert(eventually([&] { return shards(calls.a) == 2 && shards(calls.b) == 2; }));
    ck_assert_uint_eq(calls.offers_of("").size(), first);
    ck_assert_int_eq(calls.a.failures + calls.b.failures, 0);
}
END_TEST

START_TEST(one_that_nobody_uses_is_closed) {
    auto config = small();
    config.idle = 300ms;
    Calls calls{config, config};
    calls.crowd();
    calls.of_a.resize(2);
    calls.of_b.resize(2);
    calls.at_a.resize(2);
    calls.at_b.resize(2);
    ck_assert(eventually([&] { return shards(calls.a) == 1 && shards(calls.b) == 1; }));
    ck_assert(calls.all_flow());
    ck_assert_int_eq(calls.a.failures + calls.b.failures, 0);
}
END_TEST

START_TEST(one_that_only_the_peer_uses_stays) {
    auto config = small();
    config.idle = 300ms;
    Calls calls{config, small(2)};
    // b puts all its lanes into the first: it was up when they were opened.
    calls.add(per_shard);
    ck_assert(eventually([&] { return shards(calls.a) == 2; }));
    const auto id = static_cast<federation::LaneId>(2 + calls.of_a.size());
    const auto heard = std::make_shared<Collector>();
    const auto only_b = calls.b.open(calls.a, id, std::make_shared<Collector>());
    const auto at_a = calls.a.open(calls.b, id, heard);
    for (int i = 0; i < 100; ++i) {
        only_b->send(PacketKind::rtp, 0, packet_of(100, 1));
        std::this_thread::sleep_for(10ms);
    }
    ck_assert_uint_eq(heard->count(), 100);
    ck_assert_uint_eq(shards(calls.a), 2);
}
END_TEST

START_TEST(a_peer_that_wants_no_second_one_loses_nothing) {
    gst::Trunks::warm_up();  // the certificate is not among what is timed
    auto config = small();
    config.setup_timeout = 1s;
    config.interruption_max = 3s;
    Calls calls{config, small(1)};
    calls.add(2 * per_shard);
    ck_assert(eventually([&] { return calls.offers_of(".1").size() >= 2; }));
    std::this_thread::sleep_for(4s);
    const auto offers = calls.offers_of(".1").size();
    ck_assert(calls.all_flow());
    // It is not tried with each lane.
    calls.add(per_shard);
    std::this_thread::sleep_for(200ms);
    ck_assert_uint_eq(calls.offers_of(".1").size(), offers);
    ck_assert(calls.all_flow());
    ck_assert_int_eq(calls.a.failures + calls.b.failures, 0);
}
END_TEST

START_TEST(strange_names_of_shards_are_refused) {
    Calls calls;
    const auto signals = calls.b.signals.load();
    for (const char* name :
         {"0123456789abcdef.", "0123456789abcdef.0", "0123456789abcdef.2", "0123456789abcdef.9",
          "0123456789abcdef.11", "0123456789abcdef.x", "0123456789abcdef1", "0123456789abcde.1", ".1", ""})
        for (const char* kind : {"offer", "answer", "close"})
            calls.b.signalled(calls.a, {name, kind, "v=0\r\n"});
    ck_assert(calls.all_flow());
    ck_assert_int_eq(calls.b.signals, signals);
}
END_TEST

START_TEST(two_connections_keep_within_sixteen_threads) {
    const auto before = threads();
    {
        Calls calls;
        const auto loops = 2U;  // a server has one without trunks too
        calls.crowd();
        ck_assert(calls.all_flow());
        const auto of_both = threads() - before - loops;
        ck_assert_msg(of_both <= 2 * 16, "%zu threads", of_both);
    }
}
END_TEST

int main() {
    return run_suite(
        "trunks shards",
        {more_lanes_than_fit_get_a_second_connection, data_goes_the_way_of_its_lane,
         one_that_breaks_is_replaced_and_the_other_does_not_notice, one_that_nobody_uses_is_closed,
         one_that_only_the_peer_uses_stays, a_peer_that_wants_no_second_one_loses_nothing,
         strange_names_of_shards_are_refused, two_connections_keep_within_sixteen_threads},
        60);
}
