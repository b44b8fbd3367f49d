// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/layer_budget.h"

#include <algorithm>

#include "tests/check.h"

using namespace std::chrono_literals;
using plugin::LayerBudget;
using plugin::LayerRates;
using Pictures = std::vector<LayerBudget::Picture>;
using Share = LayerBudget::Share;

namespace {

constexpr dht::Time start{1h};
/// Of three sizes without temporal layers.
constexpr LayerRates sizes(std::uint64_t small, std::uint64_t middle, std::uint64_t large) {
    return {{small, 0, 0, middle, 0, 0, large, 0, 0}};
}
constexpr LayerRates rates = sizes(70'000, 200'000, 700'000);

/// The sizes only.
struct Budget {
    LayerBudget budget{};
    std::vector<int> share(std::optional<std::uint64_t> limit, std::uint64_t rest, const Pictures& pictures,
                           dht::Time now) {
        std::vector<int> sizes;
        for (const auto& share : budget.share(limit, rest, pictures, now)) sizes.push_back(share.size);
        return sizes;
    }
};
using Shares = std::vector<int>;

START_TEST(without_a_limit_everybody_gets_what_the_client_wants) {
    Budget budget;
    ck_assert(budget.share({}, 0, {{rates, {2, 2}}, {rates, {1, 2}}, {{}, {0, 2}}}, start) ==
              (Shares{2, 1, 0}));
    ck_assert(budget.share({}, 0, {}, start).empty());
}
END_TEST

START_TEST(the_highest_layer_that_fits_is_taken_at_once) {
    for (const auto& [limit, layer] : std::initializer_list<std::pair<std::uint64_t, int>>{
             {1'000'000, 2}, {700'000, 2}, {699'000, 1}, {200'000, 1}, {199'000, 0}, {1'000, 0}, {0, 0}}) {
        Budget budget;
        ck_assert(budget.share(limit, 0, {{rates, {2, 2}}}, start) == Shares{layer});
    }
}
END_TEST

START_TEST(what_must_go_beside_the_pictures_counts) {
    Budget budget;
    ck_assert(budget.share(720'000, 40'000, {{rates, {2, 2}}}, start) == Shares{1});
}
END_TEST

START_TEST(the_largest_of_several_pictures_gives_way_first) {
    Budget budget;
    ck_assert(budget.share(1'000'000, 0, {{rates, {2, 2}}, {rates, {2, 2}}}, start) == (Shares{1, 2}));
    ck_assert(budget.share(500'000, 0, {{rates, {2, 2}}, {rates, {2, 2}}}, start + 1s) == (Shares{1, 1}));
    ck_assert(budget.share(100'000, 0, {{rates, {2, 2}}, {rates, {2, 2}}}, start + 2s) == (Shares{0, 0}));
}
END_TEST

START_TEST(a_client_that_wants_less_is_never_given_more) {
    Budget budget;
    const Pictures pictures{{rates, {1, 2}}};
    ck_assert(budget.share(100'000, 0, pictures, start) == Shares{0});
    for (int i = 1; i < 100; ++i)
        ck_assert(budget.share(9'000'000, 0, pictures, start + i * 1s).front() <= 1);
    ck_assert(budget.share(9'000'000, 0, pictures, start + 100s) == Shares{1});
}
END_TEST

START_TEST(a_larger_layer_comes_back_after_a_while_and_one_step_at_a_time) {
    Budget budget;
    const Pictures pictures{{rates, {2, 2}}};
    ck_assert(budget.share(100'000, 0, pictures, start) == Shares{0});
    ck_assert(budget.share(2'000'000, 0, pictures, start + 3s) == Shares{0});
    ck_assert(budget.share(2'000'000, 0, pictures, start + 4s) == Shares{1});
    ck_assert(budget.share(2'000'000, 0, pictures, start + 5s) == Shares{1});
    ck_assert(budget.share(2'000'000, 0, pictures, start + 8s) == Shares{2});
}
END_TEST

START_TEST(as_many_pictures_as_fit_come_back_at_once) {
    const Pictures twenty(20, {rates, {2, 2}});
    Budget budget;
    ck_assert(budget.share(100'000, 0, twenty, start) == Shares(20, 0));
    // 20 small ones take 1.4 Mbit/s, each that is larger 130 kbit/s more; some room is spared.
    auto shares = budget.share(2'500'000, 0, twenty, start + 4s);
    ck_assert_int_eq(std::ranges::count(shares, 1), 5);
    ck_assert_int_eq(std::ranges::count(shares, 0), 15);
    shares = budget.share(9'000'000, 0, twenty, start + 8s);
    ck_assert_int_eq(std::ranges::count(shares, 2), 5);
    ck_assert_int_eq(std::ranges::count(shares, 1), 15);
}
END_TEST

START_TEST(without_room_to_spare_nothing_is_tried) {
    Budget budget;
    const Pictures pictures{{rates, {2, 2}}};
    ck_assert(budget.share(75'000, 0, pictures, start) == Shares{0});
    ck_assert(budget.share(75'000, 0, pictures, start + 60s) == Shares{0});
    // An estimate that only follows what is sent: more than that is a reason to try.
    ck_assert(budget.share(105'000, 0, pictures, start + 61s) == Shares{1});
}
END_TEST

/// How often the larger layer was tried within a time, on a path that does not carry it.
int tries(dht::Duration time) {
    Budget budget;
    const Pictures pictures{{rates, {1, 2}}};
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

START_TEST(a_path_that_carries_twice_as_much_is_tried_again_at_once) {
    Budget budget;
    const Pictures pictures{{rates, {1, 2}}};
    dht::Time now = start;
    for (const auto wait : {4s, 8s, 16s}) {
        budget.share(100'000, 0, pictures, now);
        ck_assert(budget.share(105'000, 0, pictures, now + wait - 1s) == Shares{0});
        now += wait;
        ck_assert(budget.share(105'000, 0, pictures, now) == Shares{1});
        now += 1s;
    }
    budget.share(100'000, 0, pictures, now);
    ck_assert(budget.share(199'000, 0, pictures, now + 5s) == Shares{0});
    ck_assert(budget.share(201'000, 0, pictures, now + 6s) == Shares{1});
}
END_TEST

START_TEST(what_has_proved_right_makes_the_next_try_as_soon_as_the_first) {
    Budget budget;
    const Pictures pictures{{rates, {2, 2}}};
    budget.share(100'000, 0, pictures, start);
    ck_assert(budget.share(105'000, 0, pictures, start + 4s) == Shares{1});
    budget.share(100'000, 0, pictures, start + 5s);  // it was too much
    ck_assert(budget.share(199'000, 0, pictures, start + 12s) == Shares{0});
    ck_assert(budget.share(199'000, 0, pictures, start + 13s) == Shares{1});
    budget.share(220'000, 0, pictures, start + 23s);  // proved
    budget.share(100'000, 0, pictures, start + 30s);
    ck_assert(budget.share(300'000, 0, pictures, start + 34s) == Shares{1});
}
END_TEST

START_TEST(a_layer_that_has_not_come_is_guessed_from_the_others) {
    Budget budget;
    ck_assert(budget.share(500'000, 0, {{sizes(50'000, 0, 0)}}, start) == Shares{1});  // 200, 800 kbit/s
    Budget other;
    ck_assert(other.share(300'000, 0, {{sizes(0, 0, 800'000)}}, start) == Shares{1});
    Budget unknown;
    ck_assert(unknown.share(1, 0, {{}}, start) == Shares{2});
}
END_TEST

START_TEST(pictures_that_come_and_go_do_no_harm) {
    Budget budget;
    ck_assert(budget.share(100'000, 0, {{rates, {2, 2}}}, start) == Shares{0});
    ck_assert(budget.share(100'000, 0, {{rates, {2, 2}}, {rates, {2, 2}}}, start) == (Shares{0, 0}));
    ck_assert(budget.share(100'000, 0, {}, start).empty());
    ck_assert(budget.share({}, 0, {{rates, {9, 2}}}, start) == Shares{2});
    ck_assert(budget.share({}, 0, {{rates, {-1, 2}}}, start) == Shares{0});
}
END_TEST

/// 30, 15 and 7.5 pictures a second of three sizes: each temporal layer adds about as much as it stands on.
constexpr LayerRates layers = {{30'000, 20'000, 20'000, 80'000, 60'000, 60'000, 300'000, 200'000, 200'000}};

START_TEST(fewer_pictures_of_a_size_come_before_a_smaller_one) {
    for (const auto& [limit, share] :
         std::initializer_list<std::pair<std::uint64_t, Share>>{{700'000, {2, 2}},
                                                                {600'000, {2, 1}},
                                                                {499'000, {1, 2}},
                                                                {199'000, {1, 1}},
                                                                {139'000, {0, 2}},
                                                                {69'000, {0, 1}},
                                                                {49'000, {0, 0}},
                                                                {1'000, {0, 0}}}) {
        LayerBudget budget;
        ck_assert(budget.share(limit, 0, {{layers}}, start).front() == share);
    }
}
END_TEST

START_TEST(a_picture_of_one_size_gives_pictures_up) {
    const LayerRates one = {{100'000, 60'000, 50'000}};
    const Pictures pictures{{one, {}, false, false}};
    LayerBudget budget;
    ck_assert(budget.share(250'000, 0, pictures, start).front() == (Share{2, 2}));
    ck_assert(budget.share(180'000, 0, pictures, start).front() == (Share{2, 1}));
    ck_assert(budget.share(120'000, 0, pictures, start).front() == (Share{2, 0}));
    ck_assert(budget.share(10'000, 0, pictures, start).front() == (Share{2, 0}));
    LayerBudget flat;
    ck_assert(flat.share(10'000, 0, {{{{90'000}}, {}, false, false}}, start).front() == (Share{2, 2}));
}
END_TEST

START_TEST(larger_layers_of_a_nested_picture_cost_the_smaller_ones_too) {
    LayerBudget budget;
    const Pictures pictures{{layers, {}, true}};  // 70, 270, 970
    ck_assert(budget.share(970'000, 0, pictures, start).front() == (Share{2, 2}));
    ck_assert(budget.share(960'000, 0, pictures, start).front() == (Share{2, 1}));
    ck_assert(budget.share(689'000, 0, pictures, start).front() == (Share{1, 2}));
    ck_assert(budget.share(269'000, 0, pictures, start).front() == (Share{1, 1}));
}
END_TEST

START_TEST(of_what_comes_back_as_many_pictures_come_as_fit) {
    LayerBudget budget;
    budget.share(49'000, 0, {{layers}}, start);
    ck_assert(budget.share(60'000, 0, {{layers}}, start + 4s).front() == (Share{0, 1}));
    ck_assert(budget.share(100'000, 0, {{layers}}, start + 8s).front() == (Share{0, 2}));
    ck_assert(budget.share(400'000, 0, {{layers}}, start + 12s).front() == (Share{1, 2}));
}
END_TEST

START_TEST(a_client_that_wants_fewer_pictures_gets_no_more_and_they_cost_less) {
    LayerBudget budget;
    ck_assert(budget.share(310'000, 0, {{layers, {2, 0}}}, start).front().size == 2);
    ck_assert(budget.share(290'000, 0, {{layers, {2, 0}}}, start).front().size == 1);
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
         as_many_pictures_as_fit_come_back_at_once, without_room_to_spare_nothing_is_tried,
         what_was_too_much_is_tried_ever_more_rarely,
         a_path_that_carries_twice_as_much_is_tried_again_at_once,
         what_has_proved_right_makes_the_next_try_as_soon_as_the_first,
         a_layer_that_has_not_come_is_guessed_from_the_others, pictures_that_come_and_go_do_no_harm,
         fewer_pictures_of_a_size_come_before_a_smaller_one, a_picture_of_one_size_gives_pictures_up,
         larger_layers_of_a_nested_picture_cost_the_smaller_ones_too,
         of_what_comes_back_as_many_pictures_come_as_fit,
         a_client_that_wants_fewer_pictures_gets_no_more_and_they_cost_less});
}
