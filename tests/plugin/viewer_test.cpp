// SPDX-License-Identifier: GPL-3.0-or-later
/// Watching a stream as a client sees it, with the signalling as it is, and no browser.
#include "plugin/viewer.h"

#include <vector>

#include "tests/check.h"
#include "tests/plugin/stream_world.h"

using namespace plugin;
using federation::Reason;
using tests::Lines;
using tests::picture_alone;
using tests::picture_and_sound;
using tests::same;
using tests::StreamWorld;

namespace {

class Host final : public RoomHost {
public:
    void post_to_loop(std::function<void()> task) override { task(); }
    void run_later(std::chrono::milliseconds /*delay*/, std::function<void()> task) override {
        tasks.push_back(std::move(task));
    }
    std::uint64_t chance() override { return 4; }
    [[nodiscard]] bool signs_tokens() const override { return false; }
    [[nodiscard]] bool is_signed(const std::string& /*token*/,
                                 const std::string& /*descriptor*/) const override {
        return false;
    }
    std::shared_ptr<Recording> record_feed(const std::string& /*base*/, const std::vector<MLine>& /*mlines*/,
                                           bool /*encrypted*/) override {
        return nullptr;
    }
    void later() {
        for (const auto& task : std::exchange(tasks, {})) task();
    }
    std::vector<std::function<void()>> tasks;
};

std::string description(const char* type, const std::vector<const char*>& mlines) {
    std::string sdp = "v=0\\r\\no=- 1 1 IN IP4 127.0.0.1\\r\\ns=-\\r\\nt=0 0\\r\\n";
    for (const char* line : mlines) sdp += line;
    return std::string{R"({"type":")"} + type + R"(","sdp":")" + sdp + "\"}";
}
const char* picture = "m=video 9 UDP/TLS/RTP/SAVPF 96\\r\\na=recvonly\\r\\na=rtpmap:96 VP8/90000\\r\\n";
const char* no_picture = "m=video 0 UDP/TLS/RTP/SAVPF 96\\r\\na=inactive\\r\\na=rtpmap:96 VP8/90000\\r\\n";
const char* sound = "m=audio 9 UDP/TLS/RTP/SAVPF 111\\r\\na=recvonly\\r\\na=rtpmap:111 opus/48000/2\\r\\n";
const char* no_sound = "m=audio 0 UDP/TLS/RTP/SAVPF 111\\r\\na=inactive\\r\\na=rtpmap:111 opus/48000/2\\r\\n";

struct Client {
    StreamWorld world;
    Host host;
    tests::FakeHandle handle;
    tests::FakeGateway gateway;
    Outbox outbox;
    std::shared_ptr<Viewer> viewer =
        std::make_shared<Viewer>(world.streams, host, gateway, outbox,
                                 std::make_shared<Handle>(&handle.session), Outbox::make_queue());
    ~Client() { viewer->destroy(); }
    Client() = default;
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void ask(const std::string& message, const std::string& jsep = "") const {
        viewer->handle("t", load(message), load(jsep));
    }
    federation::SubscriptionId watch(const std::string& about = picture_and_sound) {
        ask(R"({"request":"watch","uri":")" + world.uri().text() + "\"}");
        return world.accept(about);
    }
    /// Watches until packets flow.
    federation::SubscriptionId play() {
        auto id = watch();
        ask(R"({"request":"start"})", description("answer", {picture, sound}));
        viewer->media_up();
        return id;
    }
    /// A packet of the publisher's; true if the browser gets one.
    bool gets(std::uint8_t stream, bool keyframe = true) {
        const auto before = gateway.rtp().size();
        const auto octets = stream == 0 ? tests::Rtp{.sequence = ++sequence,
                                                     .payload = tests::Vp8{.keyframe = keyframe}.octets()}
                                              .octets()
                                        : tests::Rtp{.payload_type = 97, .sequence = ++sequence}.octets();
        for (const auto& [number, lane] : world.lanes)
            if (const auto open = lane.lock()) open->receiver->receive(gst::PacketKind::rtp, stream, octets);
        return gateway.rtp().size() > before;
    }
    std::uint16_t sequence = 0;
    /// What the client was told: "t preparing +offer", "- started".
    Lines statuses() {
        outbox.stop();
        Lines lines;
        for (const auto& line : gateway.lines()) {
            const auto at = line.find("status=");
            const auto end = at == std::string::npos ? at : line.find(' ', at);
            const auto offer = line.find(" +");
            const auto code = line.find("reason_code=");
            lines.push_back(at == std::string::npos
                                ? line.substr(0, line.find(':'))
                                : line.substr(0, 2) + line.substr(at + 7, end - at - 7) +
                                      (code == std::string::npos ? "" : " " + line.substr(code + 12)) +
                                      (offer == std::string::npos ? "" : line.substr(offer)));
        }
        return lines;
    }
};

