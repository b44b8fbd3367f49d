// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/keyframes.h"

#include "tests/check.h"
#include "tests/plugin/packets.h"

using namespace std::chrono_literals;
using plugin::asks_for_keyframe;
using plugin::KeyframeRequests;
using tests::Octets;

namespace {

constexpr dht::Time start{100s};
const Octets pli = {0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2};
const Octets fir = {0x84, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0, 0, 0};
const Octets report = {0x80, 201, 0, 1, 0, 0, 0, 1};
const Octets remb = {0x8f, 206, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, 'R', 'E', 'M', 'B', 1, 0, 0, 9, 0, 0, 0, 2};

Octets operator+(Octets a, const Octets& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

START_TEST(the_first_request_goes_and_the_next_waits) {
    KeyframeRequests requests;
    ck_assert(requests.ask(1, start));
    ck_assert(!requests.ask(1, start + 10ms));
    ck_assert(!requests.due(1, start + 10ms));
    ck_assert(!requests.due(1, start + 329ms));
    ck_assert(requests.due(1, start + 330ms));
    ck_assert(!requests.due(1, start + 900ms));
}
END_TEST

START_TEST(many_requests_become_one) {
    KeyframeRequests requests;
    int asked = 0;
    for (auto now = start; now < start + 3s; now += 10ms) {
        asked += requests.ask(1, now) ? 1 : 0;
        asked += requests.due(1, now) ? 1 : 0;
    }
    ck_assert_int_eq(asked, 10);
}
END_TEST

START_TEST(one_that_was_held_back_is_not_made_twice) {
    KeyframeRequests requests;
    ck_assert(requests.ask(1, start));
    ck_assert(!requests.ask(1, start + 1ms));
    ck_assert(requests.ask(1, start + 400ms));  // no packet came in between
    ck_assert(!requests.due(1, start + 800ms));
}
END_TEST

START_TEST(a_keyframe_that_comes_is_for_all_who_asked_before) {
    KeyframeRequests requests;
    ck_assert(requests.ask(1, start));
    ck_assert(!requests.ask(1, start + 10ms));
    requests.came(2);
    ck_assert(requests.any_held());
    requests.came(1);
    ck_assert(!requests.any_held());
    ck_assert(!requests.due(1, start + 400ms));
    ck_assert(requests.ask(1, start + 500ms));
    requests.came(1);
    ck_assert(!requests.ask(1, start + 510ms));  // it has lost some of it
    ck_assert(requests.due(1, start + 830ms));
}
END_TEST

START_TEST(each_mline_is_asked_by_itself) {
    KeyframeRequests requests;
    ck_assert(requests.ask(1, start));
    ck_assert(requests.ask(2, start));
    ck_assert(!requests.ask(1, start));
    ck_assert(!requests.due(2, start + 1s));
    ck_assert(requests.due(1, start + 1s));
}
END_TEST

START_TEST(requests_are_found_in_a_compound) {
    ck_assert(asks_for_keyframe(pli));
    ck_assert(asks_for_keyframe(fir));
    ck_assert(asks_for_keyframe(Octets{0x80, 192, 0, 1, 0, 0, 0, 1}));
    ck_assert(asks_for_keyframe(report + pli));
    ck_assert(!asks_for_keyframe(report + remb));
    ck_assert(asks_for_keyframe(plugin::picture_loss_indication));
}
END_TEST

START_TEST(the_rest_of_a_compound_stays) {
    ck_assert(plugin::without_keyframe_requests(pli).empty());
    ck_assert(plugin::without_keyframe_requests(report + pli + remb + fir) == report + remb);
}
END_TEST

START_TEST(lengths_that_lie_end_the_reading) {
    for (std::size_t size = 0; size < 12; ++size) {
        const Octets cut(pli.begin(), pli.begin() + static_cast<std::ptrdiff_t>(size));
        ck_assert(!asks_for_keyframe(cut));
        ck_assert(plugin::without_keyframe_requests(cut).empty());
    }
    ck_assert(!asks_for_keyframe(Octets{0x41, 206, 0, 0}));
    ck_assert(!asks_for_keyframe(Octets{0x80, 201, 0xff, 0xff} + pli));
}
END_TEST

}  // namespace

int main() {
    return run_suite("keyframes", {the_first_request_goes_and_the_next_waits, many_requests_become_one,
                                   one_that_was_held_back_is_not_made_twice,
                                   a_keyframe_that_comes_is_for_all_who_asked_before,
                                   each_mline_is_asked_by_itself, requests_are_found_in_a_compound,
                                   the_rest_of_a_compound_stays, lengths_that_lie_end_the_reading});
}
