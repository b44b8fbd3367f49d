// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/lane_feeds.h"

#include "plugin/remb.h"

#include "tests/check.h"
#include "tests/plugin/fakes.h"

using namespace plugin;
using tests::same;

namespace {

const auto start = dht::Time{} + std::chrono::seconds{10};

FeedStream video() {
    FeedStream video;
    video.kind = SdpLine::Kind::video;
    video.codec = "vp8";
    video.payload_type = 96;
    video.simulcast = true;
    return video;
}

struct World {
    std::vector<int> asked;
    std::shared_ptr<Feed> feed = std::make_shared<Feed>([this](int mindex) { asked.push_back(mindex); });
    std::shared_ptr<LaneSender> sender;
    std::shared_ptr<tests::FakeLane> lane;

    explicit World(const FeedWish& wish, const std::set<int>& waiting = {}) {
        feed->describe({video()});
        sender = std::make_shared<LaneSender>(feed, wish);
        lane = std::make_shared<tests::FakeLane>(sender);
        sender->open(lane, waiting);
    }
    ~World() { sender->close(); }  // the sender and its lane hold each other
    World(const World&) = delete;
    World& operator=(const World&) = delete;
    void send(int layer, int at) const {
        auto octets = tests::Rtp{.payload = tests::Vp8{}.octets()}.octets();
        feed->rtp(0, layer, octets, start + std::chrono::milliseconds{at});
    }
    /// Which layers have gone out since it was asked last.
    std::string layers() const {
        std::string layers;
        for (const auto& line : lane->sent) layers += std::to_string(std::stoi(line.substr(11)) / 64 - 1);
        lane->sent.clear();
        return layers;
    }
};

START_TEST(only_the_layers_that_are_wished_for_cross) {
    const World world{{{0, 0b001}}};
    for (int i = 0; i < 3; ++i)
        for (const int layer : {0, 1, 2}) world.send(layer, i);
    ck_assert(same(world.layers(), "000"));
    world.sender->change({{0, 0b101}}, {});
    for (const int layer : {0, 1, 2}) world.send(layer, 4);
    ck_assert(same(world.layers(), "02"));
    ck_assert(world.sender->sent().at({0, 0}) == 4);
}
END_TEST

START_TEST(a_smaller_layer_takes_the_place_of_one_that_is_silent) {
    const World world{{{0, 0b100}}};
    world.send(0, 0);
    world.send(1, 1);
    world.send(0, 2);
    ck_assert(same(world.layers(), "01"));
    world.send(2, 3);
    world.send(1, 4);
    world.send(0, 5);
    ck_assert(same(world.layers(), "2"));
    world.send(1, 600);
    world.send(0, 601);
    ck_assert(same(world.layers(), "1"));
}
END_TEST

START_TEST(whoever_cannot_show_a_picture_yet_gets_none_until_it_asks) {
    World world{{{0, 0b001}}};
    ck_assert(world.asked.empty());
    world.sender->change({{0, 0b101}}, {});
    ck_assert(world.asked.empty());
    world.sender->receive(gst::PacketKind::rtcp, 0, picture_loss_indication);
    ck_assert(world.asked == std::vector{0});
}
END_TEST

START_TEST(a_layer_that_is_wished_for_as_well_begins_with_a_keyframe) {
    World world{{{0, 0b001}}};
    world.sender->change({{0, 0b001}}, {0});
    ck_assert(world.asked.empty());
    world.sender->change({{0, 0b101}}, {0});
    ck_assert(world.asked == std::vector{0});
}
END_TEST

START_TEST(whoever_begins_to_watch_gets_a_keyframe) {
    World world{{{0, 0b100}}, {0}};
    ck_assert(world.asked == std::vector{0});
    world.sender->receive(gst::PacketKind::rtcp, 0, picture_loss_indication);
    world.sender->receive(gst::PacketKind::rtp, 0, picture_loss_indication);
    ck_assert(world.asked == std::vector{0});  // so soon it is held back
}
END_TEST

START_TEST(whoever_wishes_for_something_else_misses_nothing_meanwhile) {
    const World world{{{0, 0b001}}};
    bool missed = false;
    world.feed->on_demand([&] { missed |= world.feed->sinks(0) == 0; });
    world.sender->change({{0, 0b011}}, {});
    ck_assert(!missed);
    world.feed->on_demand({});
    world.sender->change({}, {});
    ck_assert_uint_eq(world.feed->sinks(0), 0);
}
END_TEST

START_TEST(of_a_picture_in_layers_those_cross_that_are_wished_for) {
    const World world{{{0, 0b010}}};
    auto stream = video();
    stream.simulcast = false;
    stream.svc = true;
    stream.codec = "vp9";
    world.feed->describe({stream});
    std::uint16_t sequence = 10;
    const auto picture = [&](bool keyframe) {
        for (int spatial = 0; spatial < 3; ++spatial) {
            auto octets = tests::Rtp{.marker = spatial == 2,
                                     .sequence = sequence++,
                                     .payload = tests::Vp9{.keyframe = keyframe, .spatial = spatial}.octets()}
                              .octets();
            world.feed->rtp(0, {}, octets, start + std::chrono::milliseconds{sequence});
        }
    };
    picture(false);
    ck_assert(world.lane->sent.empty());
    picture(true);
    picture(false);
    ck_assert_uint_eq(world.lane->sent.size(), 4);
    const auto counts = world.sender->sent();
    ck_assert(counts.at({0, 0}) == 2 && counts.at({0, 1}) == 2 && !counts.contains({0, 2}));
    world.sender->change({{0, 0b110}}, {});
    picture(false);
    picture(true);
    ck_assert_uint_eq(world.sender->sent().at({0, 2}), 1);
}
END_TEST

START_TEST(a_keyframe_that_comes_with_the_subscription_is_not_asked_for_twice) {
    Outbox outbox;
    const auto remote = std::make_shared<RemoteFeed>(outbox);
    auto other = video();
    other.mindex = 1;
    remote->feed()->describe({video(), other});
    const auto lane = std::make_shared<tests::FakeLane>(remote);
    remote->subscribed({0});
    remote->open(lane);
    remote->feed()->want_keyframe(0);
    remote->feed()->want_keyframe(1);
    remote->accepted();
    outbox.stop();
    ck_assert(same(lane->sent, {"rtcp stream=1 octets=12"}));
    remote->close();
}
END_TEST

START_TEST(the_publisher_is_told_the_least_that_the_browsers_can_receive) {
    Outbox outbox;
    const auto feed = std::make_shared<RemoteFeed>(outbox);
    const auto lane = std::make_shared<tests::FakeLane>(feed);
    feed->open(lane);
    using namespace std::chrono_literals;
    const auto now = start;
    const int one = 0, other = 0;
    feed->limit(&one, 500'000, now);
    feed->limit(&other, 300'000, now + 1ms);
    feed->limit(&one, 400'000, now + 2ms);  // too soon, and no less than was said
    feed->limit(&other, std::nullopt, now + 1s);
    feed->limit(&one, std::nullopt, now + 2s);
    outbox.stop();
    std::vector<std::uint32_t> told;
    for (const auto& packet : lane->packets) told.push_back(*read_remb(packet));
    ck_assert(told == (std::vector<std::uint32_t>{500'000, 300'000, 400'000}));
    feed->close();
}
END_TEST

START_TEST(nothing_crosses_after_the_end) {
    const World world{{{0, 0b111}}};
    world.sender->close();
    world.send(0, 0);
    ck_assert(world.lane->sent.empty());
    ck_assert_uint_eq(world.feed->sinks(0), 0);
}
END_TEST

}  // namespace

int main() {
    return run_suite(
        "lane_feeds",
        {only_the_layers_that_are_wished_for_cross, a_smaller_layer_takes_the_place_of_one_that_is_silent,
         whoever_cannot_show_a_picture_yet_gets_none_until_it_asks,
         a_layer_that_is_wished_for_as_well_begins_with_a_keyframe, whoever_begins_to_watch_gets_a_keyframe,
         whoever_wishes_for_something_else_misses_nothing_meanwhile,
         of_a_picture_in_layers_those_cross_that_are_wished_for,
         a_keyframe_that_comes_with_the_subscription_is_not_asked_for_twice,
         the_publisher_is_told_the_least_that_the_browsers_can_receive, nothing_crosses_after_the_end});
}
