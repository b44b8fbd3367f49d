// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/load.h"

#include "tests/check.h"

using namespace std::chrono_literals;
using plugin::Load;

namespace {

constexpr dht::Time start{1h};

START_TEST(what_is_told_follows_the_processor) {
    Load load{2};
    ck_assert(!load.sample(100, start, 0));  // whatever was used before
    std::optional<unsigned> told;
    double used = 100;
    for (int i = 1; i <= 30; ++i)
        if (const auto percent = load.sample(used += 5, start + i * 5s, 0)) told = percent;
    ck_assert_uint_eq(told.value_or(0), 50);  // one of two processors
    for (int i = 31; i <= 60; ++i)
        if (const auto percent = load.sample(used, start + i * 5s, 0)) told = percent;
    ck_assert_uint_eq(told.value_or(100), 0);
}
END_TEST

START_TEST(one_peak_is_not_told) {
    Load load{1};
    load.sample(0, start, 0);
    ck_assert(!load.sample(0.9, start + 5s, 0));
}
END_TEST

START_TEST(places_that_are_taken_count_when_they_run_short_first) {
    Load load{4};
    ck_assert_uint_eq(load.sample(0, start, 0.42).value_or(0), 40);
    ck_assert(!load.sample(0, start + 5s, 0.45));
    ck_assert_uint_eq(load.sample(0, start + 10s, 2).value_or(0), 100);
    ck_assert(!load.sample(0, start + 15s, 1));
}
END_TEST

START_TEST(a_clock_that_stands_still_changes_nothing) {
    Load load{1};
    load.sample(0, start, 0);
    ck_assert(!load.sample(50, start, 0));
}
END_TEST

START_TEST(this_process_has_used_some) {
    const double before = Load::processor_time();
    volatile double sum = 0;
    while (Load::processor_time() == before) sum = sum + 1;
    ck_assert(Load::processor_time() > before);
}
END_TEST

}  // namespace

int main() {
    return run_suite("load", {what_is_told_follows_the_processor, one_peak_is_not_told,
                              places_that_are_taken_count_when_they_run_short_first,
                              a_clock_that_stands_still_changes_nothing, this_process_has_used_some});
}
