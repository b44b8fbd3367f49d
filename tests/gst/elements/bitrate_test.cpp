// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/elements/bitrate.h"

#include "tests/check.h"

using elements::BitrateTarget;
using namespace std::chrono_literals;

namespace {

constexpr dht::Time start{};
const BitrateTarget::Bounds bounds{100'000, 2'000'000, 8'000'000};

START_TEST(without_reports_it_is_what_was_set) {
    BitrateTarget target{bounds};
    ck_assert_uint_eq(target.current(), 2'000'000);
    ck_assert(!target.change(start));
}
END_TEST

START_TEST(the_least_report_counts) {
    BitrateTarget target{bounds};
    target.reported("a", 3'000'000, start);
    target.reported("b", 700'000, start);
    ck_assert_uint_eq(*target.change(start), 700'000);
}
END_TEST

START_TEST(no_viewer_drives_it_out_of_its_bounds) {
    BitrateTarget target{bounds};
    target.reported("a", 1, start);
    ck_assert_uint_eq(*target.change(start), 100'000);
    for (auto now = start; now < start + 200s; now += 1s) {
        target.reported("a", 1'000'000'000, now);
        target.change(now);
    }
    ck_assert_uint_eq(target.current(), 8'000'000);
}
END_TEST

START_TEST(it_falls_at_once_and_rises_bit_by_bit) {
    BitrateTarget target{bounds};
    target.reported("a", 500'000, start);
    target.change(start);
    target.reported("a", 5'000'000, start);
    ck_assert_uint_le(*target.change(start), 541'000);
}
END_TEST

START_TEST(it_rises_once_a_second_however_often_it_is_told) {
    BitrateTarget target{bounds};
    target.reported("a", 500'000, start);
    target.change(start);
    target.reported("a", 5'000'000, start);
    ck_assert(target.change(start));
    ck_assert(!target.change(start + 900ms));
    ck_assert(target.change(start + 1s));
}
END_TEST

START_TEST(it_moves_until_it_is_back_where_it_began) {
    BitrateTarget target{bounds};
    ck_assert(!target.is_moving());
    target.reported("a", 1'000'000, start);
    target.change(start);
    ck_assert(target.is_moving());
    auto now = start;
    for (; target.is_moving() && now < start + 60s; now += 1s) target.change(now);
    ck_assert(now < start + 20s);
    ck_assert_uint_ge(target.current(), 1'900'000);
}
END_TEST

START_TEST(who_has_left_holds_nobody_back) {
    BitrateTarget target{bounds};
    target.reported("a", 500'000, start);
    target.reported("b", 2'000'000, start);
    target.change(start);
    target.left("a");
    for (auto now = start; now < start + 50s; now += 1s) target.change(now);
    ck_assert_uint_ge(target.current(), 1'900'000);
}
END_TEST

START_TEST(who_reports_no_more_is_forgotten) {
    BitrateTarget target{bounds};
    target.reported("a", 500'000, start);
    target.change(start);
    for (auto now = start + 6s; now < start + 56s; now += 1s) target.change(now);
    ck_assert_uint_ge(target.current(), 1'900'000);
}
END_TEST

START_TEST(small_changes_do_not_reach_the_encoder) {
    BitrateTarget target{bounds};
    target.reported("a", 1'960'000, start);
    ck_assert(!target.change(start));
}
END_TEST

START_TEST(bounds_that_contradict_each_other_are_put_in_order) {
    BitrateTarget target{{1'000'000, 10, 500'000}};
    ck_assert_uint_eq(target.current(), 1'000'000);
}
END_TEST

}  // namespace

int main() {
    return run_suite("bitrate", {without_reports_it_is_what_was_set, the_least_report_counts,
                                 no_viewer_drives_it_out_of_its_bounds, it_falls_at_once_and_rises_bit_by_bit,
                                 it_rises_once_a_second_however_often_it_is_told,
                                 it_moves_until_it_is_back_where_it_began, who_has_left_holds_nobody_back,
                                 who_reports_no_more_is_forgotten, small_changes_do_not_reach_the_encoder,
                                 bounds_that_contradict_each_other_are_put_in_order});
}