START_TEST(a_stream_is_offered_started_paused_and_stopped) {
    Client c;
    (void)c.watch();
    ck_assert(c.viewer->engaged());
    c.ask(R"({"request":"start"})");
    c.ask(R"({"request":"start"})", description("answer", {picture, sound}));
    ck_assert(!c.gets(0));
    c.viewer->media_up();
    ck_assert(c.gets(0) && c.gets(1));
    c.ask(R"({"request":"pause"})");
    ck_assert(!c.gets(0) && !c.gets(1));
    c.ask(R"({"request":"start"})");
    ck_assert(!c.gets(0, false));
    ck_assert(c.gets(0) && c.gets(1));
    c.ask(R"({"request":"stop"})");
    ck_assert(!c.gets(0));
    ck_assert_uint_eq(c.world.streams.size(), 0);
    ck_assert(c.viewer->engaged());
    c.viewer->media_gone();
    ck_assert(!c.viewer->engaged());
    c.ask(R"({"request":"stop"})");
    ck_assert(
        same(c.statuses(), {"t preparing +offer", "t error 461 missing-sdp", "t starting", "- started",
                            "t pausing", "t started", "close_pc", "t stopping", "- stopped", "t idle"}));
}
END_TEST

/// As a browser says it.
void estimate(const Client& c, std::uint32_t bits_per_second) {
    auto octets = write_remb(bits_per_second);
    janus_plugin_rtcp packet{};
    packet.mindex = 0;
    packet.buffer = reinterpret_cast<char*>(octets.data());
    packet.length = static_cast<std::uint16_t>(octets.size());
    c.viewer->media().incoming_rtcp(packet);
}

