// SPDX-License-Identifier: LGPL-2.1-or-later
// Sender and receiver on a simulated path with a virtual clock.
#include "gst/data_sender.h"

#include <map>
#include <random>
#include <string>

#include "gst/data_receiver.h"
#include "tests/check.h"

using namespace std::chrono_literals;
using gst::DataVerdict;
using Octets = std::vector<std::uint8_t>;

namespace {

/// One way there, one way back; a bottleneck in front of the delay.
struct Path {
    double loss = 0;
    dht::Duration delay = 20ms, jitter = 0ms;
    double bytes_per_second = 100e6;
    bool cut = false;
};

class World {
public:
    explicit World(Path of = {}) : path(of) { connect(); }

    void connect() {
        sender.set_way([this](const gst::LaneHeader& header,
                              std::span<const std::uint8_t> body) { leave(header, body); },
                       now);
    }
    gst::DataReceiver& lane(federation::LaneId id) {
        auto& found = lanes[id];
        if (!found) {
            found = std::make_unique<gst::DataReceiver>(kept);
            found->accept({});
        }
        return *found;
    }
    DataVerdict send(federation::LaneId id, const std::string& text) {
        return sender.send(
            id, {"l", "", false, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}}, now);
    }
    /// Until nothing happens any more, or for that long.
    void run(dht::Duration most = 1h) {
        const auto end = now + most;
        for (;;) {
            const auto timer = sender.deadline().value_or(dht::Time::max());
            const auto event = events.empty() ? dht::Time::max() : events.begin()->first;
            if (std::min(timer, event) > end) break;
            now = std::min(timer, event);
            if (event > timer) {
                sender.advance(now);
                continue;
            }
            auto what = std::move(events.begin()->second);
            events.erase(events.begin());
            what();
        }
        if (most != 1h) now = end;
    }

    Path path;
    dht::Time now{1h};
    std::mt19937 chance{7};
    std::size_t sent = 0, longest_queue_ms = 0;
    std::map<federation::LaneId, std::vector<std::string>> got;
    std::vector<federation::LaneId> order;
    gst::DataSender sender{1400};
    int drained = 0;

private:
    bool is_lost() { return path.cut || std::uniform_real_distribution{}(chance) < path.loss; }
    dht::Duration delay() {
        return path.delay +
               dht::Duration{path.jitter.count() ? static_cast<long>(chance()) % path.jitter.count() : 0};
    }
    void leave(const gst::LaneHeader& header, std::span<const std::uint8_t> body) {
        ++sent;
        free_at =
            std::max(free_at, now) + dht::Duration{static_cast<dht::Duration::rep>(
                                         1e6 * static_cast<double>(body.size()) / path.bytes_per_second)};
        longest_queue_ms = std::max(longest_queue_ms, static_cast<std::size_t>((free_at - now) / 1ms));
        if (is_lost()) return;
        events.emplace(free_at + delay(),
                       [this, header, octets = Octets{body.begin(), body.end()}] { arrive(header, octets); });
    }
    void arrive(const gst::LaneHeader& header, const Octets& octets) {
        auto& receiver = lane(header.lane);
        receiver.received(header.sequence, *gst::decode_data(octets), [&](const gst::DataMessage& message) {
            got[header.lane].emplace_back(message.bytes.begin(), message.bytes.end());
            order.push_back(header.lane);
        });
        const auto ack = receiver.acknowledgement();
        if (!ack || is_lost()) return;
        events.emplace(now + delay(), [this, id = header.lane, body = encode(*ack)] {
            if (sender.acknowledged(id, *gst::decode_data_ack(body), now)) ++drained;
        });
    }

    std::shared_ptr<std::atomic<std::size_t>> kept = std::make_shared<std::atomic<std::size_t>>();
    std::map<federation::LaneId, std::unique_ptr<gst::DataReceiver>> lanes;
    std::multimap<dht::Time, std::function<void()>> events;
    dht::Time free_at{};
};

std::vector<std::string> numbers(int count, std::size_t size) {
    std::vector<std::string> all;
    for (int i = 0; i < count; ++i) {
        all.push_back(std::to_string(i) + ",");
        all.back().resize(std::max(all.back().size(), size), static_cast<char>('a' + i % 26));
    }
    return all;
}

}  // namespace

START_TEST(messages_of_all_sizes_arrive) {
    World world;
    std::vector<std::string> all;
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{1390}, std::size_t{1391},
                                   std::size_t{1400}, std::size_t{5000}, gst::data_message_bytes_max})
        all.emplace_back(size, 'x');
    for (const auto& text : all) ck_assert(world.send(2, text) == DataVerdict::taken);
    ck_assert_uint_gt(world.sender.buffered(2), 0);
    world.run();
    ck_assert(world.got[2] == all);
    ck_assert_uint_eq(world.sender.buffered(2), 0);
    ck_assert(!world.sender.deadline());
}
END_TEST

START_TEST(bad_paths_lose_and_reorder_nothing) {
    for (const Path& path : {Path{.loss = 0.05}, Path{.loss = 0.3}, Path{.loss = 0.01, .jitter = 30ms}}) {
        World world{path};
        const auto all = numbers(2000, 700);
        for (const auto& text : all) ck_assert(world.send(2, text) == DataVerdict::taken);
        world.run();
        ck_assert(world.got[2] == all);
    }
}
END_TEST

