// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/publish_answer.h"

#include "tests/check.h"
#include "tests/plugin/same.h"

using namespace plugin;
using tests::same;

namespace {

const std::string offer =
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 63 111 0\r\na=mid:a\r\na=sendonly\r\n"
    "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\na=extmap:4 "
    "urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
    "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 "
    "minptime=10;useinbandfec=1\r\n"
    "m=video 9 UDP/TLS/RTP/SAVPF 96 98 102 103\r\na=mid:v\r\na=sendrecv\r\n"
    "a=extmap:3/sendonly urn:3gpp:video-orientation\r\na=extmap:10 "
    "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n"
    "a=extmap:5 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n"
    "a=rtpmap:96 VP8/90000\r\na=rtpmap:98 VP9/90000\r\na=fmtp:98 profile-id=2\r\n"
    "a=rtpmap:102 H264/90000\r\na=fmtp:102 profile-level-id=42001f;packetization-mode=0\r\n"
    "a=rtpmap:103 H264/90000\r\na=fmtp:103 profile-level-id=42e01f;packetization-mode=1\r\n"
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:d\r\na=sctp-port:5000\r\n";

PublishAnswer answer(const RoomSettings& room = {}, const PublishWish& wish = {}) {
    const auto lines = parse_sdp_lines(offer);
    ck_assert(lines.has_value());
    return answer_offer(*lines, room, wish, 5, 2);
}

bool has(const std::string& text, const std::string& what) {
    if (text.find(what) != std::string::npos) return true;
    return same(text, what);
}

START_TEST(what_the_room_takes_is_answered_and_described) {
    const auto taken = answer();
    ck_assert(same(taken.audio_codec + " " + taken.video_codec, "opus vp8"));
    ck_assert_uint_eq(taken.streams.size(), 3);
    const auto& [audio, video, data] = std::tie(taken.streams[0], taken.streams[1], taken.streams[2]);
    ck_assert(audio.payload_type == 111 && audio.red == 63 && audio.fec && audio.audio_level == 1);
    ck_assert(video.payload_type == 96 && video.orientation == 3 && !video.disabled);
    ck_assert(data.data() && !data.disabled);
    ck_assert(has(taken.sdp, "m=audio 9 UDP/TLS/RTP/SAVPF 63 111\r\n"));
    ck_assert(has(taken.sdp, "a=fmtp:63 111/111\r\n"));
    ck_assert(has(taken.sdp, "a=rtcp-fb:96 transport-cc\r\n"));
    ck_assert(has(taken.sdp, "a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n"));
    ck_assert(has(taken.sdp, "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"));
    const auto again = parse_sdp_lines(taken.sdp);
    ck_assert(again && again->size() == 3 && !(*again)[1].sends && (*again)[1].receives);
}
END_TEST

START_TEST(the_rooms_preference_counts_and_the_clients_within_it) {
    RoomSettings room;
    room.videocodec = {"h264", "vp8"};
    ck_assert(same(answer(room).video_codec, "h264"));
    ck_assert_int_eq(answer(room).streams[1].payload_type, 103);
    ck_assert(same(answer(room, {.audiocodec = {}, .videocodec = "vp8"}).video_codec, "vp8"));
    ck_assert(same(answer(room, {.audiocodec = {}, .videocodec = "vp9"}).video_codec, "h264"));
}
END_TEST

START_TEST(what_the_room_does_not_take_is_rejected) {
    RoomSettings room;
    room.videocodec = {"av1"};
    room.audiolevel_ext = room.transport_wide_cc_ext = false;
    const auto taken = answer(room);
    ck_assert(taken.video_codec.empty());
    ck_assert(taken.streams[1].disabled);
    ck_assert(has(taken.sdp, "m=video 0 "));
    ck_assert(taken.sdp.find("audio-level") == std::string::npos);
    ck_assert_int_eq(taken.streams[0].audio_level, 0);
}
END_TEST

START_TEST(what_is_not_sent_is_no_stream) {
    auto lines = *parse_sdp_lines(offer);
    lines[1].sends = false;
    const auto taken = answer_offer(lines, {}, {}, 5, 2);
    ck_assert(taken.streams[1].disabled);
    ck_assert(has(taken.sdp, "a=inactive"));
    ck_assert(taken.video_codec.empty());
}
END_TEST

START_TEST(hostile_offers_are_no_offers_or_harmless) {
    for (const char* text : {"", "v=0", "m=audio", "v=0\r\nm=audio 9 RTP/AVP\r\n"}) {
        const auto lines = parse_sdp_lines(text);
        if (lines) answer_offer(*lines, {}, {}, 1, 1);
    }
    const auto odd = parse_sdp_lines(
        "v=0\r\no=- 1 1 IN IP4 1.1.1.1\r\ns=-\r\nt=0 0\r\nm=video 9 X 96 999 "
        "-1\r\na=rtpmap:96\r\na=rtpmap:96 VP8\r\n"
        "a=extmap:0 x\r\na=extmap:9999 x\r\na=extmap:\r\na=fmtp:\r\na=mid\r\nm=text 9 X 1\r\n");
    ck_assert(odd && odd->size() == 2);
    ck_assert((*odd)[1].kind == SdpLine::Kind::other);
    ck_assert(answer_offer(*odd, {}, {}, 1, 1).streams[1].disabled);
}
END_TEST

}  // namespace

int main() {
    return run_suite(
        "publish_answer",
        {what_the_room_takes_is_answered_and_described, the_rooms_preference_counts_and_the_clients_within_it,
         what_the_room_does_not_take_is_rejected, what_is_not_sent_is_no_stream,
         hostile_offers_are_no_offers_or_harmless});
}
