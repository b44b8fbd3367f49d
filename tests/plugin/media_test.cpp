// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/media.h"

#include <algorithm>
#include <latch>
#include <thread>

#include "gst/local_lanes.h"
#include "tests/check.h"
#include "tests/plugin/fakes.h"

using gst::PacketKind;
using plugin::Media;
using plugin::MLine;
using plugin::Outbox;
using tests::FakeGateway;
using tests::FakeHandle;
using tests::FakeLane;
using tests::Lines;
using tests::Octets;
using tests::same;

namespace {

const MLine audio{.audio_level = 1},
    video{.video = true, .orientation = 4, .playout_delay = 5, .dependencies = 6}, data{.data = true};

/// One browser's media, with a lane to nowhere.
struct World {
    FakeHandle handle;
    FakeGateway gateway;
    Outbox outbox;
    std::shared_ptr<Outbox::Queue> queue = Outbox::make_queue();
    std::shared_ptr<Media> media =
        std::make_shared<Media>(gateway, outbox, std::make_shared<plugin::Handle>(&handle.session), queue);
    std::shared_ptr<FakeLane> lane = std::make_shared<FakeLane>(media);

    World() { media->connect(lane, {audio, video, data}); }
    World(const World&) = delete;
    World& operator=(const World&) = delete;
    ~World() { media->disconnect(); }

