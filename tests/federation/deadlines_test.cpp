// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/deadlines.h"

#include <chrono>
#include <string>

#include "federation/rate.h"
#include "tests/check.h"

namespace {

using namespace std::chrono_literals;

const dht::Time start{1s};

START_TEST(the_earliest_comes_first_and_only_when_due) {
    federation::Deadlines<std::string> deadlines;
    deadlines.set("late", start + 2s);
    deadlines.set("early", start + 1s);
    ck_assert(deadlines.next() == start + 1s);
    ck_assert(!deadlines.pop_due(start));
    ck_assert(deadlines.pop_due(start + 5s) == "early");
    ck_assert(deadlines.pop_due(start + 5s) == "late");
    ck_assert(!deadlines.pop_due(start + 5s) && !deadlines.next());
}
END_TEST

START_TEST(setting_again_moves_the_alarm) {
    federation::Deadlines<std::string> deadlines;
    deadlines.set("a", start);
    deadlines.set("a", start + 1s);
    ck_assert(!deadlines.pop_due(start));
    deadlines.clear("a");
    deadlines.clear("a");
    ck_assert(!deadlines.next());
}
END_TEST

START_TEST(a_rate_allows_a_burst_and_then_its_average) {
    federation::Rate rate{10, start};
    for (int i = 0; i < 20; ++i) ck_assert(rate.take(start));
    ck_assert(!rate.take(start));
    ck_assert(!rate.take(start + 50ms));
    ck_assert(rate.take(start + 120ms));
    ck_assert(!rate.take(start + 121ms));
}
END_TEST

}  // namespace

int main() {
    return run_suite("deadlines", {the_earliest_comes_first_and_only_when_due, setting_again_moves_the_alarm,
                                   a_rate_allows_a_burst_and_then_its_average});
}