START_TEST(the_publisher_is_told_what_a_browser_can_receive_once_that_has_fallen) {
    Client c;
    (void)c.play();
    const auto lane = c.world.lanes.begin()->second.lock();
    estimate(c, 1'000'000);
    estimate(c, 300'000);
    c.ask(R"({"request":"pause"})");
    estimate(c, 200'000);
    c.world.outbox.stop();
    std::vector<std::uint32_t> told;
    for (const auto& packet : lane->packets)
        if (const auto bits = read_remb(packet)) told.push_back(*bits);
    ck_assert(told == (std::vector<std::uint32_t>{300'000}));
}
END_TEST

START_TEST(packets_leave_under_the_offered_numbers) {
    Client c;
    (void)c.play();
    (void)c.gets(0);
    (void)c.gets(1);
    const auto bodies = c.gateway.bodies();
    ck_assert_int_eq(RtpPacket::parse(bodies.at(0))->payload_type(), 96);
    ck_assert_int_eq(RtpPacket::parse(bodies.at(1))->payload_type(), 111);
    ck_assert_int_eq(c.gateway.rtp().at(1).mindex, 1);
}
END_TEST

START_TEST(a_keyframe_is_asked_for_when_it_starts) {
    Client c;
    (void)c.watch();
    const auto lane = c.world.lanes.begin()->second.lock();
    ck_assert(lane->sent.empty());
    c.ask(R"({"request":"start"})", description("answer", {picture, sound}));
    c.viewer->media_up();
    c.outbox.stop();
    c.world.outbox.stop();
    ck_assert_uint_eq(lane->sent.size(), 1);
    ck_assert(lane->sent.at(0).starts_with("rtcp stream=0 "));
}
END_TEST

START_TEST(what_cannot_be_is_refused) {
    Client c;
    for (const char* request : {R"({"request":"start"})", R"({"request":"pause"})", R"({"request":"dance"})"})
        c.ask(request);
    (void)c.watch();
    c.ask(R"({"request":"watch","uri":"viaduct:stream/cam"})");
    c.ask(R"({"request":"start"})", description("offer", {picture, sound}));
    c.ask(R"({"request":"start"})", R"({"type":"answer","sdp":"?"})");
    ck_assert(same(c.statuses(),
                   {"t error 460 watch-first", "t error 460 watch-first", "t error 452 unknown-request",
                    "t preparing +offer", "t error 460 already-watching", "t error 461 invalid-sdp",
                    "t error 461 invalid-sdp"}));
}
END_TEST

START_TEST(who_is_refused_is_told_and_may_try_again) {
    Client c;
    c.ask(R"({"request":"watch","uri":")" + c.world.uri().text() + "\"}");
    const auto wanted = c.world.world.wait<federation::FeedWanted>(*c.world.there);
    (*c.world.there)->end_subscription(wanted->subscription, Reason::declined, c.world.world.now());
    c.world.run();
    ck_assert(!c.viewer->engaged());
    (void)c.watch();
    ck_assert(c.viewer->engaged());
    ck_assert(same(c.statuses(), {"t error 457 declined", "t preparing +offer"}));
}
END_TEST

START_TEST(a_publisher_that_comes_back_is_watched_on_in_the_same_numbers) {
    Client c;
    auto id = c.play();
    (void)c.gets(0);
    (*c.world.there)->end_subscription(id, Reason::server_unreachable, c.world.world.now());
    c.world.run();
    ck_assert(!c.gets(0));
    c.host.later();
    id = c.world.accept(picture_and_sound);
    c.sequence = 5000;
    ck_assert(!c.gets(0, false));
    ck_assert(c.gets(0));
    const auto bodies = c.gateway.bodies();
    ck_assert_uint_eq(bodies.size(), 2);
    const int step = RtpPacket::parse(bodies[1])->sequence() - RtpPacket::parse(bodies[0])->sequence();
    ck_assert_int_eq(step, 1);
    (*c.world.there)->end_subscription(id, Reason::declined, c.world.world.now());
    c.world.run();
    c.viewer->media_gone();
    ck_assert(same(c.statuses(),
                   {"t preparing +offer", "t starting", "- started", "- interrupted server-unreachable",
                    "- started", "- interrupted declined", "- stopped declined", "close_pc"}));
}
END_TEST

START_TEST(another_description_is_another_offer_when_the_last_is_answered) {
    Client c;
    const auto id = c.watch(picture_alone);
    (*c.world.there)->change_feed(id, picture_and_sound, c.world.world.now());
    c.world.run();
    c.ask(R"({"request":"start"})", description("answer", {picture}));
    c.viewer->media_up();
    ck_assert(c.gets(0) && !c.gets(1));
    c.host.later();
    c.ask(R"({"request":"start"})", description("answer", {picture, sound}));
    ck_assert(c.gets(1));
    // Another payload type is nothing to the browser; another stream less is.
    (*c.world.there)->change_feed(id, picture_alone, c.world.world.now());
    c.world.run();
    ck_assert(same(c.statuses(), {"t preparing +offer", "t starting", "- started", "- updating +offer",
                                  "t started", "- updating +offer"}));
    const auto last = load(c.gateway.jseps().at(2));
    const auto lines = parse_sdp_lines(json_string_value(json_object_get(last.get(), "sdp")));
    ck_assert(lines->at(0).sends && !lines->at(1).sends);
}
END_TEST

START_TEST(the_end_of_the_stream_is_the_end) {
    Client c;
    const auto id = c.play();
    (*c.world.there)->change_feed(id, R"({"streams":[],"ended":true})", c.world.world.now());
    c.world.run();
    ck_assert_uint_eq(c.world.streams.size(), 0);
    c.viewer->media_gone();
    ck_assert(!c.viewer->engaged());
    ck_assert(same(c.statuses(),
                   {"t preparing +offer", "t starting", "- started", "- stopped hangup", "close_pc"}));
}
END_TEST

START_TEST(an_answer_that_takes_nothing_is_no_common_codec) {
    Client c;
    (void)c.watch();
    c.ask(R"({"request":"start"})", description("answer", {no_picture, no_sound}));
    ck_assert_uint_eq(c.world.streams.size(), 0);
    c.host.later();
    ck_assert(!c.viewer->engaged());
    ck_assert(same(c.statuses(),
                   {"t preparing +offer", "close_pc", "t error 470 incompatible-codecs", "- stopped"}));
}
END_TEST

START_TEST(a_part_that_the_browser_cannot_play_is_left_out) {
    Client c;
    (void)c.watch();
    c.ask(R"({"request":"start"})", description("answer", {no_picture, sound}));
    c.viewer->media_up();
    ck_assert(!c.gets(0) && c.gets(1));
}
END_TEST

START_TEST(a_stream_without_anything_to_play_is_none) {
    Client c;
    (void)c.watch(R"({"streams":[]})");
    ck_assert(!c.viewer->engaged());
    ck_assert_uint_eq(c.world.streams.size(), 0);
    ck_assert(same(c.statuses(), {"t error 470 incompatible-codecs"}));
}
END_TEST

START_TEST(a_handle_that_is_gone_leaves_nothing) {
    Client c;
    (void)c.play();
    c.viewer->destroy();
    ck_assert_uint_eq(c.world.streams.size(), 0);
    c.world.outbox.stop();  // whose thread may hold one for a moment
    ck_assert_uint_eq(c.world.open_lanes(), 0);
    c.world.run();
    ck_assert_uint_eq((*c.world.there)->subscriptions(), 0);
    c.ask(R"({"request":"watch","uri":"viaduct:stream/cam"})");
    ck_assert_uint_eq(c.statuses().size(), 3);
}
END_TEST

START_TEST(who_looks_at_the_handle_sees_what_is_watched) {
    Client c;
    (void)c.play();
    (void)c.gets(0);
    const auto info = c.viewer->info();
    const auto text = [&](const char* key) {
        const char* value = json_string_value(json_object_get(info.get(), key));
        return std::string{value ? value : ""};
    };
    ck_assert(same(text("type"), "viewer"));
    ck_assert(same(text("state"), "watching"));
    ck_assert(text("uri") == c.world.uri().text());
    ck_assert(text("server") == (*c.world.there)->id().hex().c_str());
    ck_assert(json_object_get(info.get(), "lane"));
    ck_assert_uint_eq(json_array_size(json_object_get(info.get(), "streams")), 2);
}
END_TEST

}  // namespace

int main() {
    return run_suite(
        "viewer", {a_stream_is_offered_started_paused_and_stopped,
                   the_publisher_is_told_what_a_browser_can_receive_once_that_has_fallen,
                   packets_leave_under_the_offered_numbers, a_keyframe_is_asked_for_when_it_starts,
                   what_cannot_be_is_refused, who_is_refused_is_told_and_may_try_again,
                   a_publisher_that_comes_back_is_watched_on_in_the_same_numbers,
                   another_description_is_another_offer_when_the_last_is_answered,
                   the_end_of_the_stream_is_the_end, an_answer_that_takes_nothing_is_no_common_codec,
                   a_part_that_the_browser_cannot_play_is_left_out, a_stream_without_anything_to_play_is_none,
                   a_handle_that_is_gone_leaves_nothing, who_looks_at_the_handle_sees_what_is_watched});
}
