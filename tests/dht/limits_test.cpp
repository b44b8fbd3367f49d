// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/limits.h"

#include <set>
#include <string>

#include "tests/check.h"

using namespace dht;

START_TEST(each_limit_has_a_name_of_its_own_and_a_default_within_its_bounds) {
    std::set<std::string> names;
    for (const auto& limit : limits()) {
        ck_assert(names.insert(limit.name).second);
        const auto usual = limit.get(NodeConfig{});
        ck_assert_msg(usual >= limit.least && usual <= limit.most, "%s", limit.name);
    }
}
END_TEST

START_TEST(what_is_set_is_what_is_got_and_nothing_else_changes) {
    for (const auto& changed : limits()) {
        NodeConfig config;
        const auto value = changed.get(config) == changed.least ? changed.most : changed.least;
        changed.set(config, value);
        ck_assert_uint_eq(changed.get(config), value);
        for (const auto& other : limits()) {
            if (&other != &changed) ck_assert_uint_eq(other.get(config), other.get(NodeConfig{}));
        }
    }
}
END_TEST

int main() {
    return run_suite("limits", {each_limit_has_a_name_of_its_own_and_a_default_within_its_bounds,
                                what_is_set_is_what_is_got_and_nothing_else_changes});
}
