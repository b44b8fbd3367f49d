// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/layer_budget.h"

#include "tests/check.h"

using namespace std::chrono_literals;
using plugin::LayerBudget;
using plugin::LayerRates;
using Pictures = std::vector<LayerBudget::Picture>;
using Shares = std::vector<int>;

namespace {

constexpr dht::Time start{1h};
constexpr LayerRates rates = {70'000, 200'000, 700'000};

START_TEST(without_a_limit_everybody_gets_what_the_client_wants) {
    LayerBudget budget;
    ck_assert(budget.share({}, 0, {{rates, 2}, {rates, 1}, {{}, 0}}, start) == (Shares{2, 1, 0}));
    ck_assert(budget.share({}, 0, {}, start).empty());
}
END_TEST

START_TEST(the_highest_layer_that_fits_is_taken_at_once) {
    for (const auto& [limit, layer] : std::initializer_list<std::pair<std::uint64_t, int>>{
             {1'000'000, 2}, {700'000, 2}, {699'000, 1}, {200'000, 1}, {199'000, 0}, {1'000, 0}, {0, 0}}) {
        LayerBudget budget;
        ck_assert(budget.share(limit, 0, {{rates, 2}}, start) == Shares{layer});
    }
}
END_TEST

START_TEST(what_must_go_beside_the_pictures_counts) {
    LayerBudget budget;
    ck_assert(budget.share(720'000, 40'000, {{rates, 2}}, start) == Shares{1});
}
END_TEST

START_TEST(the_largest_of_several_pictures_gives_way_first) {
    LayerBudget budget;
    ck_assert(budget.share(1'000'000, 0, {{rates, 2}, {rates, 2}}, start) == (Shares{1, 2}));
    ck_assert(budget.share(500'000, 0, {{rates, 2}, {rates, 2}}, start + 1s) == (Shares{1, 1}));
    ck_assert(budget.share(100'000, 0, {{rates, 2}, {rates, 2}}, start + 2s) == (Shares{0, 0}));
}
END_TEST

START_TEST(a_client_that_wants_less_is_never_given_more) {
    LayerBudget budget;
    const Pictures pictures{{rates, 1}};
    ck_assert(budget.share(100'000, 0, pictures, start) == Shares{0});
    for (int i = 1; i < 100; ++i)
        ck_assert(budget.share(9'000'000, 0, pictures, start + i * 1s).front() <= 1);
    ck_assert(budget.share(9'000'000, 0, pictures, start + 100s) == Shares{1});
}
END_TEST

START_TEST(a_larger_layer_comes_back_after_a_while_and_one_step_at_a_time) {
    LayerBudget budget;
    const Pictures pictures{{rates, 2}};
    ck_assert(budget.share(100'000, 0, pictures, start) == Shares{0});
    ck_assert(budget.share(2'000'000, 0, pictures, start + 3s) == Shares{0});
    ck_assert(budget.share(2'000'000, 0, pictures, start + 4s) == Shares{1});
    ck_assert(budget.share(2'000'000, 0, pictures, start + 5s) == Shares{1});
    ck_assert(budget.share(2'000'000, 0, pictures, start + 8s) == Shares{2});
}
END_TEST

START_TEST(without_room_to_spare_nothing_is_tried) {
    LayerBudget budget;
    const Pictures pictures{{rates, 2}};
    ck_assert(budget.share(75'000, 0, pictures, start) == Shares{0});
    ck_assert(budget.share(75'000, 0, pictures, start + 60s) == Shares{0});
    // An estimate that only follows what is sent: more than that is a reason to try.
    ck_assert(budget.share(105'000, 0, pictures, start + 61s) == Shares{1});
}
END_TEST

/// How often the larger layer was tried within a time, on a path that does not carry it.
int tries(dht::Duration time) {
    LayerBudget budget;
    const Pictures pictures{{rates, 1}};
    budget.share(100'000, 0, pictures, start);
    int tries = 0;
    bool too_much = false;
    for (dht::Duration passed{1s}; passed < time; passed += 1s) {
        const int layer = budget.share(too_much ? 100'000 : 105'000, 0, pictures, start + passed).front();
        too_much = layer == 1;
        tries += layer;
    }
    return tries;
}

START_TEST(what_was_too_much_is_tried_ever_more_rarely) {
    ck_assert_int_eq(tries(20s), 2);
    ck_assert_int_le(tries(600s), 13);
    ck_assert_int_ge(tries(600s), 10);
}
END_TEST

START_TEST(what_has_proved_right_makes_the_next_try_as_soon_as_the_first) {
    LayerBudget budget;
    const Pictures pictures{{rates, 2}};
    budget.share(100'000, 0, pictures, start);
    ck_assert(budget.share(105'000, 0, pictures, start + 4s) == Shares{1});
    budget.share(100'000, 0, pictures, start + 5s);  // it was too much
    ck_assert(budget.share(300'000, 0, pictures, start + 12s) == Shares{0});
    ck_assert(budget.share(300'000, 0, pictures, start + 13s) == Shares{1});
    budget.share(220'000, 0, pictures, start + 23s);  // proved
    budget.share(100'000, 0, pictures, start + 30s);
    ck_assert(budget.share(300'000, 0, pictures, start + 34s) == Shares{1});
}
END_TEST

START_TEST(a_layer_that_has_not_come_is_guessed_from_the_others) {
    LayerBudget budget;
    ck_assert(budget.share(500'000, 0, {{{50'000, 0, 0}, 2}}, start) == Shares{1});  // 200, 800 kbit/s
    LayerBudget other;
    ck_assert(other.share(300'000, 0, {{{0, 0, 800'000}, 2}}, start) == Shares{1});
    LayerBudget unknown;
    ck_assert(unknown.share(1, 0, {{{}, 2}}, start) == Shares{2});
}
END_TEST

START_TEST(pictures_that_come_and_go_do_no_harm) {
    LayerBudget budget;
    ck_assert(budget.share(100'000, 0, {{rates, 2}}, start) == Shares{0});
    ck_assert(budget.share(100'000, 0, {{rates, 2}, {rates, 2}}, start) == (Shares{0, 0}));
    ck_assert(budget.share(100'000, 0, {}, start).empty());
    ck_assert(budget.share({}, 0, {{rates, 9}}, start) == Shares{2});
    ck_assert(budget.share({}, 0, {{rates, -1}}, start) == Shares{0});
}
END_TEST

}  // namespace

int main() {
    return run_suite(
        "layer_budget",
        {without_a_limit_everybody_gets_what_the_client_wants, the_highest_layer_that_fits_is_taken_at_once,
         what_must_go_beside_the_pictures_counts, the_largest_of_several_pictures_gives_way_first,
         a_client_that_wants_less_is_never_given_more,
         a_larger_layer_comes_back_after_a_while_and_one_step_at_a_time,
         without_room_to_spare_nothing_is_tried, what_was_too_much_is_tried_ever_more_rarely,
         what_has_proved_right_makes_the_next_try_as_soon_as_the_first,
         a_layer_that_has_not_come_is_guessed_from_the_others, pictures_that_come_and_go_do_no_harm});
}
