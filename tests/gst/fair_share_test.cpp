// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/fair_share.h"

#include "tests/check.h"

using gst::fair_share;

START_TEST(who_wants_the_same_gets_the_same) {
    ck_assert_uint_eq(fair_share(900, {1000, 1000, 1000}), 300);
}
END_TEST

START_TEST(who_wants_little_gets_it_all) {
    // Two voices and two pictures: what the voices leave is shared.
    ck_assert_uint_eq(fair_share(1000, {50, 2000, 50, 2000}), 450);
}
END_TEST

START_TEST(what_nobody_wants_may_be_used) {
    ck_assert_uint_eq(fair_share(2000, {500}), 2000);
    ck_assert_uint_eq(fair_share(2000, {500, 500}), 1000);
    ck_assert_uint_eq(fair_share(2000, {}), 2000);
}
END_TEST

START_TEST(together_they_never_exceed_the_capacity) {
    for (const std::uint64_t capacity : {0, 1, 7, 1000, 123'457})
        for (const auto& wants : std::vector<std::vector<std::uint64_t>>{
                 {1, 2, 3}, {5, 5, 90'000}, {0, 0, 0, 1}, {70'000, 60'000, 1}}) {
            const auto level = fair_share(capacity, wants);
            std::uint64_t all = 0;
            for (const auto want : wants) all += std::min(want, level);
            ck_assert_uint_le(all, capacity);
        }
}
END_TEST

int main() {
    return run_suite("fair_share", {who_wants_the_same_gets_the_same, who_wants_little_gets_it_all,
                                    what_nobody_wants_may_be_used, together_they_never_exceed_the_capacity});
}
