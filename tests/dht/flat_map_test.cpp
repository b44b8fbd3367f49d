// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/flat_map.h"

#include <unordered_map>

#include "tests/dht/samples.h"

using namespace dht;

START_TEST(what_was_added_is_found_and_nothing_else) {
    FlatMap<std::size_t, int> map;
    ck_assert_ptr_null(map.find(1));
    map.add(1, 10);
    map.add(2, 20);
    ck_assert_int_eq(*map.find(1), 10);
    *map.find(2) = 21;
    ck_assert_int_eq(*std::as_const(map).find(2), 21);
    ck_assert_ptr_null(map.find(3));
    ck_assert_uint_eq(map.size(), 2);
}
END_TEST

START_TEST(it_agrees_with_a_map_of_the_library_through_growth_and_loss) {
    SeededRandom random{1};
    FlatMap<Endpoint, std::uint64_t> map;
    std::unordered_map<Endpoint, std::uint64_t> other;
    for (int i = 0; i < 20'000; ++i) {
        const auto number = random.below(3000);
        const auto key = Endpoint::v4(
            {10, 0, static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)}, 7);
        if (map.find(key) == nullptr) {
            map.add(key, number);
            other.emplace(key, number);
        }
        if (i % 2500 == 0) {
            const auto limit = random.below(3000);
            map.erase_if([&](const auto& entry) { return entry.value < limit; });
            std::erase_if(other, [&](const auto& entry) { return entry.second < limit; });
        }
        ck_assert_uint_eq(map.size(), other.size());
    }
    for (const auto& [key, value] : other) ck_assert_uint_eq(*map.find(key), value);
}
END_TEST

START_TEST(keys_of_one_hash_are_told_apart) {
    FlatMap<std::size_t, std::size_t> map;  // the library's hash of a number is the number
    for (std::size_t i = 0; i < 100; ++i) map.add(i << 32U, i);
    for (std::size_t i = 0; i < 100; ++i) ck_assert_uint_eq(*map.find(i << 32U), i);
    ck_assert_ptr_null(map.find(std::size_t{100} << 32U));
}
END_TEST

START_TEST(room_is_made_by_the_stale_and_never_for_more_than_may_be) {
    FlatMap<std::size_t, bool> map;
    const auto stale = [](const auto& entry) { return entry.value; };
    for (std::size_t i = 0; i < 1000; ++i) {
        ck_assert(map.make_room(100, stale));
        map.add(i, true);
        ck_assert_uint_le(map.size(), 100);
    }
    map.erase_if(stale);
    for (std::size_t i = 0; i < 100; ++i) {
        ck_assert(map.make_room(100, stale));
        map.add(i, i == 50);
    }
    ck_assert(map.make_room(100, stale));
    ck_assert_ptr_null(map.find(50));
    map.add(50, false);
    ck_assert(!map.make_room(100, stale));
    ck_assert_uint_eq(map.size(), 100);
}
END_TEST

int main() {
    return run_suite("flat_map", {what_was_added_is_found_and_nothing_else,
                                  it_agrees_with_a_map_of_the_library_through_growth_and_loss,
                                  keys_of_one_hash_are_told_apart,
                                  room_is_made_by_the_stale_and_never_for_more_than_may_be});
}