    void browser_sends_rtp(int mindex, bool is_video) const {
        char buffer[20] = {};
        janus_plugin_rtp packet{};
        packet.mindex = mindex;
        packet.video = is_video;
        packet.buffer = buffer;
        packet.length = sizeof buffer;
        media->incoming_rtp(packet);
    }
    void browser_sends_rtcp(int mindex, Octets octets) const {
        janus_plugin_rtcp packet{};
        packet.mindex = mindex;
        packet.video = TRUE;
        packet.buffer = reinterpret_cast<char*>(octets.data());
        packet.length = static_cast<std::uint16_t>(octets.size());
        media->incoming_rtcp(packet);
    }
    /// What the core was asked, all of it.
    Lines finish() {
        outbox.stop();
        return gateway.lines();
    }
};

/// An RTP packet with a header extension of the one-octet form, and a payload of one octet.
Octets rtp(const Octets& elements = {}) {
    return tests::Rtp{.elements = elements}.octets();
}

Octets remb(std::uint8_t mantissa) {
    return {0x8f, 206, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, 'R', 'E', 'M', 'B', 1, 0, 0, mantissa, 0, 0, 0, 2};
}

const Octets report = {0x80, 201, 0, 1, 0, 0, 0, 1};
const Octets pli = {0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2};

START_TEST(what_the_browser_sends_goes_into_the_lane) {
    const World world;
    world.browser_sends_rtp(0, false);
    world.browser_sends_rtp(1, true);
    world.browser_sends_rtcp(1, pli);
    ck_assert(same(world.lane->sent,
                   {"rtp stream=0 octets=20", "rtp stream=1 octets=20", "rtcp stream=1 octets=12"}));
    ck_assert_uint_eq(world.media->stats().packets_sent, 3);
}
END_TEST

START_TEST(what_is_muted_stays_here) {
    const World world;
    world.media->audio_active = false;
    world.browser_sends_rtp(0, false);
    world.browser_sends_rtp(1, true);
    world.media->audio_active = true;
    world.media->video_active = false;
    world.browser_sends_rtp(0, false);
    world.browser_sends_rtp(1, true);
    ck_assert(same(world.lane->sent, {"rtp stream=1 octets=20", "rtp stream=0 octets=20"}));
}
END_TEST

START_TEST(an_index_that_no_stream_has_is_dropped) {
    const World world;
    for (const int mindex : {-1, 64, 256, 257}) {
        world.browser_sends_rtp(mindex, true);
        world.browser_sends_rtcp(mindex, pli);
    }
    ck_assert(same(world.lane->sent, {}));
}
END_TEST

START_TEST(without_a_lane_packets_are_dropped) {
    World world;
    world.media->disconnect();
    ck_assert(!world.media->connected());
    world.browser_sends_rtp(0, false);
    world.browser_sends_rtcp(1, pli);
    world.media->receive(PacketKind::rtp, 0, rtp());
    world.media->receive(PacketKind::rtcp, 0, pli);
    ck_assert(same(world.lane->sent, {}));
    ck_assert(same(world.finish(), {}));
    ck_assert(world.gateway.rtp().empty());
    ck_assert_uint_eq(world.media->stats().packets_sent, 0);
}
END_TEST

START_TEST(disconnecting_lets_the_lane_go) {
    World world;
    const std::weak_ptr<FakeLane> watch = world.lane;
    world.lane.reset();
    ck_assert(!watch.expired());
    world.media->disconnect();
    ck_assert(watch.expired());
}
END_TEST

START_TEST(what_the_lane_brings_goes_to_the_browser) {
    const World world;
    world.media->receive(PacketKind::rtp, 0, rtp());
    world.media->receive(PacketKind::rtp, 1, rtp());
    const auto packets = world.gateway.rtp();
    ck_assert_uint_eq(packets.size(), 2);
    ck_assert_int_eq(packets[0].mindex, 0);
    ck_assert(!packets[0].video);
    ck_assert_int_eq(packets[1].mindex, 1);
    ck_assert(packets[1].video);
    ck_assert(world.gateway.bodies()[1] == rtp());
}
END_TEST

START_TEST(a_stream_that_was_not_negotiated_is_dropped) {
    World world;
    for (const std::uint8_t stream : {2, 3, 63, 255}) {  // 2 is data
        world.media->receive(PacketKind::rtp, stream, rtp());
        world.media->receive(PacketKind::rtcp, stream, pli);
    }
    world.media->receive(PacketKind::control, 0, rtp());
    ck_assert(world.gateway.rtp().empty());
    ck_assert(same(world.finish(), {}));
}
END_TEST

START_TEST(the_header_extensions_are_carried_over) {
    const World world;
    world.media->receive(PacketKind::rtp, 0, rtp({0x10, 0x80 | 30}));
    world.media->receive(PacketKind::rtp, 1, rtp({0x40, 0x08 | 0x04 | 0x02 | 0x01}));
    const auto packets = world.gateway.rtp();
    ck_assert_uint_eq(packets.size(), 2);
    ck_assert_int_eq(packets[0].extensions.audio_level, 30);
    ck_assert(packets[0].extensions.audio_level_vad);
    ck_assert_int_eq(packets[0].extensions.video_rotation, -1);
    ck_assert_int_eq(packets[1].extensions.audio_level, -1);
    ck_assert_int_eq(packets[1].extensions.video_rotation, 270);
    ck_assert(packets[1].extensions.video_back_camera);
    ck_assert(packets[1].extensions.video_flipped);
    ck_assert_int_eq(packets[1].extensions.min_delay, -1);
}
END_TEST

START_TEST(no_extension_is_read_that_was_not_agreed) {
    const World world;
    world.media->receive(PacketKind::rtp, 0, rtp({0x40, 0x0f, 0x52, 1, 2, 3}));
    const auto packets = world.gateway.rtp();
    ck_assert_uint_eq(packets.size(), 1);
    ck_assert_int_eq(packets[0].extensions.audio_level, -1);
    ck_assert_int_eq(packets[0].extensions.video_rotation, -1);
    ck_assert_int_eq(packets[0].extensions.min_delay, -1);
    ck_assert_int_eq(packets[0].extensions.dd_len, 0);
}
END_TEST

START_TEST(what_is_no_rtp_is_dropped) {
    const World world;
    for (const Octets& octets : {Octets{}, Octets(11, 0x80), Octets(12, 0x40), Octets(UINT16_MAX + 1, 0x80)})
        world.media->receive(PacketKind::rtp, 0, octets);
    ck_assert(world.gateway.rtp().empty());
}
END_TEST

START_TEST(a_playout_delay_is_carried_over_even_when_it_is_none) {
    const World world;
    world.media->receive(PacketKind::rtp, 1, rtp({0x52, 0, 0, 0}));
    world.media->receive(PacketKind::rtp, 1, rtp({0x52, 0x12, 0x3a, 0xbc}));
    world.media->receive(PacketKind::rtp, 1, rtp({0x51, 0, 0}));  // too short
    const auto packets = world.gateway.rtp();
    ck_assert_int_eq(packets[0].extensions.min_delay, 0);
    ck_assert_int_eq(packets[0].extensions.max_delay, 0);
    ck_assert_int_eq(packets[1].extensions.min_delay, 0x123);
    ck_assert_int_eq(packets[1].extensions.max_delay, 0xabc);
    ck_assert_int_eq(packets[2].extensions.min_delay, -1);
}
END_TEST

START_TEST(a_dependency_descriptor_is_carried_over_whole) {
    const World world;
    Octets elements = {6, 40};
    for (std::uint8_t i = 0; i < 40; ++i) elements.push_back(i);
    const Octets packet = tests::Rtp{.elements = elements, .profile = 0x1000}.octets();
    world.media->receive(PacketKind::rtp, 1, packet);
    const auto packets = world.gateway.rtp();
    ck_assert_int_eq(packets[0].extensions.dd_len, 40);
    ck_assert_int_eq(packets[0].extensions.dd_content[39], 39);
}
END_TEST

START_TEST(a_renegotiation_opens_other_mlines_in_the_same_lane) {
    World world;
    world.media->receive(PacketKind::rtp, 3, rtp());
    world.media->renegotiated({audio, video, data, audio});
    world.media->receive(PacketKind::rtp, 3, rtp());
    ck_assert_uint_eq(world.gateway.rtp().size(), 1);
    ck_assert_int_eq(world.gateway.rtp()[0].mindex, 3);
    world.media->disconnect();
    world.media->renegotiated({audio});
    ck_assert(!world.media->connected());
}
END_TEST

// ---- Keyframes

START_TEST(many_requests_for_a_keyframe_become_one) {
    World world;
    for (int i = 0; i < 20; ++i) world.media->receive(PacketKind::rtcp, 1, pli);
    ck_assert(same(world.finish(), {"rtcp stream=1 video octets=12"}));
}
END_TEST

START_TEST(one_that_came_too_soon_is_made_with_a_later_packet) {
    World world;
    world.media->receive(PacketKind::rtcp, 1, pli);
    world.media->receive(PacketKind::rtcp, 1, pli);
    world.browser_sends_rtp(1, true);
    std::this_thread::sleep_for(plugin::KeyframeRequests::least_interval);
    world.browser_sends_rtp(0, false);
    world.browser_sends_rtp(1, true);
    world.browser_sends_rtp(1, true);
    ck_assert(same(world.finish(), {"rtcp stream=1 video octets=12", "pli stream=1"}));
}
END_TEST

// ---- Data

void browser_sends_data(const World& world, std::string text, const char* label, bool binary = false) {
    std::string name = label ? label : "";
    janus_plugin_data message{};
    message.label = label ? name.data() : nullptr;
    message.binary = binary;
    message.buffer = text.data();
    message.length = static_cast<std::uint16_t>(text.size());
    world.media->incoming_data(message);
}

gst::DataMessage message(std::string_view text, std::string_view label = "chat", bool binary = false) {
    return {label, "proto", binary, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}};
}

