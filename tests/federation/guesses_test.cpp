// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/guesses.h"

#include <chrono>
#include <string>

#include "dht/crypto.h"
#include "tests/check.h"

namespace {

using namespace std::chrono_literals;
using federation::Guesses;

dht::NodeId node(int number) {
    dht::SeededRandom random{static_cast<std::uint64_t>(number)};
    return random.node_id();
}

START_TEST(one_server_has_three_wrong_guesses_and_then_ever_fewer) {
    Guesses guesses;
    dht::Time now{1h};
    for (int i = 0; i < 3; ++i) ck_assert(guesses.begin("demo", node(1), now));
    ck_assert(!guesses.begin("demo", node(1), now + 59s));
    ck_assert(guesses.begin("other", node(1), now));
    now += 60s;
    ck_assert(guesses.begin("demo", node(1), now) && !guesses.begin("demo", node(1), now + 119s));
    int in_a_day = 0;
    for (const auto end = now + 24h; now < end; now += 10s) in_a_day += guesses.begin("demo", node(1), now);
    ck_assert_int_le(in_a_day, 32);
}
END_TEST

START_TEST(many_servers_have_few_guesses_together) {
    Guesses guesses;
    dht::Time now{1h};
    int at_once = 0;
    for (int i = 0; i < 1000; ++i) at_once += guesses.begin("demo", node(i), now);
    ck_assert_int_eq(at_once, 20);
    int in_an_hour = 0;
    for (int i = 1000; i < 4600; ++i) in_an_hour += guesses.begin("demo", node(i), now += 1s);
    ck_assert_int_le(in_an_hour, 361);
}
END_TEST

START_TEST(who_was_right_is_not_kept_out_by_those_who_guess) {
    Guesses guesses;
    const dht::Time now{1h};
    ck_assert(guesses.begin("demo", node(1), now));
    guesses.right("demo", node(1), now);
    for (int i = 2; i < 100; ++i) (void)guesses.begin("demo", node(i), now);
    ck_assert(!guesses.begin("demo", node(100), now));
    for (int i = 0; i < 50; ++i) {
        ck_assert(guesses.begin("demo", node(1), now));
        guesses.right("demo", node(1), now);
    }
}
END_TEST

START_TEST(what_is_long_ago_is_forgotten) {
    Guesses guesses;
    for (int i = 0; i < 10; ++i) (void)guesses.begin("demo" + std::to_string(i), node(i), dht::Time{1h});
    ck_assert(guesses.size() == 20);
    (void)guesses.begin("demo", node(11), dht::Time{4h});
    ck_assert(guesses.size() == 2);
}
END_TEST

}  // namespace

int main() {
    return run_suite(
        "guesses",
        {one_server_has_three_wrong_guesses_and_then_ever_fewer, many_servers_have_few_guesses_together,
         who_was_right_is_not_kept_out_by_those_who_guess, what_is_long_ago_is_forgotten});
}
