// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/elements/keyframe_limit.h"

#include "tests/check.h"

using elements::KeyframeLimit;
using namespace std::chrono_literals;

namespace {

constexpr dht::Time start{};

START_TEST(the_first_request_passes) {
    KeyframeLimit limit;
    ck_assert(limit.ask(start));
    ck_assert(!limit.due());
}
END_TEST

START_TEST(thirty_viewers_at_once_get_one_keyframe) {
    KeyframeLimit limit;
    int made = 0;
    for (int i = 0; i < 30; ++i) made += limit.ask(start + std::chrono::milliseconds{i}) ? 1 : 0;
    ck_assert_int_eq(made, 1);
}
END_TEST

START_TEST(one_that_was_held_back_is_made_later) {
    KeyframeLimit limit;
    limit.ask(start);
    ck_assert(!limit.ask(start + 10ms));
    ck_assert(limit.due() == start + KeyframeLimit::least_interval);
    ck_assert(limit.ask(*limit.due()));
    ck_assert(!limit.due());
}
END_TEST

}  // namespace

int main() {
    return run_suite("keyframe_limit", {the_first_request_passes, thirty_viewers_at_once_get_one_keyframe,
                                        one_that_was_held_back_is_made_later});
}