START_TEST(the_browsers_messages_go_into_the_lane) {
    const World world;
    browser_sends_data(world, "hello", "chat");
    browser_sends_data(world, "x", nullptr, true);
    browser_sends_data(world, "", "chat");  // Janus has no empty ones
    ck_assert(same(world.lane->sent, {"data label=chat octets=5", "data label= octets=1"}));
}
END_TEST

START_TEST(messages_are_accepted_when_the_browsers_channel_is_open) {
    World world;
    ck_assert(!world.lane->accepts_data);
    world.media->data_ready();
    ck_assert(world.lane->accepts_data);
    world.media->receive_data(message("hello"));
    world.media->receive_data(message("bytes", "file", true));
    ck_assert(same(world.finish(), {"data text chat/proto: hello", "data binary file/proto: bytes"}));
}
END_TEST

START_TEST(a_channel_that_is_open_before_the_call_is_up_is_remembered_until_it_closes) {
    World world;
    world.media->disconnect();
    world.media->data_ready();
    const auto next = std::make_shared<FakeLane>(world.media);
    world.media->connect(next, {data});
    ck_assert(next->accepts_data);
    world.media->disconnect();
    world.media->data_closed();
    const auto last = std::make_shared<FakeLane>(world.media);
    world.media->connect(last, {data});
    ck_assert(!last->accepts_data);
}
END_TEST

