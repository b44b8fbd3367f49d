// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/elements/rtcp.h"

#include "gst/init.h"
#include "tests/check.h"

using namespace elements;

namespace {

using Octets = std::vector<std::uint8_t>;

START_TEST(a_keyframe_request_is_read_as_one) {
    const auto feedback = read_feedback(keyframe_request(1, 2));
    ck_assert(feedback.keyframe);
    ck_assert(!feedback.bitrate);
}
END_TEST

START_TEST(a_lone_pli_as_browsers_send_it_is_understood) {
    const Octets pli = {0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2};
    ck_assert(read_feedback(pli).keyframe);
}
END_TEST

START_TEST(a_full_intra_request_asks_for_a_keyframe) {
    const Octets fir = {0x84, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0, 0, 0};
    ck_assert(read_feedback(fir).keyframe);
}
END_TEST

START_TEST(a_bitrate_report_tells_what_was_put_in) {
    for (const std::uint64_t bits : {1ULL, 64'000ULL, 262'143ULL, 2'000'000ULL, 987'654'321ULL}) {
        const auto read = read_feedback(bitrate_report(1, 2, bits)).bitrate;
        ck_assert(read.has_value());
        ck_assert_uint_le(*read, bits);  // the mantissa has 18 bits
        ck_assert_uint_ge(*read + bits / 100'000 + 1, bits);
    }
}
END_TEST

START_TEST(a_reception_report_asks_for_nothing) {
    const Octets rr = {0x80, 201, 0, 1, 0, 0, 0, 1};
    const auto feedback = read_feedback(rr);
    ck_assert(!feedback.keyframe && !feedback.bitrate);
}
END_TEST

START_TEST(whatever_is_cut_or_changed_does_no_harm) {
    for (const auto& good : {keyframe_request(1, 2), bitrate_report(1, 2, 5'000'000)}) {
        for (std::size_t size = 0; size < good.size(); ++size) read_feedback({good.data(), size});
        for (std::size_t at = 0; at < good.size(); ++at)
            for (const int value : {0, 1, 0x7f, 0xff}) {
                auto bad = good;
                bad[at] = static_cast<std::uint8_t>(value);
                read_feedback(bad);
                read_report(bad);
            }
    }
    read_feedback(Octets(5000, 0x81));
}
END_TEST

START_TEST(a_sender_report_comes_back_as_it_was) {
    const SenderReport report{0x12345678, 0x0102030405060708, 0x90abcdef, 17, 4711};
    const auto read = read_report(encode(report, "somebody"));
    ck_assert(read.has_value());
    ck_assert_uint_eq(read->ssrc, report.ssrc);
    ck_assert_uint_eq(read->ntp, report.ntp);
    ck_assert_uint_eq(read->timestamp, report.timestamp);
    ck_assert_uint_eq(read->packets, report.packets);
    ck_assert_uint_eq(read->octets, report.octets);
}
END_TEST

}  // namespace

int main() {
    gst::init();
    return run_suite("rtcp", {a_keyframe_request_is_read_as_one, a_lone_pli_as_browsers_send_it_is_understood,
                              a_full_intra_request_asks_for_a_keyframe,
                              a_bitrate_report_tells_what_was_put_in, a_reception_report_asks_for_nothing,
                              whatever_is_cut_or_changed_does_no_harm, a_sender_report_comes_back_as_it_was});
}
