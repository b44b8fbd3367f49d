// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/simulcast_answer.h"

#include "tests/check.h"
#include "tests/plugin/same.h"

using plugin::with_layer_extensions;
using tests::same;

namespace {

const std::string head = "v=0\r\ns=-\r\n";
const std::string audio = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n";
const std::string video = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\n";
const std::string other = "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n";
const std::string names =
    "a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n"
    "a=extmap:11 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id\r\n";

START_TEST(the_names_are_put_back_where_they_were_offered) {
    ck_assert(same(with_layer_extensions(head + audio + video + other + video,
                                         head + audio + video + names + other + video),
                   head + audio + video + other + names + video));
}
END_TEST

START_TEST(what_an_answer_has_is_left_alone) {
    const std::string answer = head + audio + video + names;
    ck_assert(same(with_layer_extensions(answer, head + audio + video + names), answer));
}
END_TEST

START_TEST(an_offer_without_names_changes_nothing) {
    const std::string answer = head + audio + video + other;
    ck_assert(same(with_layer_extensions(answer, head + audio + video), answer));
}
END_TEST

START_TEST(a_rejected_mline_and_audio_stay_as_they_are) {
    const std::string answer = head + audio + "m=video 0 UDP/TLS/RTP/SAVPF 96\r\n";
    ck_assert(same(with_layer_extensions(answer, head + audio + names + video + names), answer));
}
END_TEST

START_TEST(a_last_line_without_an_end_gets_one) {
    ck_assert(same(with_layer_extensions("v=0\nm=video 9 x 96", "v=0\nm=video 9 x 96\n" + names),
                   "v=0\nm=video 9 x 96\r\n" + names));
}
END_TEST

START_TEST(more_mlines_than_were_offered_are_harmless) {
    ck_assert(same(with_layer_extensions(head + video + video, head + video), head + video + video));
    ck_assert(same(with_layer_extensions("", ""), ""));
    ck_assert(same(with_layer_extensions("\n", "m="), "\n"));
}
END_TEST

}  // namespace

int main() {
    return run_suite("simulcast_answer",
                     {the_names_are_put_back_where_they_were_offered, what_an_answer_has_is_left_alone,
                      an_offer_without_names_changes_nothing, a_rejected_mline_and_audio_stay_as_they_are,
                      a_last_line_without_an_end_gets_one, more_mlines_than_were_offered_are_harmless});
}