START_TEST(messages_keep_their_order_while_janus_has_no_room) {
    World world;
    world.media->data_ready();
    const std::string large(12'000, 'x');
    for (int i = 0; i < 5; ++i) world.media->receive_data(message(std::to_string(i) + large));
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
    ck_assert_uint_eq(world.gateway.lines().size(), 2);
    world.media->data_ready();
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
    world.media->data_ready();
    const auto lines = world.finish();
    ck_assert_uint_eq(lines.size(), 5);
    for (std::size_t i = 0; i < 5; ++i)
        ck_assert(same(lines[i], "data text chat/proto: " + std::to_string(i) + std::string(19, 'x')));
}
END_TEST

START_TEST(a_message_that_cannot_be_kept_is_told) {
    World world;
    std::atomic<int> lost{0};
    world.media->on_data_lost([&] { ++lost; });
    world.lane->data_verdict = gst::DataVerdict::full;
    browser_sends_data(world, "hello", "chat");
    world.lane->data_verdict = gst::DataVerdict::closed;  // the call ends anyway
    browser_sends_data(world, "hello", "chat");
    world.media->receive_data(message(std::string(UINT16_MAX + 1, 'x')));
    world.finish();
    ck_assert_int_eq(lost, 2);
}
END_TEST

// ---- Layers

/// What Janus hands over of a browser that simulcasts.
void browser_sends_layer(const World& world, int layer, std::uint16_t sequence, bool keyframe) {
    Octets octets = tests::Rtp{.sequence = sequence,
                               .ssrc = static_cast<std::uint32_t>(100 * (layer + 1)),
                               .payload = tests::Vp8{.keyframe = keyframe}.octets()}
                        .octets();
    janus_plugin_rtp packet{};
    packet.mindex = 1;
    packet.video = TRUE;
    packet.buffer = reinterpret_cast<char*>(octets.data());
    packet.length = static_cast<std::uint16_t>(octets.size());
    world.media->incoming_rtp(packet);
}

START_TEST(the_layer_of_a_packet_stands_in_the_lane) {
    const World world;
    world.media->simulcasts({{.mindex = 1, .rids = {}, .ssrcs = {100, 200, 300}, .rid_extension = 0}});
    for (const int layer : {0, 1, 2, 3}) browser_sends_layer(world, layer, 1, true);  // 3 is none
    world.browser_sends_rtp(0, false);
    ck_assert(same(world.lane->sent, {"rtp stream=65 octets=20", "rtp stream=129 octets=20",
                                      "rtp stream=193 octets=20", "rtp stream=0 octets=20"}));
}
END_TEST

START_TEST(one_layer_reaches_the_browser_and_it_is_told_which) {
    World world;
    world.media->renegotiated({audio, MLine{.video = true, .formats = {{96, "vp8"}}}});
    const auto layer = [&](int number, std::uint16_t sequence, bool keyframe) {
        world.media->receive(PacketKind::rtp, static_cast<std::uint8_t>((number + 1) << 6 | 1),
                             tests::Rtp{.sequence = sequence,
                                        .payload = tests::Vp8{.keyframe = keyframe, .temporal = 2}.octets()}
                                 .octets());
    };
    layer(0, 500, true);
    layer(0, 501, false);
    layer(2, 9000, true);
    layer(0, 502, false);
    layer(2, 9001, false);
    std::vector<int> sequences;
    for (const auto& body : world.gateway.bodies())
        sequences.push_back(plugin::RtpPacket::parse(body)->sequence());
    ck_assert(sequences == (std::vector{500, 501, 502, 503}));
    ck_assert(world.media->layers().at(1) == (std::pair{2, 2}));
    world.media->aim({.substream = 2, .temporal = {}, .fallback = {}});
    ck_assert(same(world.finish(),
                   {"- simulcast videocodec=vp8 substream=0", "- simulcast videocodec=vp8 temporal=2",
                    "- simulcast videocodec=vp8 substream=2", "- simulcast videocodec=vp8 substream=2"}));
}
END_TEST

START_TEST(a_layer_without_a_keyframe_makes_us_ask_for_one) {
    World world;
    world.media->renegotiated({audio, MLine{.video = true, .formats = {{96, "vp8"}}}});
    world.media->receive(PacketKind::rtp, 0x41, tests::Rtp{.payload = tests::Vp8{}.octets()}.octets());
    world.finish();
    ck_assert(same(world.lane->sent, {"rtcp stream=1 octets=12"}));
}
END_TEST

START_TEST(rtcp_from_the_lane_leaves_by_the_outbox) {
    World world;
    world.media->receive(PacketKind::rtcp, 1, pli);
    world.media->receive(PacketKind::rtcp, 0, pli);
    ck_assert(same(world.finish(), {"rtcp stream=1 video octets=12", "rtcp stream=0 audio octets=12"}));
}
END_TEST

START_TEST(rtcp_does_not_pile_up_behind_a_slow_core) {
    World world;
    std::latch running{1}, go{1};
    world.outbox.post(world.queue, [&] {
        running.count_down();
        go.wait();
    });
    running.wait();
    for (int i = 0; i < 1000; ++i) world.media->receive(PacketKind::rtcp, 1, report);
    world.media->send_pli();
    go.count_down();
    ck_assert(same(world.finish(), Lines(Outbox::feedback_queued_max, "rtcp stream=1 video octets=8")));
}
END_TEST

START_TEST(a_remb_is_answered_with_the_cap_and_told_the_other_side) {
    World world;
    world.browser_sends_rtcp(1, remb(200));
    world.media->bitrate = 128'000;
    world.browser_sends_rtcp(1, remb(200));
    ck_assert(same(world.lane->sent, {"rtcp stream=1 octets=24", "rtcp stream=1 octets=24"}));
    ck_assert(same(world.finish(), {"remb 10000000", "remb 128000"}));
}
END_TEST

START_TEST(a_browser_is_told_the_least_of_cap_lane_and_receiver) {
    World world;
    world.media->available_changed(900'000);
    world.media->bitrate = 500'000;
    world.media->send_remb();
    for (const std::uint8_t kilobits : {250, 100}) {  // it falls
        auto packet = remb(kilobits);
        packet[17] = 10 << 2;  // times 1024
        world.media->receive(PacketKind::rtcp, 1, packet);
    }
    world.media->available_changed(90'000);
    ck_assert(
        same(world.finish(), {"remb 900000", "remb 500000", "remb 500000", "remb 102400", "remb 90000"}));
}
END_TEST

START_TEST(the_receiver_is_no_limit_for_who_simulcasts) {
    World world;
    world.media->simulcasts({{.mindex = 1, .rids = {}, .ssrcs = {100, 200, 300}, .rid_extension = 0}});
    for (const std::uint8_t bits : {250, 100}) world.media->receive(PacketKind::rtcp, 1, remb(bits));
    ck_assert(same(world.finish(), {}));
}
END_TEST

START_TEST(a_lane_that_is_narrow_from_the_beginning_is_told_with_the_first_picture) {
    World world;
    world.media->disconnect();
    world.lane->carries = 300'000;
    world.media->connect(world.lane, {audio, video, data});
    world.browser_sends_rtp(0, false);
    world.browser_sends_rtp(1, true);
    world.browser_sends_rtp(1, true);
    ck_assert(same(world.finish(), {"remb 300000"}));
}
END_TEST

START_TEST(an_empty_rtcp_packet_is_harmless) {
    const World world;
    world.browser_sends_rtcp(1, {});
    world.browser_sends_rtcp(1, {0x80});
    world.media->receive(PacketKind::rtcp, 1, Octets{});
}
END_TEST

START_TEST(two_browsers_hear_each_other_while_calls_come_and_go) {
    World alice, bob;
    gst::LocalLanes lanes;
    std::atomic<bool> stop{false};
    std::thread packets{[&] {
        while (!stop) {
            alice.browser_sends_rtp(0, false);
            bob.browser_sends_rtcp(1, pli);
        }
    }};
    for (int call = 0; call < 500; ++call) {
        const auto number = static_cast<federation::LaneId>(2 * call + 2);
        alice.media->connect(lanes.open(number, alice.media), {audio, video});
        bob.media->connect(lanes.open(number, bob.media), {audio, video});
        bob.media->disconnect();
        alice.media->disconnect();
    }
    stop = true;
    packets.join();
    ck_assert_uint_eq(lanes.size(), 0);
}
END_TEST

}  // namespace

int main() {
    return run_suite("media", {what_the_browser_sends_goes_into_the_lane,
                               what_is_muted_stays_here,
                               an_index_that_no_stream_has_is_dropped,
                               without_a_lane_packets_are_dropped,
                               disconnecting_lets_the_lane_go,
                               what_the_lane_brings_goes_to_the_browser,
                               a_stream_that_was_not_negotiated_is_dropped,
                               the_header_extensions_are_carried_over,
                               no_extension_is_read_that_was_not_agreed,
                               what_is_no_rtp_is_dropped,
                               a_playout_delay_is_carried_over_even_when_it_is_none,
                               a_dependency_descriptor_is_carried_over_whole,
                               a_renegotiation_opens_other_mlines_in_the_same_lane,
                               many_requests_for_a_keyframe_become_one,
                               one_that_came_too_soon_is_made_with_a_later_packet,
                               the_browsers_messages_go_into_the_lane,
                               messages_are_accepted_when_the_browsers_channel_is_open,
                               a_channel_that_is_open_before_the_call_is_up_is_remembered_until_it_closes,
                               messages_keep_their_order_while_janus_has_no_room,
                               a_message_that_cannot_be_kept_is_told,
                               the_layer_of_a_packet_stands_in_the_lane,
                               one_layer_reaches_the_browser_and_it_is_told_which,
                               a_layer_without_a_keyframe_makes_us_ask_for_one,
                               rtcp_from_the_lane_leaves_by_the_outbox,
                               rtcp_does_not_pile_up_behind_a_slow_core,
                               a_remb_is_answered_with_the_cap_and_told_the_other_side,
                               a_browser_is_told_the_least_of_cap_lane_and_receiver,
                               the_receiver_is_no_limit_for_who_simulcasts,
                               a_lane_that_is_narrow_from_the_beginning_is_told_with_the_first_picture,
                               an_empty_rtcp_packet_is_harmless,
                               two_browsers_hear_each_other_while_calls_come_and_go});
}
