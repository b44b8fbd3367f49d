// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/mlines.h"

#include "tests/check.h"

using plugin::parse_mlines;

namespace {

const std::string head = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";
const std::string audio = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\n";
const std::string video = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\n";
const std::string data =
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=mid:2\r\n";

plugin::MLine only(const std::string& media) {
    const auto mlines = parse_mlines(head + media);
    ck_assert(mlines.has_value());
    ck_assert_uint_eq(mlines->size(), 1);
    return mlines->front();
}

START_TEST(the_order_is_that_of_the_sdp) {
    const auto mlines = parse_mlines(head + audio + video + data);
    ck_assert(mlines.has_value());
    ck_assert_uint_eq(mlines->size(), 3);
    ck_assert(!mlines->at(0).video && !mlines->at(0).data);
    ck_assert(mlines->at(1).video && !mlines->at(1).data);
    ck_assert(!mlines->at(2).video && mlines->at(2).data);
}
END_TEST

START_TEST(a_rejected_mline_keeps_its_place) {
    const auto mlines = parse_mlines(head + "m=audio 0 UDP/TLS/RTP/SAVPF 0\r\n" + video);
    ck_assert(mlines.has_value());
    ck_assert_uint_eq(mlines->size(), 2);
    ck_assert(mlines->at(1).video);
}
END_TEST

START_TEST(the_header_extensions_are_found) {
    const auto a = only(audio + "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n");
    ck_assert_int_eq(a.audio_level, 1);
    ck_assert_int_eq(a.orientation, 0);
    const auto v = only(video + "a=extmap:13/recvonly urn:3gpp:video-orientation\r\n");
    ck_assert_int_eq(v.orientation, 13);
    ck_assert_int_eq(v.audio_level, 0);
    const auto more = only(video +
                           "a=extmap:5 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay\r\n"
                           "a=extmap:6 https://aomediacodec.github.io/av1-rtp-spec/"
                           "#dependency-descriptor-rtp-header-extension\r\n");
    ck_assert_int_eq(more.playout_delay, 5);
    ck_assert_int_eq(more.dependencies, 6);
}
END_TEST

START_TEST(the_formats_are_read_in_the_order_of_preference) {
    const auto v = only(
        "m=video 9 UDP/TLS/RTP/SAVPF 98 96 0 300 x\r\na=rtpmap:96 VP8/90000\r\na=rtpmap:98 H264/90000\r\n"
        "a=rtpmap:99 AV1/90000\r\na=rtpmap:98\r\na=rtpmap\r\n");
    ck_assert_uint_eq(v.formats.size(), 4);
    ck_assert_int_eq(v.formats[0].payload_type, 98);
    ck_assert(v.formats[0].name == "h264");
    ck_assert(v.format(96) == "vp8");
    ck_assert(v.format(0) == "pcmu");
    ck_assert(v.format(99).empty());
    ck_assert(!v.rejected);
    ck_assert(only("m=audio 0 UDP/TLS/RTP/SAVPF 8\r\n").rejected);
    ck_assert(only(data).formats.empty());
}
END_TEST

START_TEST(an_id_that_no_header_can_have_is_ignored) {
    for (const char* id : {"0", "-1", "256", "99999999999", "x", ""})
        ck_assert_int_eq(only(video + "a=extmap:" + id + " urn:3gpp:video-orientation\r\n").orientation, 0);
    ck_assert_int_eq(only(video + "a=extmap:255 urn:3gpp:video-orientation\r\n").orientation, 255);
}
END_TEST

START_TEST(what_is_no_sdp_gives_nothing) {
    for (const char* text : {"", "nonsense", "v=0", "{}", "\r\n\r\n"})
        ck_assert(!parse_mlines(text).has_value());
    ck_assert(!parse_mlines(std::string(1, '\0') + head + audio).has_value());
}
END_TEST

START_TEST(an_mline_of_too_few_words_is_harmless) {
    for (const char* text : {"m=", "m=\r\n", "m=audio\r\n", "m=audio 9\r\n", "m=video 9/9/9 x\r\n"})
        parse_mlines(head + text);
}
END_TEST

START_TEST(an_sdp_without_mlines_gives_nothing) {
    ck_assert(!parse_mlines(head).has_value());
}
END_TEST

START_TEST(sixty_four_mlines_are_the_most) {
    std::string sdp = head;
    for (std::size_t i = 0; i < plugin::mlines_max; ++i) sdp += audio;
    ck_assert(parse_mlines(sdp).has_value());
    ck_assert(!parse_mlines(sdp + audio).has_value());
}
END_TEST

START_TEST(an_extmap_without_a_value_is_ignored) {
    ck_assert_int_eq(only(audio + "a=extmap\r\na=extmap:\r\n").audio_level, 0);
}
END_TEST

}  // namespace

int main() {
    return run_suite("mlines", {the_order_is_that_of_the_sdp, a_rejected_mline_keeps_its_place,
                                the_header_extensions_are_found, an_id_that_no_header_can_have_is_ignored,
                                the_formats_are_read_in_the_order_of_preference, what_is_no_sdp_gives_nothing,
                                an_mline_of_too_few_words_is_harmless, an_sdp_without_mlines_gives_nothing,
                                sixty_four_mlines_are_the_most, an_extmap_without_a_value_is_ignored});
}
