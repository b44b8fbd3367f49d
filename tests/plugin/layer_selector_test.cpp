// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/layer_selector.h"

#include <vector>

#include "plugin/vp8.h"
#include "tests/check.h"
#include "tests/plugin/packets.h"

using namespace std::chrono_literals;
using plugin::LayerSelector;
using tests::Octets;
using tests::Rtp;
using tests::Vp8;

namespace {

/// A browser that sends pictures of one packet in three sizes, each with numbers of its own, 30 a second.
struct Browser {
    struct Layer {
        std::uint16_t sequence, picture;
        std::uint32_t timestamp;
        std::uint8_t base;
        bool sends = true;
    };
    Layer layers[3] = {{1000, 10, 5'000'000, 1}, {40'000, 20'000, 9'000'000, 100}, {65'530, 32'760, 77, 250}};
    dht::Time now{1000s};
    int frame = 0;
    bool keyframe = true;  ///< the next picture is one
    LayerSelector selector;

    struct Out {
        int layer;
        std::uint16_t sequence, picture;
        std::uint32_t timestamp;
        std::uint8_t base, temporal;
    };
    std::vector<Out> out;
    std::vector<int> substreams, temporals;  ///< as they were told
    int asked = 0;

    void send(int index, const Rtp& rtp, const Octets& dependencies = {}) {
        const Octets packet = rtp.octets();
        const auto parsed = plugin::RtpPacket::parse(packet);
        const auto verdict = selector.judge(index, *parsed, "vp8", dependencies, now);
        asked += verdict.wants_keyframe ? 1 : 0;
        if (verdict.substream) substreams.push_back(*verdict.substream);
        if (verdict.temporal) temporals.push_back(*verdict.temporal);
        if (!verdict.forward) return;
        Octets copy = packet;
        LayerSelector::rewrite(verdict, copy, parsed->payload_offset());
        const auto written = plugin::RtpPacket::parse(copy);
        const auto vp8 = plugin::Vp8Descriptor::parse(written->payload());
        out.push_back({index, written->sequence(), *vp8->picture, written->timestamp(), *vp8->base_picture,
                       *vp8->temporal});
    }

    /// The packet that a layer sends next.
    Rtp packet(int index) {
        constexpr std::uint8_t pattern[] = {0, 2, 1, 2};
        auto& layer = layers[index];
        const std::uint8_t temporal = keyframe ? 0 : pattern[frame % 4];
        if (temporal == 0) ++layer.base;
        return {.marker = true,
                .sequence = layer.sequence++,
                .timestamp = layer.timestamp,
                .payload = Vp8{.keyframe = keyframe,
                               .picture = static_cast<std::uint16_t>(layer.picture++ & 0x7fff),
                               .base_picture = layer.base,
                               .temporal = temporal,
                               .sync = temporal != 0 && frame % 4 < 3}
                               .octets()};
    }

    void pictures(int count) {
        for (int i = 0; i < count; ++i) {
            if (keyframe) frame = 0;
            for (int index = 0; index < 3; ++index)
                if (layers[index].sends) send(index, packet(index));
            keyframe = false;
            ++frame;
            now += 33'333us;
            for (auto& layer : layers) layer.timestamp += 3000;
        }
    }