START_TEST(ten_megabytes_pass_quickly_over_a_long_path) {
    World world{{.loss = 0.01, .delay = 20ms}};
    const auto all = numbers(160, 65536);
    for (const auto& text : all) ck_assert(world.send(2, text) == DataVerdict::taken);
    const auto begun = world.now;
    world.run();
    ck_assert(world.got[2] == all);
    ck_assert_int_lt((world.now - begun) / 1ms, 20'000);
    ck_assert_uint_lt(world.sent, 1.1 * 160 * 65536 / 1395);
}
END_TEST

START_TEST(a_narrow_path_keeps_a_short_queue) {
    World world{{.delay = 20ms, .bytes_per_second = 500e3}};
    for (const auto& text : numbers(100, 65536)) world.send(2, text);
    world.run(2s);
    world.longest_queue_ms = 0;
    world.run(5s);
    ck_assert_uint_gt(world.longest_queue_ms, 5);    // the path is used
    ck_assert_uint_lt(world.longest_queue_ms, 100);  // and calls can live beside it
    world.run();
    ck_assert_uint_eq(world.got[2].size(), 100);
}
END_TEST

START_TEST(lanes_take_turns) {
    World world{{.bytes_per_second = 1e6}};
    for (int i = 0; i < 10; ++i) world.send(2, std::string(65536, 'x'));
    world.send(4, "short");
    world.run();
    ck_assert_uint_eq(world.order.front(), 4);
}
END_TEST

START_TEST(a_replaced_trunk_loses_and_doubles_nothing) {
    World world{{.loss = 0.02}};
    const auto all = numbers(3000, 1000);
    std::size_t next = 0;
    for (int part = 0; part < 6; ++part) {
        for (int i = 0; i < 500; ++i) ck_assert(world.send(2, all[next++]) == DataVerdict::taken);
        world.run(30ms);
        if (part % 2 == 0) {
            world.sender.set_way({}, world.now);
            world.run(5s);
        } else {
            world.path.cut = true;
            world.run(3s);
            world.path.cut = false;
        }
        world.connect();
    }
    world.run();
    ck_assert(world.got[2] == all);
}
END_TEST

START_TEST(a_cut_costs_little_traffic_and_is_overcome_soon) {
    World world;
    world.path.cut = true;
    for (const auto& text : numbers(100, 1000)) world.send(2, text);
    const auto first = world.sent;
    world.run(10s);
    ck_assert_uint_lt(world.sent - first, 100);
    world.path.cut = false;
    world.run(1100ms);
    ck_assert(!world.got[2].empty());
}
END_TEST

START_TEST(the_buffer_is_bounded_and_says_when_there_is_room) {
    World world;
    const std::string text(gst::data_message_bytes_max, 'x');
    std::size_t taken = 0;
    while (world.send(2, text) == DataVerdict::taken) ++taken;
    ck_assert(world.send(2, text) == DataVerdict::full);
    ck_assert_uint_le(world.sender.buffered(2), gst::data_buffered_max);
    ck_assert_uint_ge(taken * text.size(), 10'000'000);
    ck_assert(world.send(4, "another lane") == DataVerdict::taken);
    world.run();
    ck_assert_int_eq(world.drained, 1);
    ck_assert(world.send(2, text) == DataVerdict::taken);
    for (federation::LaneId lane = 10; lane < 20; ++lane)
        while (world.send(lane, text) == DataVerdict::taken) {
        }
    ck_assert(world.send(30, text) == DataVerdict::full);
    ck_assert(world.send(30, text + "x") == DataVerdict::too_big);
}
END_TEST

START_TEST(a_closed_lane_lets_everything_go) {
    World world;
    for (const auto& text : numbers(100, 10'000)) world.send(2, text);
    world.send(4, "b");
    world.sender.close(2);
    ck_assert_uint_eq(world.sender.buffered(2), 0);
    world.got.clear();
    world.run(1s);
    world.send(4, "c");
    world.run();
    ck_assert((world.got[4] == std::vector<std::string>{"b", "c"}));
    ck_assert(!world.sender.deadline());
}
END_TEST

START_TEST(hostile_acknowledgements_are_harmless) {
    World world;
    world.send(2, std::string(100'000, 'x'));
    gst::DataAck ack;
    ack.kept.set();
    for (std::uint32_t next = 0; next < 65536; next += 251) {
        ack.next = static_cast<std::uint16_t>(next);
        ack.stamp = next * 77777;
        world.sender.acknowledged(2, ack, world.now);
        world.sender.acknowledged(3, ack, world.now);
    }
    world.run(10s);
    world.sender.close(2);
    ck_assert_uint_eq(world.sender.buffered(2), 0);
    world.send(4, "well");
    world.run();
    ck_assert((world.got[4] == std::vector<std::string>{"well"}));
}
END_TEST

int main() {
    return run_suite(
        "data sender",
        {messages_of_all_sizes_arrive, bad_paths_lose_and_reorder_nothing,
         ten_megabytes_pass_quickly_over_a_long_path, a_narrow_path_keeps_a_short_queue, lanes_take_turns,
         a_replaced_trunk_loses_and_doubles_nothing, a_cut_costs_little_traffic_and_is_overcome_soon,
         the_buffer_is_bounded_and_says_when_there_is_room, a_closed_lane_lets_everything_go,
         hostile_acknowledgements_are_harmless});
}
