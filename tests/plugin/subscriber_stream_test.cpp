// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/subscriber_stream.h"

#include "federation/glib/loop.h"
#include "tests/check.h"
#include "tests/plugin/fakes.h"

using namespace plugin;
using tests::Octets;

namespace {

const auto start = dht::Time{} + std::chrono::seconds{10};

struct World {
    tests::FakeHandle handle;
    tests::FakeGateway gateway;
    Outbox outbox;
    tests::Lines told;
    std::vector<int> asked, asked_other;
    std::shared_ptr<ClientLine> line = std::make_shared<ClientLine>(
        gateway, outbox, std::make_shared<Handle>(&handle.session), Outbox::make_queue());
    std::shared_ptr<Feed> feed = std::make_shared<Feed>([this](int mindex) { asked.push_back(mindex); });
    std::shared_ptr<Feed> other =
        std::make_shared<Feed>([this](int mindex) { asked_other.push_back(mindex); });
    std::shared_ptr<SubscriberStream> stream =
        std::make_shared<SubscriberStream>(line, 3, true, [this](const char* what, int layer) {
            told.push_back(std::string{what} + " " + std::to_string(layer));
        });

    World() {
        for (const auto& each : {feed, other}) each->describe({video()});
        stream->payload_types({100, -1});
        take(feed);
        stream->open(true);
    }
    static FeedStream video(bool simulcast = false) {
        FeedStream video;
        video.kind = SdpLine::Kind::video;
        video.codec = "vp8";
        video.payload_type = 96;
        video.simulcast = simulcast;
        return video;
    }
    void take(const std::shared_ptr<Feed>& from) {
        feed->detach(stream);
        other->detach(stream);
        stream->take(from, 0, false);
        from->attach(0, stream);
    }
    static Octets picture(std::uint16_t sequence, bool keyframe, std::uint16_t number = 7) {
        return tests::Rtp{.sequence = sequence,
                          .timestamp = sequence * 3000U,
                          .payload = tests::Vp8{.keyframe = keyframe, .picture = number}.octets()}
            .octets();
    }
    void send(const std::shared_ptr<Feed>& from, std::uint16_t sequence, bool keyframe,
              std::optional<int> layer = {}, std::uint16_t number = 7) {
        auto octets = picture(sequence, keyframe, number);
        const auto before = octets;
        from->rtp(0, layer, octets, start + std::chrono::milliseconds{sequence});
        ck_assert(octets == before);  // whoever is next gets it as it came
    }
    [[nodiscard]] std::vector<int> sequences() const {
        std::vector<int> numbers;
        for (const auto& body : gateway.bodies()) numbers.push_back(RtpPacket::parse(body)->sequence());
        return numbers;
    }
};

START_TEST(a_picture_begins_at_a_keyframe_under_the_subscribers_own_numbers) {
    World world;
    world.send(world.feed, 10, false);
    world.send(world.feed, 11, true);
    world.send(world.feed, 12, false);
    ck_assert(world.sequences() == (std::vector{11, 12}));
    ck_assert_int_eq(world.gateway.rtp()[0].mindex, 3);
    ck_assert_int_eq(RtpPacket::parse(world.gateway.bodies()[0])->payload_type(), 100);
    ck_assert(world.asked == std::vector{0});  // opening asked, and so, too soon, did the packet
}
END_TEST

START_TEST(a_switch_goes_on_in_the_numbers_of_the_source_before) {
    World world;
    world.send(world.feed, 11, true);
    world.take(world.other);
    world.send(world.feed, 12, false);  // on its way when it was switched
    world.send(world.other, 5000, false);
    world.send(world.other, 5001, true, {}, 900);
    world.send(world.other, 5002, false, {}, 901);
    ck_assert(world.sequences() == (std::vector{11, 12, 13}));
    const auto bodies = world.gateway.bodies();
    const auto number = [&](std::size_t i) {
        const auto packet = RtpPacket::parse(bodies[i]);
        return (packet->payload()[2] & 0x7f) << 8 | packet->payload()[3];
    };
    ck_assert_int_eq(number(0), 7);
    ck_assert_int_eq(number(1), 8);
    ck_assert_int_eq(number(2), 9);
}
END_TEST

START_TEST(what_is_closed_lets_nothing_through) {
    World world;
    world.send(world.feed, 11, true);
    world.stream->open(false);
    world.send(world.feed, 12, true);
    world.stream->open(true);
    world.send(world.feed, 13, false);
    world.send(world.feed, 14, true);
    ck_assert(world.sequences() == (std::vector{11, 12}));
    ck_assert_uint_eq(world.stream->packets(), 2);
}
END_TEST

START_TEST(a_codec_that_was_not_taken_goes_no_further) {
    World world;
    world.stream->payload_types({-1, -1});
    world.send(world.feed, 11, true);
    ck_assert(world.sequences().empty());
}
END_TEST

START_TEST(the_layers_that_are_needed_are_told_to_the_feed) {
    World world;
    world.feed->describe({World::video(true)});
    ck_assert_uint_eq(world.feed->wish().at(0), 0b100);
    world.send(world.feed, 11, true, 0);
    ck_assert_uint_eq(world.feed->wish().at(0), 0b101);
    world.stream->aim({.substream = 0});
    ck_assert_uint_eq(world.feed->wish().at(0), 0b001);
    world.stream->wants(false);
    ck_assert(world.feed->wish().empty());
    ck_assert(tests::same(world.told, {"substream 0", "temporal 2"}));
}
END_TEST

START_TEST(who_has_got_a_keyframe_needs_no_second) {
    World world;
    const auto now = glib::now().time;
    const auto send = [&](std::uint16_t sequence, bool keyframe, std::chrono::milliseconds after) {
        auto octets = World::picture(sequence, keyframe);
        world.feed->rtp(0, {}, octets, now + after);
    };
    send(1, false, std::chrono::milliseconds{10});  // asks, too soon after the opening
    send(2, true, std::chrono::milliseconds{60});
    send(3, false, std::chrono::milliseconds{400});
    ck_assert(world.asked == std::vector{0});
    world.stream->want_keyframe();
    send(4, false, std::chrono::milliseconds{800});
    ck_assert(world.asked == (std::vector{0, 0}));
}
END_TEST

START_TEST(the_first_picture_of_a_source_is_shown_at_once) {
    World world;
    const auto delays = [&] {
        std::vector<std::pair<int, int>> all;
        for (const auto& rtp : world.gateway.rtp())
            all.emplace_back(rtp.extensions.min_delay, rtp.extensions.max_delay);
        return all;
    };
    world.send(world.feed, 11, true);
    world.send(world.feed, 12, false);
    world.take(world.other);
    world.send(world.other, 21, true);
    world.send(world.other, 22, false);
    world.send(world.other, 2000, false);  // two seconds later nothing need be said
    ck_assert(delays() == (std::vector<std::pair<int, int>>{{0, 1}, {0, 4095}, {0, 1}, {0, 4095}, {-1, -1}}));
    world.stream->playout_delay(5, 20);
    world.take(world.feed);
    world.send(world.feed, 2001, true);
    ck_assert(delays().back() == (std::pair{5, 20}));
}
END_TEST

START_TEST(of_a_picture_in_layers_the_subscriber_is_told_and_so_is_the_feed) {
    World world;
    auto layered = World::video();
    layered.svc = true;
    layered.codec = "vp9";
    world.feed->describe({layered});
    world.take(world.feed);
    std::uint16_t sequence = 0;
    const auto picture = [&](bool keyframe) {
        for (int spatial = 0; spatial < 3; ++spatial) {
            Octets octets =
                tests::Rtp{.marker = spatial == 2,
                           .sequence = ++sequence,
                           .payload = tests::Vp9{.keyframe = keyframe, .spatial = spatial}.octets()}
                    .octets();
            world.feed->rtp(0, {}, octets, start + std::chrono::milliseconds{sequence});
        }
    };
    picture(true);
    ck_assert_uint_eq(world.feed->wish().at(0), 0b100);
    world.stream->aim({.spatial = 0});
    ck_assert_uint_eq(world.feed->wish().at(0), 0b101);
    picture(false);
    ck_assert_uint_eq(world.feed->wish().at(0), 0b001);
    ck_assert(world.sequences() == (std::vector{1, 2, 3, 4}));
    const auto bodies = world.gateway.bodies();
    ck_assert(RtpPacket::parse(bodies.back())->marker());
    ck_assert(tests::same(world.told, {"spatial_layer 2", "temporal_layer 2", "spatial_layer 0"}));
}
END_TEST

START_TEST(sound_begins_at_any_packet) {
    World world;
    FeedStream audio;
    audio.codec = "opus";
    audio.payload_type = 111;
    audio.clock = 48'000;
    world.feed->describe({audio});
    world.other->describe({audio});
    const auto sound = std::make_shared<SubscriberStream>(world.line, 0, false, [](const char*, int) {});
    sound->payload_types({111, -1});
    sound->open(true);
    const auto send = [&](const std::shared_ptr<Feed>& feed, std::uint16_t sequence) {
        Octets octets =
            tests::Rtp{.payload_type = 111, .sequence = sequence, .timestamp = sequence * 960U}.octets();
        feed->rtp(0, {}, octets, start + std::chrono::milliseconds{20} * sequence);
    };
    sound->take(world.feed, 0, false);
    world.feed->attach(0, sound);
    send(world.feed, 40);
    sound->take(world.other, 0, false);
    world.other->attach(0, sound);
    send(world.other, 41);
    send(world.other, 42);
    ck_assert(world.sequences() == (std::vector{40, 41, 42}));
    const auto bodies = world.gateway.bodies();
    ck_assert_uint_eq(RtpPacket::parse(bodies[1])->timestamp(), 40 * 960 + 960);
}
END_TEST

}  // namespace

int main() {
    return run_suite(
        "subscriber_stream",
        {a_picture_begins_at_a_keyframe_under_the_subscribers_own_numbers,
         a_switch_goes_on_in_the_numbers_of_the_source_before, what_is_closed_lets_nothing_through,
         a_codec_that_was_not_taken_goes_no_further, the_layers_that_are_needed_are_told_to_the_feed,
         who_has_got_a_keyframe_needs_no_second, the_first_picture_of_a_source_is_shown_at_once,
         of_a_picture_in_layers_the_subscriber_is_told_and_so_is_the_feed, sound_begins_at_any_packet});
}