    /// One stream without a seam.
    void check_continuous() const {
        for (std::size_t i = 1; i < out.size(); ++i) {
            ck_assert_uint_eq(out[i].sequence, static_cast<std::uint16_t>(out[i - 1].sequence + 1));
            const auto ticks = static_cast<std::int32_t>(out[i].timestamp - out[i - 1].timestamp);
            ck_assert_int_gt(ticks, 0);
            ck_assert_int_lt(ticks, 90'000);
            const int pictures = (out[i].picture - out[i - 1].picture) & 0x7fff;
            ck_assert_int_ge(pictures, 1);
            ck_assert_int_le(pictures, 4);
            const auto bases = static_cast<std::uint8_t>(out[i].base - out[i - 1].base);
            ck_assert_int_le(bases, 1);
        }
    }
};

LayerSelector::Aim at(int substream, int temporal = 2) {
    return {substream, temporal};
}

START_TEST(the_largest_layer_is_reached_within_the_first_pictures) {
    Browser browser;
    browser.pictures(10);
    ck_assert_int_eq(browser.selector.substream(), 2);
    ck_assert(browser.substreams == (std::vector{0, 1, 2}));
    ck_assert_int_eq(browser.asked, 0);
    browser.check_continuous();
}
END_TEST

START_TEST(nothing_goes_through_before_a_keyframe) {
    Browser browser;
    browser.keyframe = false;
    browser.pictures(5);
    ck_assert(browser.out.empty());
    ck_assert_int_eq(browser.asked, 1);
    browser.keyframe = true;
    browser.pictures(5);
    ck_assert(!browser.out.empty());
}
END_TEST

START_TEST(a_switch_waits_for_a_keyframe_and_asks_until_one_comes) {
    Browser browser;
    browser.pictures(10);
    browser.selector.aim(at(0));
    browser.pictures(45);  // a second and a half
    ck_assert_int_eq(browser.selector.substream(), 2);
    ck_assert_int_eq(browser.asked, 3);
    browser.keyframe = true;
    browser.pictures(10);
    ck_assert_int_eq(browser.selector.substream(), 0);
    ck_assert_int_eq(browser.out.back().layer, 0);
    browser.check_continuous();
}
END_TEST

START_TEST(layers_are_switched_to_and_fro_without_a_seam) {
    Browser browser;
    for (const int target : {1, 0, 2, 0, 1, 2}) {
        browser.selector.aim(at(target));
        browser.keyframe = true;
        browser.pictures(40);
        ck_assert_int_eq(browser.out.back().layer, target);
    }
    browser.check_continuous();
}
END_TEST

START_TEST(a_layer_that_falls_silent_is_done_without_until_it_is_back) {
    Browser browser;
    browser.pictures(10);
    browser.layers[2].sends = false;
    browser.pictures(9);  // 300 ms
    ck_assert_int_gt(browser.asked, 0);
    browser.keyframe = true;
    browser.pictures(10);
    ck_assert_int_eq(browser.out.back().layer, 1);
    browser.layers[2].sends = true;
    browser.keyframe = true;
    browser.pictures(10);
    ck_assert_int_eq(browser.out.back().layer, 2);
    browser.check_continuous();
}
END_TEST

START_TEST(a_layer_is_not_given_up_because_pictures_are_rare) {
    Browser browser;
    browser.pictures(10);
    const int asked = browser.asked;
    for (int i = 0; i < 10; ++i) {  // one a second
        browser.now += 1s;
        browser.pictures(1);
    }
    ck_assert_int_eq(browser.asked, asked);
    ck_assert_int_eq(browser.out.back().layer, 2);
}
END_TEST

START_TEST(temporal_layers_are_left_out_without_a_gap) {
    Browser browser;
    browser.selector.aim(at(2, 0));
    browser.pictures(40);
    ck_assert_int_eq(browser.selector.temporal(), 0);
    ck_assert(browser.temporals == (std::vector{0}));
    for (const auto& packet : browser.out) ck_assert_int_eq(packet.temporal, 0);
    browser.check_continuous();
}
END_TEST

START_TEST(temporal_layers_come_back_where_they_refer_to_nothing_left_out) {
    Browser browser;
    browser.selector.aim(at(2, 0));
    browser.pictures(41);
    browser.selector.aim(at(2, 2));
    const auto before = browser.out.size();
    browser.pictures(20);
    ck_assert_int_eq(browser.selector.temporal(), 2);
    ck_assert(browser.temporals == (std::vector{0, 2}));
    ck_assert_uint_gt(browser.out.size() - before, 12);
    browser.check_continuous();
}
END_TEST

START_TEST(a_dependency_descriptor_tells_the_temporal_layer_of_any_codec) {
    LayerSelector selector;
    selector.aim(at(2, 0));
    std::vector<bool> forwarded;
    for (std::uint16_t i = 0; i < 4; ++i) {
        const Octets octets =
            Rtp{.sequence = i, .payload = {static_cast<std::uint8_t>(i == 0 ? 0x65 : 0x41), 1}}.octets();
        Octets descriptor = {static_cast<std::uint8_t>(0xc0 | i % 2), 0, static_cast<std::uint8_t>(i)};
        if (i == 0) descriptor.insert(descriptor.end(), {0x80, 0x01, 0x7a, 0x20});  // two templates: T0, T1
        const auto verdict =
            selector.judge(0, *plugin::RtpPacket::parse(octets), "h264", descriptor, dht::Time{1s});
        forwarded.push_back(verdict.forward);
        if (verdict.forward) ck_assert_uint_eq(verdict.sequence, i / 2);
    }
    ck_assert(forwarded == (std::vector{true, false, true, false}));
}
END_TEST

START_TEST(late_packets_keep_their_place) {
    Browser browser;
    browser.pictures(10);
    const Rtp late = browser.packet(2);
    const auto expected = static_cast<std::uint16_t>(browser.out.back().sequence + 1);
    browser.pictures(3);
    ck_assert_uint_eq(browser.out[browser.out.size() - 3].sequence, static_cast<std::uint16_t>(expected + 1));
    browser.send(2, late);
    ck_assert_uint_eq(browser.out.back().sequence, expected);
    browser.pictures(1);
    ck_assert_uint_eq(browser.out.back().sequence, static_cast<std::uint16_t>(expected + 4));
}
END_TEST

START_TEST(late_packets_keep_their_place_among_those_left_out) {
    Browser browser;
    browser.selector.aim(at(2, 0));
    browser.pictures(12);
    browser.frame = 0;
    const Rtp late = browser.packet(2);  // of the lowest temporal layer
    const auto expected = static_cast<std::uint16_t>(browser.out.back().sequence + 1);
    ++browser.frame;
    browser.pictures(7);  // 2 1 2 0 2 1 2
    ck_assert_uint_eq(browser.out.back().sequence, static_cast<std::uint16_t>(expected + 1));
    browser.send(2, late);
    ck_assert_uint_eq(browser.out.back().sequence, expected);
}
END_TEST

START_TEST(what_is_older_than_the_switch_is_dropped) {
    Browser browser;
    browser.pictures(5);
    const Rtp old = browser.packet(0);
    browser.pictures(5);
    browser.selector.aim(at(0));
    browser.keyframe = true;
    browser.pictures(5);
    const auto count = browser.out.size();
    browser.send(0, old);
    ck_assert_uint_eq(browser.out.size(), count);
}
END_TEST

START_TEST(a_long_stream_wraps_its_numbers) {
    Browser browser;
    browser.selector.aim(at(2, 1));
    browser.pictures(150'000);
    browser.check_continuous();
    ck_assert_uint_gt(browser.out.size(), 70'000);
}
END_TEST

START_TEST(another_codec_is_not_rewritten_as_vp8) {
    LayerSelector selector;
    const Octets first = Rtp{.payload = {0x67, 0x42, 0xe0, 0x1f}}.octets();
    const auto packet = plugin::RtpPacket::parse(first);
    const auto verdict = selector.judge(0, *packet, "h264", {}, dht::Time{1s});
    ck_assert(verdict.forward);
    ck_assert(!verdict.vp8.has_value());
}
END_TEST

/// VP9 in three sizes, with a quarter, a half and all of the pictures.
struct Layered {
    LayerSelector selector;
    std::uint16_t sequence = 65'500;
    dht::Time now{1000s};
    int picture = 0;
    bool keyframe = true;      ///< the next picture is one
    bool switching_up = true;  ///< the lowest temporal layer says that more may follow

    struct Out {
        int spatial, temporal;
        std::uint16_t sequence;
        bool marker;
    };
    std::vector<Out> out;
    std::vector<int> spatials, temporals;  ///< as they were told
    int asked = 0;

    void pictures(int count) {
        constexpr int pattern[] = {0, 2, 1, 2};
        for (; count > 0; --count, ++picture, now += 33ms) {
            if (keyframe) picture = 0;
            for (int spatial = 0; spatial < 3; ++spatial) send(spatial, pattern[picture % 4]);
            keyframe = false;
        }
    }
    void send(int spatial, int temporal) {
        const Octets octets = Rtp{.marker = spatial == 2,
                                  .sequence = sequence++,
                                  .timestamp = static_cast<std::uint32_t>(picture * 3000),
                                  .payload = tests::Vp9{.keyframe = keyframe,
                                                        .picture = static_cast<std::uint16_t>(picture),
                                                        .spatial = spatial,
                                                        .temporal = temporal,
                                                        .switching_up = switching_up && temporal == 0}
                                                 .octets()}
                                  .octets();
        const auto packet = plugin::RtpPacket::parse(octets);
        const auto verdict = selector.judge(0, *packet, "vp9", {}, now);
        asked += verdict.wants_keyframe ? 1 : 0;
        if (verdict.spatial) spatials.push_back(*verdict.spatial);
        if (verdict.temporal) temporals.push_back(*verdict.temporal);
        if (!verdict.forward) return;
        Octets copy = octets;
        LayerSelector::rewrite(verdict, copy, packet->payload_offset());
        const auto written = plugin::RtpPacket::parse(copy);
        out.push_back({spatial, temporal, written->sequence(), written->marker()});
    }
    /// Each picture ends with a marker, and there are no gaps.
    void check(std::size_t from, int spatial) const {
        for (std::size_t i = std::max<std::size_t>(from, 1); i < out.size(); ++i) {
            ck_assert_uint_eq(out[i].sequence, static_cast<std::uint16_t>(out[i - 1].sequence + 1));
            ck_assert_int_le(out[i].spatial, spatial);
            ck_assert_int_eq(out[i].marker, out[i].spatial == spatial);
        }
    }
};

START_TEST(a_picture_in_layers_gets_smaller_at_the_next_and_larger_at_a_keyframe) {
    Layered world;
    world.pictures(8);
    ck_assert_uint_eq(world.out.size(), 24);
    world.check(0, 2);
    world.selector.aim({.spatial = 0});
    world.pictures(8);
    world.check(25, 0);
    ck_assert_uint_eq(world.out.size(), 32);
    world.selector.aim({.spatial = 1});
    world.pictures(8);
    ck_assert_int_eq(world.asked, 1);
    ck_assert_uint_eq(world.out.size(), 40);
    world.pictures(20);
    ck_assert_int_eq(world.asked, 2);  // it may have been lost
    world.keyframe = true;
    const auto before = world.out.size();
    world.pictures(8);
    world.check(before, 1);
    ck_assert_uint_eq(world.out.size(), before + 16);
    ck_assert_int_eq(world.asked, 2);
    ck_assert(world.spatials == (std::vector{2, 0, 1}));
}
END_TEST

START_TEST(fewer_pictures_in_layers_come_in_all_sizes) {
    Layered world;
    world.pictures(4);
    world.selector.aim({.temporal = 0, .spatial = 1});
    world.pictures(8);
    world.check(13, 1);
    ck_assert_uint_eq(world.out.size(), 12 + 4);
    world.selector.aim({.temporal = 2, .spatial = 1});
    world.pictures(8);
    ck_assert_uint_eq(world.out.size(), 16 + 16);
    world.check(13, 1);
    ck_assert_int_eq(world.asked, 0);
}
END_TEST

START_TEST(where_no_picture_says_that_more_may_follow_a_keyframe_is_asked_for) {
    Layered world;
    world.switching_up = false;
    world.pictures(1);
    world.selector.aim({.temporal = 0});
    world.pictures(7);
    world.selector.aim({.temporal = 2});
    world.pictures(12);
    ck_assert_int_eq(world.asked, 0);
    world.pictures(10);
    ck_assert_int_eq(world.asked, 1);
    world.keyframe = true;
    const auto before = world.out.size();
    world.pictures(4);
    ck_assert_uint_eq(world.out.size(), before + 12);
}
END_TEST

/// An AV1 picture of one packet with a dependency descriptor of two sizes, S0 and S1.
LayerSelector::Verdict av1(LayerSelector& selector, std::uint16_t sequence, std::uint16_t frame,
                           bool keyframe, int spatial, std::chrono::milliseconds at) {
    Octets dependencies = {static_cast<std::uint8_t>(0xc0 | spatial), static_cast<std::uint8_t>(frame >> 8),
                           static_cast<std::uint8_t>(frame)};
    // Templates S0, S1 and two targets: indications SS -S.
    const auto structure = tests::bits(
        "10000"
        "000000"
        "00001"
        "1011"
        "1010"
        "0010");
    if (keyframe && spatial == 0) dependencies.insert(dependencies.end(), structure.begin(), structure.end());
    const std::uint8_t aggregation = keyframe && spatial == 0 ? 0x18 : 0x10;
    const Octets octets =
        Rtp{.marker = spatial == 1, .sequence = sequence, .payload = {aggregation, 1}}.octets();
    return selector.judge(0, *plugin::RtpPacket::parse(octets), "av1", dependencies, dht::Time{1000s} + at);
}

START_TEST(frames_go_on_in_their_numbers_from_one_source_to_the_next) {
    LayerSelector selector;
    ck_assert_uint_eq(*av1(selector, 1, 40'000, true, 0, 0ms).frame, 40'000);
    ck_assert_uint_eq(*av1(selector, 2, 40'001, false, 1, 0ms).frame, 40'001);
    selector.restart();
    ck_assert(!av1(selector, 901, 6, false, 0, 33ms).forward);
    const auto key = av1(selector, 902, 7, true, 0, 66ms);
    ck_assert(key.forward);
    ck_assert_uint_eq(*key.frame, 40'002);
    ck_assert_uint_eq(*av1(selector, 903, 9, false, 0, 99ms).frame, 40'004);
    ck_assert_uint_eq(*av1(selector, 904, 8, false, 0, 99ms).frame, 40'003);
}
END_TEST

START_TEST(a_dependency_descriptor_tells_the_layers_in_space) {
    LayerSelector selector;
    selector.aim({.spatial = 0});
    const auto key = av1(selector, 1, 1, true, 0, 0ms);
    ck_assert(key.forward && key.marker);
    ck_assert(!av1(selector, 2, 2, false, 1, 0ms).forward);
    const auto next = av1(selector, 3, 3, false, 0, 33ms);
    ck_assert(next.forward && next.marker);
    ck_assert_uint_eq(next.sequence, 2);
    selector.aim({.spatial = 1});
    ck_assert(!av1(selector, 4, 4, false, 1, 33ms).forward);
    ck_assert(av1(selector, 5, 5, false, 0, 66ms).wants_keyframe == false);  // it has been asked for
    ck_assert(!av1(selector, 6, 6, true, 0, 99ms).marker);
    ck_assert(av1(selector, 7, 7, true, 1, 99ms).marker);
}
END_TEST

}  // namespace

int main() {
    return run_suite(
        "layer_selector",
        {the_largest_layer_is_reached_within_the_first_pictures, nothing_goes_through_before_a_keyframe,
         a_switch_waits_for_a_keyframe_and_asks_until_one_comes,
         layers_are_switched_to_and_fro_without_a_seam,
         a_layer_that_falls_silent_is_done_without_until_it_is_back,
         a_layer_is_not_given_up_because_pictures_are_rare, temporal_layers_are_left_out_without_a_gap,
         temporal_layers_come_back_where_they_refer_to_nothing_left_out,
         a_dependency_descriptor_tells_the_temporal_layer_of_any_codec, late_packets_keep_their_place,
         late_packets_keep_their_place_among_those_left_out, what_is_older_than_the_switch_is_dropped,
         a_long_stream_wraps_its_numbers, another_codec_is_not_rewritten_as_vp8,
         a_picture_in_layers_gets_smaller_at_the_next_and_larger_at_a_keyframe,
         fewer_pictures_in_layers_come_in_all_sizes,
         where_no_picture_says_that_more_may_follow_a_keyframe_is_asked_for,
         frames_go_on_in_their_numbers_from_one_source_to_the_next,
         a_dependency_descriptor_tells_the_layers_in_space});
}
