// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/sdp_check.h"

#include "tests/check.h"

using gst::read_sdp;
using gst::SdpKind;

namespace {

/// What webrtcbin 1.22 wrote.
const std::string offer =
    "v=0\r\n"
    "o=- 1754014087323447452 0 IN IP4 0.0.0.0\r\n"
    "s=-\r\n"
    "t=0 0\r\n"
    "a=ice-options:trickle\r\n"
    "a=group:BUNDLE video0\r\n"
    "m=video 9 UDP/TLS/RTP/SAVPF 100\r\n"
    "c=IN IP4 0.0.0.0\r\n"
    "a=setup:actpass\r\n"
    "a=ice-ufrag:RDWXNCdip0dOyMKv/Hl6jQ5ftZx6MxmV\r\n"
    "a=ice-pwd:+PEdAlqMMz/6DuI25bAzh4QwYBlC6EBN\r\n"
    "a=rtcp-mux\r\n"
    "a=rtcp-rsize\r\n"
    "a=sendrecv\r\n"
    "a=rtpmap:100 X-VIADUCT-LANES/90000\r\n"
    "a=rtcp-fb:100 nack pli\r\n"
    "a=ssrc:2215438463 msid:user91330011@host-32a65e4 webrtctransceiver0\r\n"
    "a=mid:video0\r\n"
    "a=fingerprint:sha-256 "
    "B2:3B:31:A3:70:9B:C5:18:C7:C9:D2:24:35:E3:0B:7A:12:D7:7C:48:E0:0A:D6:7C:15:95:DF:D6:90:8B:BD:EE\r\n"
    "a=rtcp-mux-only\r\n"
    "a=candidate:1 1 UDP 2015364095 192.0.2.1 60877 typ host\r\n";

std::string with(const std::string& from, const std::string& to) {
    std::string text = offer;
    const auto at = text.find(from);
    ck_assert_msg(at != std::string::npos, "%s", from.c_str());
    return text.replace(at, from.size(), to);
}

bool is_good(const std::string& text, SdpKind kind = SdpKind::offer) {
    return read_sdp(text, kind, {}).has_value();
}

}  // namespace

START_TEST(an_offer_of_webrtcbin_is_read) {
    const auto read = read_sdp(offer, SdpKind::offer, {});
    ck_assert(read.has_value());
    ck_assert_str_eq(read.value().mid.c_str(), "video0");
    ck_assert_str_eq(read.value().ice_ufrag.c_str(), "RDWXNCdip0dOyMKv/Hl6jQ5ftZx6MxmV");
    ck_assert_str_eq(read.value().setup.c_str(), "actpass");
    ck_assert_uint_eq(read.value().candidates.size(), 1);
}
END_TEST

START_TEST(what_is_written_is_read_again) {
    const auto once = read_sdp(offer, SdpKind::offer, {});
    const auto twice = read_sdp(write_sdp(once.value()), SdpKind::offer, {});
    ck_assert(twice.has_value());
    ck_assert(write_sdp(once.value()) == write_sdp(twice.value()));
}
END_TEST

START_TEST(nothing_of_the_peers_own_text_is_written) {
    const auto read = read_sdp(with("a=rtcp-rsize", "a=evil:1"), SdpKind::offer, {});
    ck_assert(read.has_value());
    ck_assert(write_sdp(read.value()).find("evil") == std::string::npos);
}
END_TEST

START_TEST(an_answer_takes_a_dtls_role) {
    ck_assert(!is_good(offer, SdpKind::answer));
    ck_assert(is_good(with("actpass", "active"), SdpKind::answer));
    ck_assert(is_good(with("actpass", "passive"), SdpKind::answer));
    ck_assert(!is_good(with("actpass", "active")));
}
END_TEST

START_TEST(hostile_descriptions_are_refused) {
    ck_assert(is_good(offer));
    const std::string m_line = "m=video 9 UDP/TLS/RTP/SAVPF 100\r\n";
    for (const char* needed :
         {"v=0\r\n", "a=mid:video0\r\n", "a=setup:actpass\r\n", "a=rtcp-mux\r\n", "a=sendrecv\r\n",
          "a=ice-ufrag:RDWXNCdip0dOyMKv/Hl6jQ5ftZx6MxmV\r\n",
          "a=ice-pwd:+PEdAlqMMz/6DuI25bAzh4QwYBlC6EBN\r\n", "a=rtpmap:100 X-VIADUCT-LANES/90000\r\n",
          "m=video 9 UDP/TLS/RTP/SAVPF 100\r\n", "a=fingerprint:sha-256 ",
          "a=candidate:1 1 UDP 2015364095 192.0.2.1 60877 typ host\r\n"})
        ck_assert_msg(!is_good(with(needed, "")), "without %s", needed);
    for (const auto& [from, to] : std::initializer_list<std::pair<std::string, std::string>>{
             {m_line, m_line + m_line},
             {m_line, m_line + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"},
             {m_line, "m=audio 9 UDP/TLS/RTP/SAVPF 100\r\n"},
             {m_line, "m=video 9 UDP/TLS/RTP/SAVPF 100 101\r\n"},
             {m_line, "m=video 9 RTP/AVP 100\r\n"},
             {"a=mid:video0", "a=mid:"},
             {"a=mid:video0", "a=mid:video0 x"},
             {"a=mid:video0", "a=mid:01234567890123456"},
             {"a=mid:video0", "a=mid:video0\r\na=mid:video1"},
             {"a=ice-ufrag:RDWXNCdip0dOyMKv/Hl6jQ5ftZx6MxmV", "a=ice-ufrag:abc"},
             {"a=ice-pwd:+PEd", "a=ice-pwd:+P Ed"},
             {"B2:3B", "B23:B"},
             {":BD:EE", ":BD"},
             {"sha-256", "sha-1"},
             {"a=setup:actpass", "a=setup:holdconn"},
             {"s=-", std::string("s=\0", 3)},
             {"s=-", "s=\x7f"},
             {"192.0.2.1", "example.com"}})
        ck_assert_msg(!is_good(with(from, to)), "%s", to.c_str());
    ck_assert(!is_good({}));
    ck_assert(!is_good(offer + std::string(20'000, 'a')));
}
END_TEST

START_TEST(candidates_and_lines_are_limited) {
    std::string many = offer, lines = offer;
    for (int i = 0; i < 32; ++i) many += "a=candidate:1 1 UDP 2015364095 192.0.2.1 60877 typ host\r\n";
    ck_assert(!is_good(many));
    for (int i = 0; i < 256; ++i) lines += "a=x\r\n";
    ck_assert(!is_good(lines));
}
END_TEST

START_TEST(a_description_needs_a_candidate_that_we_could_use) {
    const auto loopback = with("192.0.2.1", "127.0.0.1");
    ck_assert(!is_good(loopback));
    ck_assert(read_sdp(loopback, SdpKind::offer, {.loopback = true}).has_value());
}
END_TEST

int main() {
    return run_suite("sdp check", {an_offer_of_webrtcbin_is_read, what_is_written_is_read_again,
                                   nothing_of_the_peers_own_text_is_written, an_answer_takes_a_dtls_role,
                                   hostile_descriptions_are_refused, candidates_and_lines_are_limited,
                                   a_description_needs_a_candidate_that_we_could_use});
}
